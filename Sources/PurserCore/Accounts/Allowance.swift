/// What a member may still spend: their budget, and what each limit of theirs and of the team leaves.
package struct Allowance: Sendable, Equatable {
    /// The member's name.
    package let member: String
    /// What is available of the budget; `nil`, they have none.
    package let budget: Credits?
    /// The member's limits and then the team's.
    package let limits: [SpendingStatus]

    package init(member: String, budget: Credits?, limits: [SpendingStatus]) {
        self.member = member
        self.budget = budget
        self.limits = limits
    }

    /// The most that one request may cost now; `nil`, nothing limits it.
    package var left: Credits? {
        ([budget] + limits.map(\.left)).compactMap { $0 }.min()
    }

    /// Why `price` may not be spent; `nil`, it may.
    ///
    /// Of several limits it tells the one that lasts longest: before that there is nothing to wait for.
    package func refusal(of price: Credits) -> StoreError? {
        guard price > .zero else { return nil }
        if let budget, budget < price {
            return .overBudget(member: member, available: budget, price: price)
        }
        let refusing = limits.filter { $0.left < price }
        let last = refusing.max { a, b in
            guard let a = a.resetsAt else { return false }
            return b.resetsAt.map { a < $0 } ?? true
        }
        return last.map {
            .overSpending(by: $0.owner == .team ? "the team" : member, $0, price: price)
        }
    }

    /// The limits whose warning is due once `price` is held, as they stand then.
    package func warnings(after price: Credits) -> [SpendingStatus] {
        limits.filter { $0.warns(after: price) }.map { $0.holding(price) }
    }
}
