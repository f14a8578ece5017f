import PurserCore

/// Numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension Timestamp {
    /// 2026-11-16T00:00:00Z, the middle of a month of thirty days.
    static let midNovember = Timestamp(milliseconds: 1_794_787_200_000)
}

extension Candidate {
    /// An account named `name`, which its id is made from.
    static func sample(
        _ name: String,
        _ tier: Tier = .ultra,
        credits: Int64? = 690,
        held: Int64 = 0,
        jobs: Int = 0,
        lastUsed: Int64 = 0,
        rests: [Rest] = [],
        state: AccountState = .enabled,
        expires: Timestamp? = nil,
        settings: AccountSettings = AccountSettings()
    ) -> Candidate {
        let account = Account(
            id: .sample(name),
            createdAt: Timestamp(milliseconds: 0),
            name: name,
            tier: tier,
            state: state,
            settings: settings,
            tokenExpiresAt: expires
        )
        let balance = credits.map {
            Balance(posted: Credits(unchecked: $0), held: Credits(unchecked: held))
        }
        return Candidate(
            account: account,
            balance: balance,
            jobsInFlight: jobs,
            rests: rests,
            lastUsed: lastUsed
        )
    }
}

extension AccountID {
    static func sample(_ name: String) -> AccountID {
        let word = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        return AccountID(high: word, low: 1)
    }
}

extension Model {
    /// A model at the given prices; `nil` is sold at a price nobody knows.
    static func sample(_ name: String, _ prices: [Tier: Int64?]) -> Model {
        let offers = prices.map { tier, price in
            (
                tier,
                Offer(
                    key: tier == .ultra ? name + "_ultra" : name,
                    price: price.map { Credits(unchecked: $0) },
                    source: "test"
                )
            )
        }
        return Model(
            id: ModelID(name),
            title: name,
            endpoint: nil,
            offers: Dictionary(uniqueKeysWithValues: offers)
        )
    }

    /// 20 credits for TIER_ONE, 10 for ULTRA.
    static let fast = sample("fast", [.tierOne: 20, .ultra: 10])
    static let free = sample("free", [.tierOne: 0, .ultra: 0])
}

extension RoutingSnapshot {
    init(_ policy: PolicyName, _ candidates: [Candidate]) {
        self.init(policy: policy)
        for candidate in candidates { upsert(candidate, at: .midNovember) }
    }

    /// The name of the account that is chosen; `nil` when the request is refused.
    mutating func name(
        _ request: RouteRequest = RouteRequest(models: [.fast]),
        at now: Timestamp = .midNovember
    ) -> String? {
        try? choose(request, at: now).account.name
    }

    func reason(
        _ request: RouteRequest = RouteRequest(models: [.fast]),
        at now: Timestamp = .midNovember
    ) throws -> String {
        var copy = self
        return try copy.choose(request, at: now).reason
    }
}
