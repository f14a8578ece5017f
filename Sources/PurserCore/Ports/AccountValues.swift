/// The first entry of an account's ledger account.
package struct Opening: Sendable, Equatable {
    package let credits: Credits
    /// `read from the service`, or `told by the operator`.
    package let evidence: String
    package let operation: OperationID

    package init(credits: Credits, evidence: String, operation: OperationID) {
        self.credits = credits
        self.evidence = evidence
        self.operation = operation
    }
}

/// An account to be added, and its balance where it is known.
package struct NewAccount: Sendable, Equatable {
    package let account: Account
    package let opening: Opening?

    package init(account: Account, opening: Opening?) {
        self.account = account
        self.opening = opening
    }
}

/// What changes of an account; what is `nil` stays.
package struct AccountChange: Sendable, Equatable {
    package var name: String?
    package var tier: Tier?
    /// An account that needs a rotation takes another state by a fresh credential only.
    package var state: AccountState?
    package var settings: SettingsChange
    /// How its token-command fares; ignored where the account has none.
    package var tokenCommand: TokenCommand?

    package init(
        name: String? = nil,
        tier: Tier? = nil,
        state: AccountState? = nil,
        settings: SettingsChange = SettingsChange(),
        tokenCommand: TokenCommand? = nil
    ) {
        self.name = name
        self.tier = tier
        self.state = state
        self.settings = settings
        self.tokenCommand = tokenCommand
    }
}

/// What changes of an account's settings; what is `nil` stays, and an inner `nil` takes a setting away.
///
/// Each setting stands for itself, so that two changes at once cannot undo each other.
package struct SettingsChange: Sendable, Equatable {
    package var projectID: String??
    package var maxInFlight: Int?
    package var reserve: Credits?
    package var monthlyCredits: Credits??
    package var renewsOnDay: Int??
    package var tags: [String]?

    package init() {}

    /// The settings as they are after the change.
    package func applied(to settings: AccountSettings) -> AccountSettings {
        var settings = settings
        if let projectID { settings.projectID = projectID }
        if let maxInFlight { settings.maxInFlight = maxInFlight }
        if let reserve { settings.reserve = reserve }
        if let monthlyCredits { settings.monthlyCredits = monthlyCredits }
        if let renewsOnDay { settings.renewsOnDay = renewsOnDay }
        if let tags { settings.tags = tags }
        return settings
    }
}

/// An account with what its books, its jobs and its readings say.
package struct AccountOverview: Sendable, Equatable {
    package let candidate: Candidate
    package let lastObserved: Observation?
    /// Credits of holds whose outcome is unknown (part of `held`), and of refunds not yet seen.
    package let unknown: Credits
    package let refundsDue: Credits
    /// A reading outside what the books allow, not yet explained.
    package let drift: Credits?

    package var account: Account { candidate.account }
    package var balance: Balance? { candidate.balance }

    package init(
        candidate: Candidate,
        lastObserved: Observation?,
        unknown: Credits,
        refundsDue: Credits,
        drift: Credits?
    ) {
        self.candidate = candidate
        self.lastObserved = lastObserved
        self.unknown = unknown
        self.refundsDue = refundsDue
        self.drift = drift
    }
}

/// When the provider said which number.
package struct Observation: Sendable, Equatable {
    package let credits: Credits
    package let at: Timestamp

    package init(credits: Credits, at: Timestamp) {
        self.credits = credits
        self.at = at
    }
}
