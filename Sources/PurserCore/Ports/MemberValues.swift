/// A member with what is left of their budget, and their keys.
package struct MemberOverview: Sendable, Equatable {
    package let member: Member
    /// `nil` when the member has no budget.
    package let budget: Balance?
    /// Every key they ever had, the newest first.
    package let keys: [MemberKey]

    package init(member: Member, budget: Balance?, keys: [MemberKey] = []) {
        self.member = member
        self.budget = budget
        self.keys = keys
    }
}

/// What changes of a member; what is `nil` stays, and an inner `nil` takes a limit away.
package struct MemberChange: Sendable, Equatable {
    package var role: MemberRole?
    package var tiers: Set<Tier>??
    package var tags: Set<String>??
    package var models: Set<ModelID>??
    package var spending = SpendingChange()
    /// Lets a revoked member work again; the keys that were revoked stay so.
    package var restores = false

    package init() {}
}

/// Which limits on spending are set anew, and which go; all others stay.
package struct SpendingChange: Sendable, Equatable {
    package var set: [SpendingLimit]
    package var cleared: Set<SpendingWindow.Kind>

    package init(set: [SpendingLimit] = [], cleared: Set<SpendingWindow.Kind> = []) {
        self.set = set
        self.cleared = cleared
    }
}

/// Every member and every key, as they were at one moment.
package struct MemberDirectory: Sendable {
    /// Another number after each change of a member, a key or a limit.
    package let revision: Int64
    package let members: [MemberID: Member]
    /// By their ids.
    package let keys: [String: MemberKey]

    package init(revision: Int64, members: [MemberID: Member], keys: [String: MemberKey]) {
        self.revision = revision
        self.members = members
        self.keys = keys
    }
}
