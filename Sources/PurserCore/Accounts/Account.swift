/// An account at the provider that the organisation owns.
package struct Account: Sendable, Equatable, Identifiable {
    package let id: AccountID
    package let createdAt: Timestamp
    /// Unique in a home; what people type.
    package var name: String
    package var tier: Tier
    package var state: AccountState
    package var settings: AccountSettings
    /// The version of the credential that new work uses.
    ///
    /// A copy of what the vault has sealed, kept in clear for lists; the vault's own record
    /// decides.
    package var credentialVersion: UInt64
    /// When the token in place stops working, where that is known.
    package var tokenExpiresAt: Timestamp?
    /// Since when somebody knows the token in place who should not; a copy in clear, as `credentialVersion` is.
    package var tokenExposedAt: Timestamp?
    /// Whether a command prints its tokens; `nil`, an operator gives each.
    package var tokenCommand: TokenCommand?

    package init(
        id: AccountID,
        createdAt: Timestamp,
        name: String,
        tier: Tier,
        state: AccountState = .enabled,
        settings: AccountSettings = AccountSettings(),
        credentialVersion: UInt64 = 1,
        tokenExpiresAt: Timestamp? = nil,
        tokenExposedAt: Timestamp? = nil,
        tokenCommand: TokenCommand? = nil
    ) {
        self.id = id
        self.createdAt = createdAt
        self.name = name
        self.tier = tier
        self.state = state
        self.settings = settings
        self.credentialVersion = credentialVersion
        self.tokenExpiresAt = tokenExpiresAt
        self.tokenExposedAt = tokenExposedAt
        self.tokenCommand = tokenCommand
    }

    /// From when on it takes no work before an operator gives a token; a command gives one by itself.
    package var worksUntil: Timestamp? { tokenCommand == nil ? tokenExpiresAt : nil }
}

extension Account {
    /// What reports call it once it was removed: its name can be given again, so the beginning of its id stands behind it.
    ///
    /// No account can have it as its name.
    package var removedLabel: String { "\(name) (removed \(id.description.prefix(8)))" }

    /// Whether a name can be typed and shown without doubt: 1 to 64 letters, digits and `. _ -`, not beginning with `-`.
    ///
    /// Members are named by the same rule.
    package static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 0x2E || byte == 0x5F || byte == 0x2D
            } && name.first != "-"
    }
}

/// Whether an account takes new work.
///
/// Work under way goes on in every state.
package enum AccountState: Sendable, Equatable {
    case enabled
    /// An operator, or the service's word on the account, stopped it until an operator resumes it.
    case paused(reason: String)
    /// The token is dead; a rotation enables the account again.
    case needsRotation(reason: String)

    /// Why an account needs a rotation whose token got a 401.
    package static let tokenRefused = "the service no longer accepts its token"
}

/// What an operator may set of an account.
package struct AccountSettings: Sendable, Equatable {
    package static let defaultMaxInFlight = 4

    /// Sent as `clientContext.projectId` in place of the caller's, because a project belongs to the
    /// account that made it.
    package var projectID: String?
    /// Jobs at a time.
    ///
    /// Nobody published the service's own limit; clients use 3 to 5.
    package var maxInFlight: Int
    /// Credits the router leaves untouched.
    package var reserve: Credits
    /// The monthly grant, where the operator told it: paces spending and recognises a renewal.
    package var monthlyCredits: Credits?
    /// The day of the month (1…31, clamped to the month's length) on which the grant renews.
    package var renewsOnDay: Int?
    package var tags: [String]

    package init(
        projectID: String? = nil,
        maxInFlight: Int = defaultMaxInFlight,
        reserve: Credits = .zero,
        monthlyCredits: Credits? = nil,
        renewsOnDay: Int? = nil,
        tags: [String] = []
    ) {
        self.projectID = projectID
        self.maxInFlight = maxInFlight
        self.reserve = reserve
        self.monthlyCredits = monthlyCredits
        self.renewsOnDay = renewsOnDay
        self.tags = tags
    }
}
