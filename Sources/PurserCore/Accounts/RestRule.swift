/// How long an account rests for what the service answered.
///
/// The spans are the project's own reading of the service's error table: nobody published them. A
/// `Retry-After` is obeyed between `floor` and `cap`, so that neither a 0 nor a year is.
package enum RestRule {
    package static let floor = Duration.seconds(5)
    package static let cap = Duration.seconds(30 * 60)
    /// A rest that follows an earlier one for the same reason within this span doubles it.
    package static let memory = Duration.seconds(60 * 60)

    /// The rest that a refusal starts; `nil` when the account is not to blame.
    package static func rest(
        for refusal: Refusal,
        of account: AccountID,
        model: ModelID?,
        earlier: [Rest],
        at now: Timestamp
    ) -> Rest? {
        guard let (reason, base) = reasonAndBase(refusal.cause) else { return nil }
        if reason == .dailyModelQuota {
            let midnight = CalendarDay(number: CalendarDay(now).number + 1).start
            return Rest(
                accountID: account,
                modelID: model,
                until: midnight,
                reason: reason,
                strikes: 1
            )
        }
        let last = earlier.filter { $0.reason == reason && now - $0.until < memory }
            .max { $0.until < $1.until }
        let strikes = min((last?.strikes ?? 0) + 1, 16)
        let doubled = base * (1 << (strikes - 1))
        let asked = refusal.retryAfter ?? doubled
        return Rest(
            accountID: account,
            modelID: nil,
            until: now + min(max(asked, floor), cap),
            reason: reason,
            strikes: strikes
        )
    }

    private static func reasonAndBase(_ cause: RefusalCause) -> (RestReason, Duration)? {
        switch cause {
        case .throttled, .limited: (.throttled, .seconds(60))
        case .dailyModelQuota: (.dailyModelQuota, .zero)
        case .outOfCredits: (.outOfCredits, .seconds(15 * 60))
        case .concurrencyLimit: (.concurrencyLimit, .seconds(15))
        case .tooMuchTraffic: (.tooMuchTraffic, .seconds(60))
        case .networkRefused: (.networkRefused, .seconds(60))
        case .modelAccess: nil
        case .badRequest, .notFound, .moderation, .tokenDead, .unusualActivity, .serviceBusy,
            .accountUnusable:
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
}
