/// Every account as the router sees it, arranged so that a choice does not look at all of them.
///
/// For each tier there is one tournament for free work, and for work that costs credits one for each
/// day of renewal. Only accounts that could be chosen are in them; what a request or the time adds is
/// checked on the way. A choice therefore costs about the same in a pool of 50 and of 5,000.
package struct RoutingSnapshot: Sendable {
    package let policy: PolicyName
    /// The work of the days before, from which `balanced` reckons how much dearer ultra's credits are for what others can do.
    package var demand = CreditDemand()

    struct Seat: Sendable {
        var candidate: Candidate
        var paid: Leaf?
        var free: Int?
        /// When its place in the trees must be looked at again: a rest of it ends, or is forgotten.
        var wakesAt = Int64.max
    }

    struct Leaf: Sendable {
        var bucket: Int
        var leaf: Int
    }

    struct TierTrees: Sendable {
        var paid = Array(repeating: TournamentTree(), count: PolicyName.buckets)
        var free = TournamentTree()
    }

    // Shared with the part that keeps the trees, and with nothing else.
    var seats: [Seat?] = []
    private var vacant: [Int] = []
    private var seatOf: [AccountID: Int] = [:]
    var trees: [Tier: TierTrees] = Dictionary(
        uniqueKeysWithValues: Tier.allCases.map { ($0, TierTrees()) }
    )
    /// When the last choice was made.
    private var lastChoice = Timestamp(milliseconds: .min)
    /// The plans of the accounts in use.
    private var plans = CreditDemand()
    private var renewals = RenewalTable(at: Timestamp(milliseconds: 0))
    var alarms = Alarms()

    package init(policy: PolicyName) {
        self.policy = policy
    }

    package var count: Int { seatOf.count }

    package subscript(id: AccountID) -> Candidate? {
        seatOf[id].flatMap { seats[$0]?.candidate }
    }

    /// Takes an account in, or what changed of it; O(log n).
    ///
    /// Nothing has to be told again as time passes: rests and tokens end, and worth changes, by themselves. `now` need
    /// not be exact: an account that is kept out of the trees for an earlier time comes in at the next choice.
    package mutating func upsert(_ candidate: Candidate, at now: Timestamp) {
        let seat: Int
        if let known = seatOf[candidate.account.id] {
            seat = known
            if seats[seat]?.candidate.account.tier != candidate.account.tier { leaveTrees(seat) }
        } else if let free = vacant.popLast() {
            seat = free
        } else {
            seat = seats.count
            seats.append(nil)
        }
        seatOf[candidate.account.id] = seat
        let before = seats[seat]
        if let before { plans.count(planOf: before.candidate.account, sign: -1) }
        plans.count(planOf: candidate.account)
        seats[seat] = Seat(
            candidate: candidate,
            paid: before?.paid,
            free: before?.free,
            wakesAt: before?.wakesAt ?? .max
        )
        place(seat, candidate, at: max(now, lastChoice))
    }

    /// Forgets an account; one that is not there is no mistake.
    package mutating func remove(_ id: AccountID) {
        guard let seat = seatOf.removeValue(forKey: id) else { return }
        leaveTrees(seat)
        if let left = seats[seat] { plans.count(planOf: left.candidate.account, sign: -1) }
        seats[seat] = nil
        vacant.append(seat)
    }

    /// The account that the policy prefers among those that may take the request.
    ///
    /// The refusal explains every account, so it costs time in proportion to the pool.
    package mutating func choose(
        _ request: RouteRequest,
        at now: Timestamp
    ) throws(RoutingRefusal) -> RoutingDecision {
        if !renewals.isValid(at: now) { renewals = RenewalTable(at: now) }
        wake(at: now)
        lastChoice = now
        let scoring = scoring(for: request, renewals: renewals)
        guard let decision = decide(request, scoring, at: now) else {
            throw RoutingRefusal(explanation: explain(request, at: now))
        }
        return decision
    }

    /// What the policy and the rules say of every account, without choosing; O(n log n).
    package func explain(_ request: RouteRequest, at now: Timestamp) -> RouteExplanation {
        let scoring = scoring(for: request, renewals: RenewalTable(at: now))
        return RouteExplanation(
            of: seats.lazy.compactMap { $0?.candidate },
            for: request,
            scoring: scoring,
            at: now
        )
    }
}

