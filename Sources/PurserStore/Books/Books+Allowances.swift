import PurserCore

// What a claim's member may use and spend.

extension Books {
    /// Work that names no model costs nothing: no limit needs to be read for it.
    func allowance(
        of member: Member,
        for request: RouteRequest,
        at now: Timestamp
    ) throws -> Allowance {
        let budget =
            member.hasBudget ? try head(of: .budget(member.id))?.balance.available ?? .zero : nil
        guard !request.models.isEmpty else {
            return Allowance(member: member.name, budget: budget, limits: [])
        }
        return try Spending.allowance(
            of: member,
            budget: budget,
            team: try teamLimits(),
            at: now,
            sql
        )
    }

    /// What is asked for, with whose media it names and what the member may use and still spend.
    func request(
        of order: ClaimOrder,
        _ member: Member,
        _ allowance: Allowance
    ) throws -> RouteRequest {
        let request = order.request.narrowed(to: member.limits).within(allowance.left)
        guard !order.mediaIDs.isEmpty else { return request }
        return request.withMediaOwners(try MediaRow.owners(of: order.mediaIDs, sql))
    }

    /// Where the allowance alone stands in the way the refusal is the member's, not the accounts'.
    func choose(
        _ request: RouteRequest,
        within allowance: Allowance,
        at now: Timestamp
    ) throws -> RoutingDecision {
        try rememberDemand(at: now)
        do {
            return try memory.snapshot.choose(request, at: now)
        } catch {
            if let price = error.leastOverBudget, let own = allowance.refusal(of: price) {
                throw own
            }
            throw error
        }
    }

    func member(_ id: MemberID) throws -> Member {
        if let member = memory.members[id] { return member }
        guard let member = try MemberRows.member(id, sql) else {
            throw StoreError.noSuch("member", "\(id)")
        }
        memory.members[id] = member
        return member
    }

    private func teamLimits() throws -> [SpendingLimit] {
        if let limits = memory.teamLimits { return limits }
        let limits = try MemberRows.limits(of: .team, sql)
        memory.teamLimits = limits
        return limits
    }
}
