/// What came of comparing a reading with the books.
package enum Reconciliation: Sendable, Equatable {
    /// The account's first reading: it opened its ledger account.
    case opened(Credits)
    /// The reading is what the books say, and nothing waits to be decided.
    case agrees
    /// The reading is possible but something waits; a second equal reading from `again` on decides it.
    case waits(difference: Credits, again: Timestamp)
    /// No combination of what waits explains the reading by this much. Not booked yet, because the
    /// account is not at a quiet point; an operator should know now.
    case outside(by: Credits)
    /// The differences were booked by cause; posted equals the reading.
    case booked([Booking])
}

/// One difference, booked by its cause.
package enum Booking: Sendable, Equatable {
    case refund(DueRefund)
    case charge(OpenHold, actual: Credits)
    case free(OpenHold)
    case adjust(Credits, AdjustmentCause)
    case periodClose(unused: Credits, period: CalendarDay)
    case refill(Credits, period: CalendarDay)
}

/// A refund that the provider owes for a failed job.
package struct DueRefund: Sendable, Equatable {
    package let jobID: JobID
    package let holdSequence: Int64
    package let amount: Credits
    package let dueSince: Timestamp

    package init(jobID: JobID, holdSequence: Int64, amount: Credits, dueSince: Timestamp) {
        self.jobID = jobID
        self.holdSequence = holdSequence
        self.amount = amount
        self.dueSince = dueSince
    }
}

