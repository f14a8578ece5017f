/// A span in which an account, or an account for one model, is not used.
///
/// Rests end by themselves and survive a restart; a pause is an operator's and does not.
package struct Rest: Sendable, Equatable {
    package let accountID: AccountID
    /// `nil`: the rest covers every model.
    package let modelID: ModelID?
    package let until: Timestamp
    package let reason: RestReason
    /// How many rests for this reason came one after another; each doubles the next.
    package let strikes: Int
    package let since: Timestamp
    /// What the refused work cost: a reading of so many credits ends a rest for lack of them.
    package let price: Credits
    /// How much work the account has done since the rest ended.
    package let successes: Int

    package init(
        accountID: AccountID,
        modelID: ModelID?,
        until: Timestamp,
        reason: RestReason,
        strikes: Int,
        since: Timestamp = Timestamp(milliseconds: 0),
        price: Credits = .zero,
        successes: Int = 0
    ) {
        self.accountID = accountID
        self.modelID = modelID
        self.until = until
        self.reason = reason
        self.strikes = strikes
        self.since = since
        self.price = price
        self.successes = successes
    }

    /// Whether work for `model` (`nil`: work without a model) must wait at `now`.
    package func covers(_ model: ModelID?, at now: Timestamp) -> Bool {
        now < until && (modelID == nil || modelID == model)
    }

    /// The strikes that still count at `now`: each `RestRule.forgetting` after the end takes one off.
    package func strikes(at now: Timestamp) -> Int {
        guard now > until else { return strikes }
        let quiet = now.milliseconds.subtractingReportingOverflow(until.milliseconds)
        let forgotten = quiet.partialValue / RestRule.forgettingMilliseconds
        return quiet.overflow || forgotten >= strikes ? 0 : strikes - Int(forgotten)
    }

    /// The same with as many strikes as still count of others for its reason and its models.
    package func keepingStrikes(of others: [Rest], at now: Timestamp) -> Rest {
        let like = others.filter { $0.reason == reason && $0.modelID == modelID }
        let most = like.map { $0.strikes(at: now) }.max() ?? 0
        guard most > strikes else { return self }
        return Rest(
            accountID: accountID,
            modelID: modelID,
            until: until,
            reason: reason,
            strikes: most,
            since: since,
            price: price,
            successes: successes
        )
    }

    /// When its last strike is forgotten.
    package var forgottenAt: Timestamp { until + RestRule.forgetting * strikes }

    /// How many jobs at a time the account may run while it comes back from this rest.
    ///
    /// `nil`: the rest has not ended, is forgotten, or is not of the kind one comes back from gently. Otherwise 1, and
    /// twice as many with each success.
    package func width(at now: Timestamp) -> Int? {
        guard reason.comesBackGently, modelID == nil, until <= now, now < forgottenAt else {
            return nil
        }
        return 1 << min(successes, 16)
    }
}

/// What made an account rest; the names are stored.
package enum RestReason: String, Sendable, CaseIterable {
    case throttled
    case dailyModelQuota = "daily_model_quota"
    case outOfCredits = "out_of_credits"
    case concurrencyLimit = "concurrency_limit"
    case tooMuchTraffic = "too_much_traffic"
    case networkRefused = "network_refused"
    /// Our own: the books need a moment without work to decide what is undecided.
    case quietPoint = "quiet_point"

    /// Whether the account did too much, so that it must not do as much again at once.
    package var comesBackGently: Bool {
        switch self {
        case .throttled, .tooMuchTraffic, .networkRefused: true
        case .dailyModelQuota, .outOfCredits, .concurrencyLimit, .quietPoint: false
        }
    }
}
