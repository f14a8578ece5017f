/// How a choice among the eligible is made; the names of `[routing] policy`.
package enum PolicyName: String, Sendable, CaseIterable {
    case balanced
    case soonestRenewal = "soonest-renewal"
    case mostCredits = "most-credits"
    case roundRobin = "round-robin"
    case leastBusy = "least-busy"
}

/// The order a policy gives to accounts, in two halves: a key that depends on the account alone, which
/// an index can be built over, and a score that adds the request and the time.
///
/// Among accounts of one tier and one bucket the score never contradicts the key.
extension PolicyName {
    /// The policy's own number for an account; the least is the best.
    func primary(of candidate: Candidate) -> Int64 {
        switch self {
        case .balanced: Worth.scarcity(of: candidate)
        case .mostCredits: -(candidate.balance?.available.amount ?? 0)
        case .roundRobin: candidate.lastUsed
        case .soonestRenewal, .leastBusy: 0
        }
    }

    /// Accounts between whom time changes nothing share a bucket: 0, or the day of the month on which they renew.
    func bucket(of candidate: Candidate) -> Int {
        let settings = candidate.account.settings
        return switch self {
        case .balanced: Worth.renewalDay(of: settings)
        case .soonestRenewal: settings.renewsOnDay.map { min(max($0, 1), 31) } ?? Worth.noDay
        case .mostCredits, .roundRobin, .leastBusy: 0
        }
    }

    static let buckets = 32

    func key(of candidate: Candidate) -> TournamentTree.Key {
        TournamentTree.Key(
            primary: primary(of: candidate),
            busy: candidate.busy,
            lastUsed: candidate.lastUsed,
            name: candidate.account.name,
            id: candidate.account.id
        )
    }

    /// For free work no policy has an order of its own.
    func freeKey(of candidate: Candidate) -> TournamentTree.Key {
        var key = key(of: candidate)
        key.primary = 0
        return key
    }
}

extension Candidate {
    /// Jobs in flight in millionths of what the account may run.
    var busy: Int64 {
        let maximum = account.settings.maxInFlight
        guard maximum > 0 else { return .max }
        return Int64(clamping: Int128(jobsInFlight) * 1_000_000 / Int128(maximum))
    }
}

/// Scores accounts for one request at one moment.
struct Scoring {
    let policy: PolicyName
    let renewals: RenewalTable
    /// The request's price on each tier that can take it for what may be spent.
    let prices: [Tier: Credits]
    /// What ultra's credits are worth in thousandths of their own account's worth.
    private let dearness: Int64

    init(
        policy: PolicyName,
        request: RouteRequest,
        premium: Int64,
        renewals: RenewalTable
    ) {
        self.policy = policy
        self.renewals = renewals
        var prices: [Tier: Credits] = [:]
        for tier in Tier.allCases where request.allows(tier) {
            prices[tier] = request.price(on: tier).flatMap { request.allows($0) ? $0 : nil }
        }
        self.prices = prices
        dearness = 1000 + (prices.count > 1 ? premium : 0)
    }

    func premium(on tier: Tier) -> Int64 { tier == .ultra ? dearness : 1000 }

    /// What the policy compares; the least is the best, and free work is below all other work.
    func score(primary: Int64, bucket: Int, tier: Tier, price: Credits) -> Int128 {
        guard price > .zero else { return .min }
        switch policy {
        case .balanced:
            // At most 2^53 × 2^12 × 2^41: within 127 bits.
            let worth = Worth.worth(scarcity: primary, share: renewals.share[bucket])
            return Int128(price.amount) * Int128(premium(on: tier)) * Int128(worth)
        case .soonestRenewal: return renewals.next[bucket].map { Int128($0.number) } ?? .max
        case .mostCredits, .roundRobin, .leastBusy: return Int128(primary)
        }
    }

    /// What a primary is compared with to see whether its score is at most `score`: for `balanced` a worth.
    func limit(of score: Int128, tier: Tier, price: Credits) -> Int128 {
        guard policy == .balanced, price > .zero, score >= 0 else { return score }
        return score / (Int128(price.amount) * Int128(premium(on: tier)))
    }

    /// Whether a primary's score is at most the one that the limit is of.
    func isWithin(_ limit: Int128, primary: Int64, bucket: Int, tier: Tier, price: Credits) -> Bool
    {
        guard policy == .balanced, price > .zero, limit >= 0 else {
            return score(primary: primary, bucket: bucket, tier: tier, price: price) <= limit
        }
        return Worth.isAtMost(
            Int64(clamping: limit),
            scarcity: primary,
            share: renewals.share[bucket]
        )
    }

    func rank(of candidate: Candidate, price: Credits) -> Rank {
        let key = price > .zero ? policy.key(of: candidate) : policy.freeKey(of: candidate)
        let score = score(
            primary: key.primary,
            bucket: policy.bucket(of: candidate),
            tier: candidate.account.tier,
            price: price
        )
        return Rank(score: score, key: key)
    }
}

/// An account's place in a policy's order.
struct Rank: Comparable {
    let score: Int128
    let key: TournamentTree.Key

    static func < (a: Rank, b: Rank) -> Bool {
        a.score == b.score ? TournamentTree.Key.precedesOnTie(a.key, b.key) : a.score < b.score
    }
}
