/// The whole UTC days that a report is about.
package enum ReportSpan: Sendable, Equatable {
    /// From a day on, up to the day before another; `nil`, without that end.
    case days(from: CalendarDay?, before: CalendarDay?)
    /// Each account from its last renewal on, up to this day; from the first of the month on where its renewal day is not
    /// known.
    case cycles(on: CalendarDay)

    /// The days that hold `from` and everything before `to`.
    package static func days(holding from: Timestamp?, _ to: Timestamp?) -> ReportSpan {
        .days(
            from: from.map { CalendarDay($0) },
            before: to.map { CalendarDay(number: CalendarDay($0 - .milliseconds(1)).number + 1) }
        )
    }

    /// The first day of it that counts for an account that renews on `renewalDay`; `nil`, from the beginning.
    package func first(renewingOn renewalDay: Int?) -> CalendarDay? {
        switch self {
        case .days(let from, _): from
        case .cycles(let today): today.latest(dayOfMonth: renewalDay ?? 1)
        }
    }

    /// The day after the last.
    package var end: CalendarDay? {
        switch self {
        case .days(_, let before): before
        case .cycles(let today): CalendarDay(number: today.number + 1)
        }
    }
}

/// What kept sums of usage can be told apart by.
package enum UsageDimension: Sendable, Hashable, CaseIterable {
    case day, account, member, model
}

/// What a report asks for, to be read as one state.
package struct ReportQuery: Sendable {
    package let span: ReportSpan
    /// One list of rows is answered for each.
    package var usage: [Set<UsageDimension>]
    /// Only what was spent for them, and their own budget.
    package var member: MemberID?
    /// Whether movements of the books and failures of jobs are asked for too.
    package var hasLedger: Bool
    /// Whether members and their budgets are asked for too.
    package var hasMembers: Bool

    package init(
        over span: ReportSpan,
        usage: [Set<UsageDimension>] = [],
        of member: MemberID? = nil,
        hasLedger: Bool = false,
        hasMembers: Bool = false
    ) {
        self.span = span
        self.usage = usage
        self.member = member
        self.hasLedger = hasLedger
        self.hasMembers = hasMembers
    }
}

/// Sums that were kept as entries were written.
package struct ReportSums: Sendable, Equatable {
    /// One list for each that was asked for, in the same order.
    package let usage: [[UsageRow]]
    package let movements: [MovementSum]
    package let failures: [FailureSum]
    /// By name, whatever the span.
    package let members: [MemberOverview]

    package init(
        usage: [[UsageRow]],
        movements: [MovementSum],
        failures: [FailureSum],
        members: [MemberOverview] = []
    ) {
        self.usage = usage
        self.movements = movements
        self.failures = failures
        self.members = members
    }
}

/// What was spent, told apart by what was asked for; all else is `nil`.
package struct UsageRow: Sendable, Equatable {
    package let day: CalendarDay?
    package let accountID: AccountID?
    /// Of an account that was removed, its `removedLabel`: its name can be given again.
    package let accountName: String?
    /// The account's tier today.
    package let tier: Tier?
    package let memberID: MemberID?
    package let memberName: String?
    package let modelID: ModelID?
    package let videos: Int
    package let charged: Credits
    package let refunded: Credits

    package init(
        day: CalendarDay?,
        accountID: AccountID?,
        accountName: String?,
        tier: Tier?,
        memberID: MemberID?,
        memberName: String?,
        modelID: ModelID?,
        videos: Int,
        charged: Credits,
        refunded: Credits
    ) {
        self.day = day
        self.accountID = accountID
        self.accountName = accountName
        self.tier = tier
        self.memberID = memberID
        self.memberName = memberName
        self.modelID = modelID
        self.videos = videos
        self.charged = charged
        self.refunded = refunded
    }
}

/// What moved an account or a budget on one day, but for holds and their endings.
package struct MovementSum: Sendable, Equatable {
    package let day: CalendarDay
    package let ledgerAccount: LedgerAccountID
    /// The account's, its `removedLabel` where it was removed, or the member's.
    package let name: String
    /// The account's tier today; `nil` of a member's budget.
    package let tier: Tier?
    /// `open`, `refill`, `period_close`, `refund` or `adjust`.
    package let kind: EntryKind
    /// Of an adjustment.
    package let cause: AdjustmentCause?
    package let entries: Int
    package let amount: Credits

    package init(
        day: CalendarDay,
        ledgerAccount: LedgerAccountID,
        name: String,
        tier: Tier?,
        kind: EntryKind,
        cause: AdjustmentCause?,
        entries: Int,
        amount: Credits
    ) {
        self.day = day
        self.ledgerAccount = ledgerAccount
        self.name = name
        self.tier = tier
        self.kind = kind
        self.cause = cause
        self.entries = entries
        self.amount = amount
    }
}

/// Jobs that ended badly on one day.
package struct FailureSum: Sendable, Equatable {
    package let day: CalendarDay
    package let accountID: AccountID
    /// Of an account that was removed, its `removedLabel`.
    package let accountName: String
    /// The account's tier today.
    package let tier: Tier
    package let memberName: String
    package let modelID: ModelID
    /// `failed`, `canceled` or `filtered`.
    package let state: JobState
    package let jobs: Int
    /// What they cost before anything came back.
    package let price: Credits

    package init(
        day: CalendarDay,
        accountID: AccountID,
        accountName: String,
        tier: Tier,
        memberName: String,
        modelID: ModelID,
        state: JobState,
        jobs: Int,
        price: Credits
    ) {
        self.day = day
        self.accountID = accountID
        self.accountName = accountName
        self.tier = tier
        self.memberName = memberName
        self.modelID = modelID
        self.state = state
        self.jobs = jobs
        self.price = price
    }
}

extension Store {
    /// What was spent in the whole UTC days that hold `from` and everything before `to`, by account, member and model.
    package func usage(from: Timestamp?, to: Timestamp?) async throws -> [UsageRow] {
        try await usage([.account, .member, .model], over: .days(holding: from, to))
    }

    /// What was spent in a span, told apart by `dimensions`; with `member`, only what was spent for them.
    package func usage(
        _ dimensions: Set<UsageDimension>,
        over span: ReportSpan,
        of member: MemberID? = nil
    ) async throws -> [UsageRow] {
        let query = ReportQuery(over: span, usage: [dimensions], of: member)
        return try await reportSums(query).usage.first ?? []
    }
}