// MARK: Choosing

extension RoutingSnapshot {
    /// How much dearer ultra's credits are for work that another tier can do as well, in thousandths.
    package var premium: Int64 { demand.premium(over: plans) }

    private func scoring(for request: RouteRequest, renewals: RenewalTable) -> Scoring {
        Scoring(
            policy: policy,
            request: request,
            premium: premium,
            renewals: renewals
        )
    }

    private func decide(
        _ request: RouteRequest,
        _ scoring: Scoring,
        at now: Timestamp
    ) -> RoutingDecision? {
        if request.only != nil || !request.mediaOwners.isEmpty {
            return decidePinned(request, scoring, at: now)
        }
        guard let (seat, price) = best(for: request, scoring, except: nil, at: now),
            let chosen = seats[seat]?.candidate
        else { return nil }
        let rival = best(for: request, scoring, except: seat, at: now)
        let reason = scoring.reason(
            for: chosen,
            price: price,
            rival: rival.flatMap { seats[$0.seat]?.candidate }
        )
        return RoutingDecision(account: chosen.account, price: price, reason: reason)
    }

    /// Where only one account can be meant, that one is looked at and no other.
    private func decidePinned(
        _ request: RouteRequest,
        _ scoring: Scoring,
        at now: Timestamp
    ) -> RoutingDecision? {
        guard let id = request.only ?? request.mediaOwners.first, let candidate = self[id],
            let price = scoring.prices[candidate.account.tier],
            Eligibility.ineligibilities(of: candidate, for: request, price: price, at: now).isEmpty
        else { return nil }
        let cause = request.only == nil ? "it owns the media the request names" : "it was asked for"
        let words = scoring.words(for: candidate, price: price)
        return RoutingDecision(
            account: candidate.account,
            price: price,
            reason: "\(cause): \(words)"
        )
    }

    /// The best account but one, over all tiers and buckets.
    private func best(
        for request: RouteRequest,
        _ scoring: Scoring,
        except excluded: Int?,
        at now: Timestamp
    ) -> (seat: Int, price: Credits)? {
        var best: (rank: Rank, seat: Int, price: Credits)?
        for (tier, price) in scoring.prices {
            guard let trees = trees[tier] else { continue }
            let isFree = price == .zero
            var limit = best.map { scoring.limit(of: $0.rank.score, tier: tier, price: price) }
            for bucket in 0..<(isFree ? 1 : PolicyName.buckets) {
                let found = (isFree ? trees.free : trees.paid[bucket]).best(
                    price: price.amount,
                    at: now.milliseconds,
                    isWorthwhile: { primary in
                        guard let limit else { return true }
                        return scoring.isWithin(
                            limit,
                            primary: primary,
                            bucket: bucket,
                            tier: tier,
                            price: price
                        )
                    },
                    accepts: { seat in
                        seat != excluded && accepts(seat, request, price: price, at: now)
                    }
                )
                guard let found else { continue }
                let score = scoring.score(
                    primary: found.key.primary,
                    bucket: bucket,
                    tier: tier,
                    price: price
                )
                let rank = Rank(score: score, key: found.key)
                guard best.map({ rank < $0.rank }) ?? true else { continue }
                best = (rank, found.owner, price)
                limit = scoring.limit(of: score, tier: tier, price: price)
            }
        }
        return best.map { ($0.seat, $0.price) }
    }

    private func accepts(
        _ seat: Int,
        _ request: RouteRequest,
        price: Credits,
        at now: Timestamp
    ) -> Bool {
        guard let candidate = seats[seat]?.candidate else { return false }
        return Eligibility.ineligibilities(of: candidate, for: request, price: price, at: now)
            .isEmpty
    }
}
