/// A person or program on whose behalf work is submitted, with an optional budget of its own.
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

    package init(id: MemberID, name: String, createdAt: Timestamp, hasBudget: Bool) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.hasBudget = hasBudget
    }
}
