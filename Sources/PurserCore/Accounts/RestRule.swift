/// How long an account rests for what the service answered.
///
/// The spans are the project's own reading of the service's error table: nobody published them. A
/// `Retry-After` is obeyed between `floor` and `cap`, so that neither a 0 nor a year is.
package enum RestRule {
    package static let floor = Duration.seconds(5)
    package static let cap = Duration.seconds(30 * 60)
    /// Strikes that count: the sixth throttling would already be above the cap.
    package static let mostStrikes = 6
    static let forgettingMilliseconds: Int64 = 10 * 60 * 1000
    /// One strike is forgotten for each such span after the end of a rest; until the last one is, the account comes
    /// back gently and a new rest is longer.
    package static let forgetting = Duration.milliseconds(forgettingMilliseconds)
    /// A rest for lack of credits lasts so long, or as long again from each reading below the price.
    package static let outOfCredits = Duration.seconds(15 * 60)
    /// A balance read sooner than this after the service called it too low may be the old one.
    package static let doubt = Duration.seconds(60)

    /// After a rest of every account one of each tier comes back first, and twice as many after each such span.
    package static let wave = Duration.seconds(15)

    /// How much later than the first an account comes back from such a rest; `place`: its own in its tier, from 0.
    package static func delay(ofPlace place: Int) -> Duration {
        wave * (Int.bitWidth - 1 - (place + 1).leadingZeroBitCount)
    }

    /// The rests that a refusal starts; none when the account is not to blame.
    ///
    /// `models` and `price` are the refused work's, `earlier` the account's rests so far.
    package static func rests(
        for cause: RefusalCause,
        retryAfter: Duration? = nil,
        of account: AccountID,
        models: [ModelID],
        price: Credits,
        earlier: [Rest],
        at now: Timestamp
    ) -> [Rest] {
        guard let (reason, base) = reasonAndBase(cause) else { return [] }
        if reason == .dailyModelQuota {
            // Which of several models is meant the service does not say.
            return Set(models).sorted { $0.rawValue < $1.rawValue }.map { model in
                Rest(
                    accountID: account,
                    modelID: model,
                    until: CalendarDay(number: CalendarDay(now).number + 1).start,
                    reason: reason,
                    strikes: 1,
                    since: now
                )
            }
        }
        let last = earlier.filter { $0.reason == reason }.map { $0.strikes(at: now) }.max() ?? 0
        let strikes = min(last + 1, mostStrikes)
        let asked = retryAfter ?? base * (1 << (strikes - 1))
        let rest = Rest(
            accountID: account,
            modelID: nil,
            until: now + min(max(asked, floor), cap),
            reason: reason,
            strikes: strikes,
            since: now,
            price: reason == .outOfCredits ? max(price, Credits(unchecked: 1)) : .zero
        )
        return [rest]
    }

    private static func reasonAndBase(_ cause: RefusalCause) -> (RestReason, Duration)? {
        switch cause {
        case .throttled, .limited: (.throttled, .seconds(60))
        case .dailyModelQuota: (.dailyModelQuota, .zero)
        case .outOfCredits: (.outOfCredits, outOfCredits)
        case .concurrencyLimit: (.concurrencyLimit, .seconds(15))
        case .tooMuchTraffic: (.tooMuchTraffic, .seconds(60))
        case .networkRefused: (.networkRefused, .seconds(60))
        case .modelAccess, .badRequest, .notFound, .moderation, .tokenDead, .unusualActivity,
            .serviceBusy, .accountUnusable:
            nil
        }
    }
}

extension RefusalCause {
    /// What a dispatcher may do after a refusal, by the service's error table.
    package enum Next: Sendable {
        /// The answer goes back to the caller.
        case giveBack
        /// Another account may be tried.
        case another
        /// The same account may be tried again, later.
        case later
    }

    package var next: Next {
        switch self {
        case .tokenDead, .modelAccess, .throttled, .dailyModelQuota, .outOfCredits,
            .concurrencyLimit:
            .another
        case .serviceBusy: .later
        // Hopping on after these would be what an evader does, so Purser does not.
        case .unusualActivity, .accountUnusable, .networkRefused, .tooMuchTraffic, .limited:
            .giveBack
        case .badRequest, .notFound, .moderation: .giveBack
        }
    }

    /// Whether the same request would be refused again: only such an answer is kept for repeats.
    package var isFinal: Bool {
        switch self {
        case .badRequest, .notFound, .moderation: true
        default: false
        }
    }

    /// Whether the rest covers every account of the upstream.
    package var concernsAllAccounts: Bool {
        self == .networkRefused || self == .tooMuchTraffic
    }

    /// Whether the account's balance and tier must be read again: they are not what the books believe.
    package var callsForReading: Bool {
        self == .modelAccess || self == .outOfCredits
    }

    /// The state that takes the account out of use; `nil` when it stays in use.
    ///
    /// `words`: the service's own.
    package func state(_ words: String) -> AccountState? {
        switch self {
        case .tokenDead: .needsRotation(reason: AccountState.tokenRefused)
        case .unusualActivity: .paused(reason: "the service called its activity unusual")
        case .accountUnusable: .paused(reason: words)
        default: nil
        }
    }
}
