/// A person or program on whose behalf work is submitted, with what it may spend and use.
package struct Member: Sendable, Equatable, Identifiable {
    /// The name of the member that every home has: whoever uses the command line.
    package static let ownerName = "owner"

    package let id: MemberID
    package let name: String
    package let createdAt: Timestamp
    /// Whether spending is limited by a budget.
    ///
    /// The budget itself is a ledger account.
    package var hasBudget: Bool
    package var role: MemberRole
    package var limits: MemberLimits
    /// Since when no key opens anything and no work is taken; `nil`, the member works.
    package var revokedAt: Timestamp?

    package init(
        id: MemberID,
        name: String,
        createdAt: Timestamp,
        hasBudget: Bool,
        role: MemberRole = .member,
        limits: MemberLimits = MemberLimits(),
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.hasBudget = hasBudget
        self.role = role
        self.limits = limits
        self.revokedAt = revokedAt
    }
}

/// What a member's work is narrowed to; `nil` and an empty list narrow nothing.
package struct MemberLimits: Sendable, Equatable {
    /// The tiers whose accounts they may use.
    package var tiers: Set<Tier>?
    /// They may use accounts that carry one of these tags.
    package var tags: Set<String>?
    package var models: Set<ModelID>?
    /// At most one for each kind of window, in the order of the windows.
    package var spending: [SpendingLimit]

    package init(
        tiers: Set<Tier>? = nil,
        tags: Set<String>? = nil,
        models: Set<ModelID>? = nil,
        spending: [SpendingLimit] = []
    ) {
        self.tiers = tiers
        self.tags = tags
        self.models = models
        self.spending = spending
    }

    /// Whether they say which accounts and models may be used.
    package var narrowsChoice: Bool { tiers != nil || tags != nil || models != nil }
}

/// A key that a member's programs show; of its secret only a hash is known.
package struct MemberKey: Sendable, Equatable {
    /// The part of the key that may be shown: `psr_<this>_…`.
    package let id: String
    package let memberID: MemberID
    /// SHA-256 of the secret.
    package let digest: [UInt8]
    package let createdAt: Timestamp
    package var expiresAt: Timestamp?
    /// A key that was revoked never works again.
    package var revokedAt: Timestamp?

    package init(
        id: String,
        memberID: MemberID,
        digest: [UInt8],
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.memberID = memberID
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether it opens anything: neither ended nor revoked.
    package func works(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}

extension MemberLimits {
    /// Each limit in words, for people and the audit trail: `tiers free,ultra`, `500 a day`.
    package var words: [String] {
        func list(_ name: String, _ values: [String]?) -> [String] {
            values.map { ["\(name) \($0.isEmpty ? "none" : $0.sorted().joined(separator: ","))"] }
                ?? []
        }
        return list("tiers", tiers?.map(\.rawValue)) + list("tags", tags.map(Array.init))
            + list("models", models?.map(\.rawValue)) + spending.map(\.words)
    }
}
