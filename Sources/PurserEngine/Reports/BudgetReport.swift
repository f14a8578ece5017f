package import PurserCore

/// Budgets and limits of members and of the team, beside what is spent of them now.
package struct BudgetReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        /// `nil`: the team.
        package let member: String?
        package let isRevoked: Bool
        /// `nil`: a budget, which is granted once and does not begin again.
        package let window: SpendingWindow.Kind?
        /// Granted so far, or the most to be spent in the window.
        package let limit: Credits
        package let spent: Credits
        package let held: Credits
        package let left: Credits
        package let resetsAt: Timestamp?

        /// Spent, of a hundred of the limit, rounded down; `nil` for a limit of 0.
        package var percent: Int64? {
            limit > .zero ? spent.amount * 100 / limit.amount : nil
        }
    }

    /// The team first, then members by name; of each the budget first, then the shortest window.
    package let rows: [Row]

    /// Of members who were revoked there are budgets of which something was granted, and limits with something spent or
    /// held in the window.
    ///
    /// Budgets and what was granted of them are read as one state; the windows of limits are read one after another.
    package init(_ store: any Store, at now: Timestamp) async throws {
        var rows = try await store.spending(of: .team, at: now).map { Row(of: nil, $0) }
        let all = ReportQuery(
            over: .days(from: nil, before: nil),
            hasLedger: true,
            hasMembers: true
        )
        let sums = try await store.reportSums(all)
        let grants = sums.movements.filter { $0.kind != .refund }
        for overview in sums.members {
            let member = overview.member
            let isRevoked = member.revokedAt != nil
            var own: [Row] = []
            if let budget = overview.budget {
                let granted = try grants.reduce(Credits.zero) { sum, movement in
                    movement.ledgerAccount == .budget(member.id)
                        ? try sum.plus(movement.amount) : sum
                }
                own.append(
                    Row(
                        member: member.name,
                        isRevoked: isRevoked,
                        window: nil,
                        limit: granted,
                        spent: try granted.minus(budget.posted),
                        held: budget.held,
                        left: budget.available,
                        resetsAt: nil
                    )
                )
            }
            own += try await store.spending(of: .member(member.id), at: now)
                .map { Row(of: member, $0) }
            rows += isRevoked ? own.filter(\.isOfRevoked) : own
        }
        self.rows = rows
    }
}

extension BudgetReport.Row {
    fileprivate init(of member: Member?, _ status: SpendingStatus) {
        self.init(
            member: member?.name,
            isRevoked: member?.revokedAt != nil,
            window: status.limit.window.kind,
            limit: status.limit.credits,
            spent: status.spent,
            held: status.held,
            left: status.left,
            resetsAt: status.resetsAt
        )
    }

    /// Whether it says something of who can spend nothing any more.
    fileprivate var isOfRevoked: Bool {
        spent != .zero || held != .zero || window == nil && limit != .zero
    }
}
