/// What a forecast takes for granted in place of what is.
package struct ForecastChanges: Sendable, Equatable {
    /// Names of accounts to do without: the others do their work.
    package var without: [String]
    /// Tiers of which there is one account more, each with a whole plan that begins today.
    package var adding: [Tier]
    /// The plan of an added account; the most frequent one of the tier's accounts unless told.
    package var plan: Credits?
    /// What is asked for, in thousandths of what was.
    package var demand: Int

    /// So many accounts may be added; each makes a forecast longer.
    package static let mostAdded = 20
    /// The most that `demand` may be: a hundred times what was asked for.
    package static let mostDemand = 100_000

    package init(
        without: [String] = [],
        adding: [Tier] = [],
        plan: Credits? = nil,
        demand: Int = 1000
    ) {
        self.without = without
        self.adding = adding
        self.plan = plan
        self.demand = demand
    }

    /// The accounts as they would be, each with the work that would be its own; what there was to do stays the same.
    func applied(
        to accounts: [ForecastAccount],
        at now: Timestamp
    ) throws(ForecastError) -> [ForecastAccount] {
        guard adding.count <= Self.mostAdded else { throw .tooManyAdded(adding.count) }
        guard plan == nil || !adding.isEmpty else { throw .planOfNone }
        var accounts = accounts
        for name in without {
            let index = accounts.firstIndex { $0.name == name && $0.state != .gone }
            guard let index else { throw .noSuchAccount(name) }
            accounts[index].state = .gone
        }
        var added: [ForecastAccount] = []
        for tier in adding {
            guard let plan = plan ?? accounts.usualPlan(of: tier) else { throw .noPlan(tier) }
            let number = added.count { $0.tier == tier } + 1
            added.append(.added(tier, number, plan, at: now))
        }
        if !without.isEmpty, added.isEmpty, !accounts.contains(where: { $0.state == .working }) {
            throw .noAccountLeft
        }
        for account in added { accounts.take(in: account) }
        for index in accounts.indices where accounts[index].state != .working {
            accounts.handOver(index)
        }
        return accounts
    }
}

extension ForecastAccount {
    /// One more of a tier: `added ultra 1`, which no account can be called.
    fileprivate static func added(
        _ tier: Tier,
        _ number: Int,
        _ plan: Credits,
        at now: Timestamp
    ) -> Self {
        let today = CalendarDay(now)
        return ForecastAccount(
            name: "added \(tier.rawValue) \(number)",
            tier: tier,
            available: plan,
            renewal: Renewal(day: today.components.day, credits: plan),
            history: SpendingHistory([:], before: today)
        )
    }
}

extension [ForecastAccount] {
    /// The plan that most accounts of the tier have; the larger of two.
    fileprivate func usualPlan(of tier: Tier) -> Credits? {
        var counts: [Credits: Int] = [:]
        for account in self where account.tier == tier {
            if let plan = account.renewal?.credits { counts[plan, default: 0] += 1 }
        }
        return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    /// Those that do a tier's work: its own where there are any, else all.
    private func workers(for tier: Tier) -> [Int] {
        let able = indices.filter { self[$0].state == .working && self[$0].available != nil }
        let peers = able.filter { self[$0].tier == tier }
        return peers.isEmpty ? able : peers
    }

    /// Adds an account that takes as large a part of its tier's work as each of the others keeps in the mean.
    fileprivate mutating func take(in account: ForecastAccount) {
        let peers = workers(for: account.tier)
        var taken: [SpendingHistory] = []
        for index in peers {
            let parts = self[index].history.divided(by: [Int64(peers.count), 1])
            self[index].history = parts[0]
            taken.append(parts[1])
        }
        var account = account
        account.history = .sum(taken, before: account.history.end)
        append(account)
    }

    /// Leaves what an account did to the others, in proportion to what they do; its own history is still told of it.
    fileprivate mutating func handOver(_ index: Int) {
        let history = self[index].history
        let peers = workers(for: self[index].tier)
        guard !history.days.isEmpty, !peers.isEmpty else { return }
        let totals = peers.map { self[$0].history.total }
        let isIdle = totals.allSatisfy { $0 == 0 }
        let shares = history.divided(by: isIdle ? totals.map { _ in 1 } : totals)
        for (peer, share) in zip(peers, shares) {
            self[peer].history = .sum([self[peer].history, share], before: history.end)
        }
    }
}