/// The state of one account's books at the moment of a reading, and the rule that judges it.
///
/// Safety does not depend on the reading: nothing that may have been charged is released without a quiet point, where
/// nothing is under way and two equal readings lie at least `quietAfter` apart. The service is
/// known to answer stale numbers and to refund late, so one reading proves nothing.
package struct ReconciliationState: Sendable {
    package let balance: Balance
    /// Unknown holds, oldest first.
    package let unknown: [OpenHold]
    /// The sum of holds under way.
    package let underWay: Credits
    /// Refunds due and not seen, oldest first.
    package let refundsDue: [DueRefund]
    /// The prices of jobs that are not known to have ended: any of them may have failed and been given back already.
    package let openJobs: Credits
    /// What was settled within the last `quietAfter`; the provider's number may not show it yet.
    package let recentlySettled: Credits
    /// Since when every reading equalled this one with no movement in the books; `nil`: this is the first.
    package let equalSince: Timestamp?
    package let monthlyCredits: Credits?
    package let renewsOnDay: Int?
    /// The last billing period that was booked, or the day on which the account was opened.
    package let period: CalendarDay
    package let quietAfter: Duration

    package init(
        balance: Balance,
        unknown: [OpenHold],
        underWay: Credits,
        refundsDue: [DueRefund],
        openJobs: Credits = .zero,
        recentlySettled: Credits,
        equalSince: Timestamp?,
        monthlyCredits: Credits?,
        renewsOnDay: Int?,
        period: CalendarDay,
        quietAfter: Duration
    ) {
        self.balance = balance
        self.unknown = unknown
        self.underWay = underWay
        self.refundsDue = refundsDue
        self.openJobs = openJobs
        self.recentlySettled = recentlySettled
        self.equalSince = equalSince
        self.monthlyCredits = monthlyCredits
        self.renewsOnDay = renewsOnDay
        self.period = period
        self.quietAfter = quietAfter
    }

    /// What the books do with a reading.
    ///
    /// Differences are booked only at a quiet point; before one the reading is recorded and no more.
    package func judge(
        _ reading: CreditsReading,
        at now: Timestamp
    ) throws(CreditsOutOfRange) -> Reconciliation {
        let difference = try reading.credits.minus(balance.posted)
        let nothingWaits =
            unknown.isEmpty && underWay == .zero && refundsDue.isEmpty && recentlySettled == .zero
        if difference == .zero && nothingWaits { return .agrees }
        guard isQuiet(at: now), openJobs == .zero || hasWaitedLong(at: now) else {
            let excess = try excess(of: difference)
            let isRenewal = try renewal(seenIn: reading, difference: difference, at: now) != nil
            if excess != .zero, !isRenewal { return .outside(by: excess) }
            let start = isStable(at: now) ? now : equalSince ?? now
            return .waits(difference: difference, again: start + quietAfter)
        }
        let bookings = try bookings(of: reading, difference: difference, at: now)
        return bookings.isEmpty ? .agrees : .booked(bookings)
    }

    /// Whether nothing is under way, and nothing but equal readings was written for `quietAfter`.
    package func isQuiet(at now: Timestamp) -> Bool {
        underWay == .zero && recentlySettled == .zero && isStable(at: now)
    }

    /// How long an account may go without a quiet point while something waits for one.
    package static let patience = Duration.seconds(24 * 3600)

    /// Whether the account must stop taking work for a moment, because what came of the reading waits for a quiet point
    /// that work has kept away for too long.
    ///
    /// `lastQuiet`: the last quiet point, or when the account was added.
    package func needsPause(
        after result: Reconciliation,
        lastQuiet: Timestamp,
        at now: Timestamp
    ) -> Bool {
        guard underWay > .zero || recentlySettled > .zero, now - lastQuiet >= Self.patience
        else { return false }
        if case .outside = result { return true }
        return hasWaitedLong(at: now)
    }

    /// Whether something undecided has waited for so long that jobs under way no longer keep it waiting.
    private func hasWaitedLong(at now: Timestamp) -> Bool {
        let since = unknown.map { $0.unknownSince ?? $0.heldAt } + refundsDue.map(\.dueSince)
        return since.contains { now - $0 >= Self.patience }
    }

    private func isStable(at now: Timestamp) -> Bool {
        equalSince.map { now - $0 >= quietAfter } ?? false
    }

    /// By how much the reading lies outside `posted − U − H … posted + R + J + S`.
    private func excess(of difference: Credits) throws(CreditsOutOfRange) -> Credits {
        let lowest = try sum(unknown.map(\.amount)).plus(underWay).negated
        let highest = try sum(refundsDue.map(\.amount)).plus(openJobs).plus(recentlySettled)
        if difference < lowest { return try difference.minus(lowest) }
        if difference > highest { return try difference.minus(highest) }
        return .zero
    }

    private func bookings(
        of reading: CreditsReading,
        difference: Credits,
        at now: Timestamp
    ) throws(CreditsOutOfRange) -> [Booking] {
        if let period = try renewal(seenIn: reading, difference: difference, at: now) {
            return try bookRenewal(reading, period: period)
        }
        if let exact = exactBookings(of: difference) { return exact }
        return difference < .zero ? try bookFall(difference) : try bookRise(difference)
    }

    /// Refunds that came and unknown holds that were charged, where some of them explain the difference to the credit.
    ///
    /// The fewest causes first: refunds alone, a single hold, several, then both together. What is left over is free, or
    /// still due.
    private func exactBookings(of difference: Credits) -> [Booking]? {
        let due = refundsDue.map(\.amount.amount)
        let open = unknown.map(\.amount.amount)
        if let places = SubsetSum.places(in: due, comingTo: difference.amount) {
            return bookings(refunding: places, charging: [])
        }
        let single = open.firstIndex(of: difference.negated.amount).map { [$0] }
        if let places = single ?? SubsetSum.places(in: open, comingTo: -difference.amount) {
            return bookings(refunding: [], charging: places)
        }
        let both = SubsetSum.places(gained: due, lost: open, comingTo: difference.amount)
        return both.map { bookings(refunding: $0.gained, charging: $0.lost) }
    }

    /// Whether a reading that books this unknown hold as free leaves no other explanation in which it was charged.
    ///
    /// Of two holds of one price a balance says how many were charged and not which; whoever sends the wrong one again
    /// pays for it twice.
    package func isSurelyFree(_ hold: OpenHold, at reading: Credits) -> Bool {
        guard hold.amount > .zero else { return true }
        guard openJobs == .zero, let difference = try? reading.minus(balance.posted).amount
        else { return false }
        let due = refundsDue.map(\.amount.amount)
        let others = unknown.filter { $0.sequence != hold.sequence }.map(\.amount.amount)
        let (withIt, overflow) = difference.addingReportingOverflow(hold.amount.amount)
        return !overflow && SubsetSum.reaches(difference, gained: due, lost: others) == true
            && SubsetSum.reaches(withIt, gained: due, lost: others) == false
    }

    private func bookings(refunding refunds: [Int], charging charges: [Int]) -> [Booking] {
        refunds.map { .refund(refundsDue[$0]) }
            + unknown.enumerated().map { place, hold in
                charges.contains(place) ? .charge(hold, actual: hold.amount) : .free(hold)
            }
    }

    /// The balance rose: refunds first, oldest first; what was unknown was free; the rest came from outside.
    private func bookRise(_ rise: Credits) throws(CreditsOutOfRange) -> [Booking] {
        var left = rise
        var bookings: [Booking] = []
        for refund in refundsDue where refund.amount <= left && refund.amount > .zero {
            left = try left.minus(refund.amount)
            bookings.append(.refund(refund))
        }
        bookings += unknown.map { .free($0) }
        if left > .zero { bookings.append(.adjust(left, .externalCredit)) }
        return bookings
    }

    /// The balance fell: unknown holds were charged, oldest first, as far as they explain it; the rest was spent elsewhere.
    private func bookFall(_ fall: Credits) throws(CreditsOutOfRange) -> [Booking] {
        var left = fall.negated
        var bookings: [Booking] = []
        for hold in unknown {
            let actual = min(left, hold.amount)
            left = try left.minus(actual)
            bookings.append(actual > .zero ? .charge(hold, actual: actual) : .free(hold))
        }
        if left > .zero { bookings.append(.adjust(left.negated, .externalSpend)) }
        return bookings
    }

    /// The first day of a new billing period, if the reading shows that one began.
    ///
    /// It is read off the balance, never off the calendar alone: a rise that refunds due explain is no renewal, and what
    /// is there afterwards must be about the plan. Where the day is known it must have come again;
    /// otherwise the last period must lie 20 days back.
    private func renewal(
        seenIn reading: CreditsReading,
        difference: Credits,
        at now: Timestamp
    ) throws(CreditsOutOfRange) -> CalendarDay? {
        guard let plan = monthlyCredits, plan > .zero else { return nil }
        guard difference > (try sum(refundsDue.map(\.amount))) else { return nil }
        let lapsing = try reading.credits.minus(reading.topUp ?? .zero)
        guard lapsing.amount >= plan.amount / 10 * 9 || difference.amount >= plan.amount / 2
        else { return nil }
        let today = CalendarDay(now)
        guard let day = renewsOnDay else {
            return today.number - period.number >= 20 ? today : nil
        }
        let start = today.latest(dayOfMonth: day)
        return start > period ? start : nil
    }

    /// What was left of the old period lapses; what is there now is the new grant.
    ///
    /// The balance cannot tell any more what was decided before the old credits lapsed. Unknown holds are booked as
    /// charged and refunds due as given: both stay with the member they belong to, and only the part
    /// that lapsed grows or shrinks by them.
    private func bookRenewal(
        _ reading: CreditsReading,
        period: CalendarDay
    ) throws(CreditsOutOfRange) -> [Booking] {
        var posted = balance.posted
        var bookings: [Booking] = []
        for hold in unknown {
            let actual = min(hold.amount, max(posted, .zero))
            posted = try posted.minus(actual)
            bookings.append(actual > .zero ? .charge(hold, actual: actual) : .free(hold))
        }
        for refund in refundsDue {
            posted = try posted.plus(refund.amount)
            bookings.append(.refund(refund))
        }
        let lasting = min(reading.topUp ?? .zero, max(posted, .zero))
        let unused = max(try posted.minus(lasting), .zero)
        posted = try posted.minus(unused)
        bookings.append(.periodClose(unused: unused, period: period))
        bookings.append(.refill(try reading.credits.minus(posted), period: period))
        return bookings
    }

    private func sum(_ amounts: [Credits]) throws(CreditsOutOfRange) -> Credits {
        var sum = Credits.zero
        for amount in amounts { sum = try sum.plus(amount) }
        return sum
    }
}
