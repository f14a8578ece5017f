extension RouteExplanation {
    /// Looks at every candidate: the ones that may take the request in the policy's order, then the rest by name.
    init(
        of candidates: some Sequence<Candidate>,
        for request: RouteRequest,
        scoring: Scoring,
        at now: Timestamp
    ) {
        let keys = Self.modelKeys(of: request)
        let prices = Dictionary(
            uniqueKeysWithValues: Tier.allCases.compactMap { tier in
                request.price(on: tier).map { (tier, $0) }
            }
        )
        var ranked: [(rank: Rank, candidate: Candidate)] = []
        var passedOver: [Line] = []
        for candidate in candidates {
            let tier = candidate.account.tier
            let reasons = Eligibility.ineligibilities(
                of: candidate,
                for: request,
                price: prices[tier],
                at: now
            )
            if reasons.isEmpty, let price = prices[tier] {
                ranked.append((scoring.rank(of: candidate, price: price), candidate))
            } else {
                passedOver.append(
                    Line(
                        candidate,
                        keys: keys[tier],
                        price: prices[tier],
                        rank: nil,
                        score: nil,
                        ineligibilities: reasons
                    )
                )
            }
        }
        ranked.sort { $0.rank < $1.rank }
        passedOver.sort { $0.name < $1.name }
        let taken = ranked.enumerated().map { place, entry in
            let tier = entry.candidate.account.tier
            return Line(
                entry.candidate,
                keys: keys[tier],
                price: prices[tier],
                rank: place + 1,
                score: prices[tier].map { scoring.words(for: entry.candidate, price: $0) },
                ineligibilities: []
            )
        }
        self.init(policy: scoring.policy, lines: taken + passedOver)
    }

    /// The keys a request would send on each tier that can use all of its models.
    private static func modelKeys(of request: RouteRequest) -> [Tier: [String]] {
        var keys: [Tier: [String]] = [:]
        for tier in Tier.allCases {
            let offered = request.models.compactMap { $0.offers[tier]?.key }
            if offered.count == request.models.count { keys[tier] = offered }
        }
        return keys
    }
}

extension RouteExplanation.Line {
    fileprivate init(
        _ candidate: Candidate,
        keys: [String]?,
        price: Credits?,
        rank: Int?,
        score: String?,
        ineligibilities: [Ineligibility]
    ) {
        self.init(
            accountID: candidate.account.id,
            name: candidate.account.name,
            tier: candidate.account.tier,
            modelKeys: keys ?? [],
            price: price,
            available: candidate.balance?.available,
            rank: rank,
            score: score,
            ineligibilities: ineligibilities
        )
    }
}
