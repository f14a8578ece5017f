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

    package init(
        accountID: AccountID,
        modelID: ModelID?,
        until: Timestamp,
        reason: RestReason,
        strikes: Int
    ) {
        self.accountID = accountID
        self.modelID = modelID
        self.until = until
        self.reason = reason
        self.strikes = strikes
    }

    /// Whether work for `model` (`nil`: work without a model) must wait at `now`.
    package func covers(_ model: ModelID?, at now: Timestamp) -> Bool {
        now < until && (modelID == nil || modelID == model)
    }
}

/// What the service said that made an account rest; the names are stored.
package enum RestReason: String, Sendable, CaseIterable {
    case throttled
    case dailyModelQuota = "daily_model_quota"
    case outOfCredits = "out_of_credits"
    case concurrencyLimit = "concurrency_limit"
    case tooMuchTraffic = "too_much_traffic"
    case networkRefused = "network_refused"
}
