/// What one credit of an account is worth, as `Documentation/Routing.md` explains it.
///
///     pace = (plan − reserve) × (time until renewal ÷ billing period)
///     worth = 2 × pace ÷ (pace + available − reserve)
///
/// With x = scarcity × share that is 2x ÷ (1 + x). The scarcity, plan ÷ available, changes with the balance only; the share of the
/// period that is left with time only, and it is the same for all accounts that renew on the same day. So
/// time never changes the order among those, and nothing has to be sorted anew as it passes.
///
/// Everything is in whole numbers: `unit` stands for a worth of 1.00. It is so fine that of two scarcities
/// the greater one always has the greater worth.
enum Worth {
    /// A scarcity of 1.
    static let even: Int64 = 1_000_000
    /// The highest scarcity, 1,000: a plan of which a thousandth is left when its period begins.
    static let scarcest: Int64 = 1_000_000_000
    /// A whole billing period: divisible by the minutes of 28 to 31 days, so that shares are exact.
    static let wholePeriod: Int64 = 377_580 * 1440
    static let unit: Int64 = 1 << 40

    /// Of a scarcity and the share of the period that is left, out of `wholePeriod`; from 0 to 2 units.
    static func worth(scarcity: Int64, share: Int64) -> Int64 {
        // At most 2^60, so that the quotient lies below 2^41 and cannot overflow.
        let needed = UInt64(scarcity) * UInt64(share)
        let whole = needed + UInt64(even * wholePeriod)
        return Int64(whole.dividingFullWidth(needed.multipliedFullWidth(by: 2 << 40)).quotient)
    }

    /// Whether that worth is at most `limit`; without a division, for it is asked at every node of a search.
    static func isAtMost(_ limit: Int64, scarcity: Int64, share: Int64) -> Bool {
        let needed = Int128(scarcity * share)
        let bound = Int128(min(limit, 2 * unit)) + 1
        return needed * Int128(2 * unit) < bound * (needed + Int128(even * wholePeriod))
    }

    /// The day of an account whose plan or day of renewal is not known: its credits are worth 1.00.
    static let noDay = 0

    /// The day of the month on which what is left of the account's credits lapses.
    static func renewalDay(of settings: AccountSettings) -> Int {
        guard let plan = settings.monthlyCredits, plan > settings.reserve,
            let day = settings.renewsOnDay
        else { return noDay }
        return min(max(day, 1), 31)
    }

    /// How scarce the credits would be if the whole period lay ahead; `even` without a renewal day.
    ///
    /// The reserve is nobody's to spend, so it counts neither as grant nor as balance.
    static func scarcity(of candidate: Candidate) -> Int64 {
        let settings = candidate.account.settings
        guard renewalDay(of: settings) != noDay, let plan = settings.monthlyCredits,
            let balance = candidate.balance
        else { return even }
        let spendable = balance.available.amount - settings.reserve.amount
        guard spendable > 0 else { return scarcest }
        let scarcity =
            Int128(plan.amount - settings.reserve.amount) * Int128(even) / Int128(spendable)
        return Int64(min(max(scarcity, 1), Int128(scarcest)))
    }
}

/// For each day of the month, when an account that renews on it does so next, as of one minute.
struct RenewalTable: Sendable {
    /// Minutes since 1970 of the moment the table is for.
    private(set) var minute: Int64
    /// The first day of the next period; nothing at `Worth.noDay`.
    private(set) var next: [CalendarDay?]
    /// The share of the period that is left, out of `Worth.wholePeriod`; never 0, so that what costs
    /// credits always costs something.
    private(set) var share: [Int64]

    init(at now: Timestamp) {
        minute = Self.minute(of: now)
        next = [nil]
        share = [Worth.wholePeriod]
        let today = CalendarDay(now)
        for day in 1...31 {
            let end = today.next(dayOfMonth: day)
            next.append(end)
            share.append(
                Self.share(from: today.latest(dayOfMonth: day), to: end, minute: minute)
            )
        }
    }

    func isValid(at now: Timestamp) -> Bool { minute == Self.minute(of: now) }

    private static func share(from start: CalendarDay, to end: CalendarDay, minute: Int64) -> Int64
    {
        let length = Int64(end.number - start.number)
        // Other lengths come from a clock outside the calendar's years only.
        guard (28...31).contains(length) else { return Worth.wholePeriod }
        let left = min(max(Int64(end.number) * 1440 - minute, 1), length * 1440)
        return left * (Worth.wholePeriod / (length * 1440))
    }

    private static func minute(of now: Timestamp) -> Int64 {
        let (quotient, remainder) = now.milliseconds.quotientAndRemainder(dividingBy: 60_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
