/// What may be wrong with an account, a member or the team; the names are stored, and are the types of messages.
package enum AlertKind: String, Sendable, CaseIterable {
    case lowCredits = "account.low_credits"
    /// The token's end is near, or past (threshold 0).
    case tokenExpires = "account.token_expires"
    case tokenDead = "account.token_dead"
    /// By the service's word, not by an operator.
    case paused = "account.paused"
    case drift = "account.drift"
    case spending = "spending.limit"
}

/// What an alert is about: an account, a member, or the team, whose id is all zeros.
package enum AlertSubject {}
/// Names what an alert is about by the id it has elsewhere.
package typealias AlertSubjectID = Identifier<AlertSubject>
/// Names one alert, and its message in every try to deliver it.
package typealias AlertID = Identifier<Alert>

/// What makes an alert the one it is: of each key at most one is open.
package struct AlertKey: Hashable, Sendable {
    package let kind: AlertKind
    package let subject: AlertSubjectID
    /// Credits, days or a percentage; 0 where the kind has no thresholds.
    package let threshold: Int64
    /// What makes it another alert although the rest is the same: the credential's version, the window and its limit.
    package let occasion: String

    package init(
        kind: AlertKind,
        subject: AlertSubjectID,
        threshold: Int64 = 0,
        occasion: String = ""
    ) {
        self.kind = kind
        self.subject = subject
        self.threshold = threshold
        self.occasion = occasion
    }
}

/// Something that somebody should know of.
package struct Alert: Sendable, Equatable {
    package let key: AlertKey
    /// The account's or the member's; empty for the team.
    package let name: String
    /// Credits: what is there, what the reading is off by, what is spent or held.
    package let amount: Credits?
    /// The limit that `amount` is measured by.
    package let limit: Credits?
    /// When the token ends, or the window.
    package let until: Timestamp?
    /// A reason, or the kind of window.
    package let detail: String
    /// Whether one with a stricter threshold holds too: then this one is noted, and not told.
    package var isCovered = false

    package init(
        key: AlertKey,
        name: String,
        amount: Credits? = nil,
        limit: Credits? = nil,
        until: Timestamp? = nil,
        detail: String = "",
        isCovered: Bool = false
    ) {
        self.key = key
        self.name = name
        self.amount = amount
        self.limit = limit
        self.until = until
        self.detail = detail
        self.isCovered = isCovered
    }
}

/// An alert as it was written down, and how far its message has come.
package struct RaisedAlert: Sendable, Equatable, Identifiable {
    package let id: AlertID
    package let alert: Alert
    package let raisedAt: Timestamp
    /// When what it tells of had ended; `nil`, it holds.
    package let clearedAt: Timestamp?
    package let delivery: AlertDelivery
    /// Tries begun; a result counts only for the last of them.
    package let attempts: Int
    package let deliveredAt: Timestamp?
    /// Why the last try failed; empty where none did.
    package let failure: String

    package init(
        id: AlertID,
        alert: Alert,
        raisedAt: Timestamp,
        clearedAt: Timestamp?,
        delivery: AlertDelivery,
        attempts: Int,
        deliveredAt: Timestamp?,
        failure: String
    ) {
        self.id = id
        self.alert = alert
        self.raisedAt = raisedAt
        self.clearedAt = clearedAt
        self.delivery = delivery
        self.attempts = attempts
        self.deliveredAt = deliveredAt
        self.failure = failure
    }
}

/// How far an alert's message has come; the names are stored.
package enum AlertDelivery: String, Sendable, CaseIterable {
    case due
    case delivered
    /// It was tried for too long, or the receiver wants no more.
    case givenUp = "given_up"
    /// A stricter threshold's message tells it.
    case covered
}

/// What came of a try to deliver.
package enum AlertAttempt: Sendable, Equatable {
    case delivered
    case failed(String, again: Timestamp)
    case givenUp(String)
}

/// When to try again to deliver.
package enum AlertRetry {
    package static let longestPause = Duration.seconds(3600)
    /// What could not be delivered for so long is given up.
    package static let patience = Duration.seconds(3 * 86_400)

    /// The pause after so many tries: 1 s, doubled each time, up to an hour; of it between a half and the whole, by chance.
    package static func pause(afterAttempts attempts: Int, chance: UInt64) -> Duration {
        let doublings = min(max(attempts - 1, 0), 12)
        let longest = min(Duration.seconds(1) * (1 << doublings), longestPause)
        let half = longest.milliseconds / 2
        return .milliseconds(half + Int64(chance % UInt64(half + 1)))
    }

    /// What a failed try means for the alert.
    package static func attempt(
        failing reason: String,
        of alert: RaisedAlert,
        chance: UInt64,
        at now: Timestamp
    ) -> AlertAttempt {
        let again = now + pause(afterAttempts: alert.attempts, chance: chance)
        return again - alert.raisedAt < patience
            ? .failed(reason, again: again) : .givenUp("not delivered within 3 days: \(reason)")
    }
}
