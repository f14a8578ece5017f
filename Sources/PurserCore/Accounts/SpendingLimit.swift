/// A span of time in which spending is counted, in whole UTC days.
package enum SpendingWindow: Sendable, Hashable {
    case day
    /// From Monday on.
    case week
    case month
    /// From that day of each month on, 1 to 28: a billing cycle.
    case cycle(day: Int)
    /// From the beginning, without end.
    case total

    /// The kind, as it is stored and shown: a member or the team has one limit of each.
    package enum Kind: String, Sendable, CaseIterable, Comparable {
        case day, week, month, cycle, total

        package static func < (a: Kind, b: Kind) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    package var kind: Kind {
        switch self {
        case .day: .day
        case .week: .week
        case .month: .month
        case .cycle: .cycle
        case .total: .total
        }
    }

    /// The days of the window that holds `now`; `nil`, all of them.
    package func days(at now: Timestamp) -> Range<CalendarDay>? {
        let today = CalendarDay(now)
        switch self {
        case .day: return today..<CalendarDay(number: today.number + 1)
        case .week:
            return today.monday..<CalendarDay(number: today.monday.number + 7)
        case .month: return today.latest(dayOfMonth: 1)..<today.next(dayOfMonth: 1)
        case .cycle(let day): return today.latest(dayOfMonth: day)..<today.next(dayOfMonth: day)
        case .total: return nil
        }
    }

    /// After an amount: "a day", "in each cycle from day 5".
    package var words: String {
        switch self {
        case .day: "a day"
        case .week: "a week"
        case .month: "a month"
        case .cycle(let day): "in each cycle from day \(day)"
        case .total: "in all"
        }
    }
}

/// The most that may be spent in each window.
package struct SpendingLimit: Sendable, Equatable {
    package let window: SpendingWindow
    package let credits: Credits
    /// The percentage from which on a claim carries a warning.
    package let warnAt: Int?

    package init(window: SpendingWindow, credits: Credits, warnAt: Int? = nil) {
        self.window = window
        self.credits = credits
        self.warnAt = warnAt
    }

    /// `500 a day (warning at 80 %)`, for people and the audit trail.
    package var words: String {
        "\(credits) \(window.words)" + (warnAt.map { " (warning at \($0) %)" } ?? "")
    }
}

/// Whose spending a limit is for.
package enum SpendingOwner: Sendable, Hashable {
    case member(MemberID)
    case team

    /// The id under which sums and limits are stored: the team's is all zeros, which is no member's.
    package var id: MemberID {
        switch self {
        case .member(let id): id
        case .team: MemberID(high: 0, low: 0)
        }
    }
}

/// How far a limit is used up.
package struct SpendingStatus: Sendable, Equatable {
    package let owner: SpendingOwner
    package let limit: SpendingLimit
    /// Charged in the window, less what came back in it: below 0 where earlier work was refunded.
    package let spent: Credits
    /// Holds that are not decided, whenever they were taken.
    package let held: Credits
    /// When the next window begins; `nil`, never.
    package let resetsAt: Timestamp?

    package init(
        owner: SpendingOwner,
        limit: SpendingLimit,
        spent: Credits,
        held: Credits,
        resetsAt: Timestamp?
    ) {
        self.owner = owner
        self.limit = limit
        self.spent = spent
        self.held = held
        self.resetsAt = resetsAt
    }

    /// What may still be held in this window, 0 at least.
    package var left: Credits {
        let left = limit.credits.amount - spent.amount - held.amount
        return Credits(unchecked: min(max(0, left), Credits.limit))
    }

    /// `500 a day: 300 spent, 100 held`.
    package var words: String { "\(limit.words): \(spent) spent, \(held) held" }

    /// The same with `more` held too.
    func holding(_ more: Credits) -> SpendingStatus {
        SpendingStatus(
            owner: owner,
            limit: limit,
            spent: spent,
            held: Credits(unchecked: min(held.amount + more.amount, Credits.limit)),
            resetsAt: resetsAt
        )
    }

    /// Whether this limit's warning is due once `more` is held too.
    package func warns(after more: Credits = .zero) -> Bool {
        guard let warnAt = limit.warnAt else { return false }
        let used = Int128(spent.amount) + Int128(held.amount) + Int128(more.amount)
        return used * 100 >= Int128(limit.credits.amount) * Int128(warnAt)
    }
}
