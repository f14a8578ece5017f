import PurserCore
import Testing

/// The index against a plain search that looks at every account and uses fractions.
struct RoutingOracleTests {
    @Test(arguments: PolicyName.allCases)
    func `the index chooses what a search of all accounts chooses`(policy: PolicyName) {
        for seed in 0..<24 {
            var world = RandomWorld(policy: policy, seed: UInt64(seed))
            for step in 0..<60 {
                world.change()
                let request = world.request()
                let expected = world.oracle(request)
                let chosen = world.snapshot.name(request, at: world.now)
                #expect(chosen == expected, "\(policy) seed \(seed) step \(step)")
                let first = world.snapshot.explain(request, at: world.now).lines.first
                #expect((first?.rank == 1 ? first?.name : nil) == expected)
                guard chosen == expected else { return }
            }
            #expect(world.snapshot.count == world.pool.count)
        }
    }
}

/// A pool that changes at random, beside the snapshot that is told of every change.
private struct RandomWorld {
    let policy: PolicyName
    var generator: SplitMix
    var snapshot: RoutingSnapshot
    var pool: [AccountID: Candidate] = [:]
    var now = Timestamp.midNovember
    let models: [Model] = [
        .fast, .free, .sample("exclusive", [.ultra: 100]),
        .sample("half", [.tierOne: 20, .ultra: 0]),
        .sample("lite", [.free: 10, .tierOne: 10, .ultra: 5]),
        .sample("rumour", [.ultra: Int64?.none]),
    ]

    init(policy: PolicyName, seed: UInt64) {
        self.policy = policy
        generator = SplitMix(state: seed)
        snapshot = RoutingSnapshot(policy: policy)
        let asked: [Model] = [
            .fast, .sample("exclusive", [.ultra: 100]),
            .sample("same", [.tierOne: 50, .ultra: 50]),
        ]
        snapshot.demand.add(asked[Int(seed % 3)], videos: Int(seed))
        for _ in 0..<Int(seed) { addOrChange() }
    }

    private mutating func chance(_ one: Int, in many: Int) -> Bool {
        Int.random(in: 0..<many, using: &generator) < one
    }

    private mutating func pick<T>(_ values: [T]) -> T {
        values[Int.random(in: values.indices, using: &generator)]
    }

    mutating func change() {
        for _ in 0..<3 { addOrChange() }
        if chance(1, in: 4), let id = pool.keys.sorted().randomElement(using: &generator) {
            pool[id] = nil
            snapshot.remove(id)
        }
        now = now + .milliseconds(pick([0, 1, 30_000, 600_000, 3_600_000, 86_400_000 * 3]))
        // A clock that is set back for a moment must not lose anybody.
        if chance(1, in: 6) { now = now - .milliseconds(pick([1, 45_000, 900_000])) }
    }

    private mutating func addOrChange() {
        let name = "account-\(Int.random(in: 0..<24, using: &generator))"
        let plan: Int64? = pick([nil, 1000, 1000, 12_500])
        let settings = AccountSettings(
            maxInFlight: pick([1, 2, 4, 4]),
            reserve: Credits(unchecked: pick([0, 0, 30])),
            monthlyCredits: plan.map { Credits(unchecked: $0) },
            renewsOnDay: pick([nil, 1, 1, 15, 16, 29, 31])
        )
        let rests = (0..<pick([0, 0, 1, 1, 2])).map { _ in rest(of: name) }
        let candidate = Candidate.sample(
            name,
            pick([.free, .tierOne, .ultra, .ultra]),
            credits: pick([nil, 0, 5, 40, 500, 500, 1000, 25_000]),
            held: pick([0, 0, 10]),
            jobs: pick([0, 0, 1, 2, 4]),
            lastUsed: pick([0, 1, 2, 3]),
            rests: rests,
            state: chance(1, in: 8) ? .paused(reason: "x") : .enabled,
            expires: chance(1, in: 6) ? now + .milliseconds(pick([0, 1, 60_000])) : nil,
            settings: settings
        )
        pool[candidate.account.id] = candidate
        snapshot.upsert(candidate, at: pick([now, now, Timestamp(milliseconds: 0)]))
    }

    /// One that holds, or ended and may be remembered.
    private mutating func rest(of name: String) -> Rest {
        Rest(
            accountID: .sample(name),
            modelID: pick([nil, nil, ModelID("fast")]),
            until: now + .milliseconds(pick([-3_000_000, -200_000, 0, 1, 30_000, 90_000_000])),
            reason: pick([.throttled, .throttled, .networkRefused, .outOfCredits, .quietPoint]),
            strikes: pick([1, 2, 6]),
            successes: pick([0, 0, 1, 2])
        )
    }

    mutating func request() -> RouteRequest {
        let someone = pool.keys.sorted().randomElement(using: &generator)
        var wanted: [Model] = []
        if chance(9, in: 10) {
            for _ in 0..<pick([1, 1, 1, 2]) { wanted.append(pick(models)) }
        }
        let tried = chance(1, in: 4) ? someone.map { [$0] as Set } : nil
        let owner = chance(1, in: 12) ? someone.map { [$0] as Set } : nil
        return RouteRequest(
            models: wanted,
            mediaOwners: owner ?? [],
            only: chance(1, in: 12) ? someone : nil,
            tried: tried ?? [],
            onlyTier: chance(1, in: 8) ? pick(Tier.allCases) : nil,
            maxCredits: chance(1, in: 8) ? Credits(unchecked: 15) : nil,
            budget: chance(1, in: 8) ? Credits(unchecked: 15) : nil
        )
    }

    func oracle(_ request: RouteRequest) -> String? {
        let eligible = pool.values.filter {
            Eligibility.ineligibilities(of: $0, for: request, at: now).isEmpty
        }
        return eligible.min { precedes($0, $1, request) }?.account.name
    }

    private func precedes(_ a: Candidate, _ b: Candidate, _ request: RouteRequest) -> Bool {
        let (first, second) = (score(a, request), score(b, request))
        let (left, right) = (first.over * second.under, second.over * first.under)
        if left != right { return left < right }
        let (busy, busier) = (
            a.jobsInFlight * b.account.settings.maxInFlight,
            b.jobsInFlight * a.account.settings.maxInFlight
        )
        if busy != busier { return busy < busier }
        if a.lastUsed != b.lastUsed { return a.lastUsed < b.lastUsed }
        return a.account.name < b.account.name
    }

    /// A fraction; the least is the best.
    private func score(
        _ candidate: Candidate,
        _ request: RouteRequest
    ) -> (over: Int128, under: Int128) {
        let settings = candidate.account.settings
        let price = request.price(on: candidate.account.tier)?.amount ?? 0
        let available = candidate.balance?.available.amount ?? 0
        guard price > 0 else { return (-1_000_000_000_000, 1) }
        switch policy {
        case .balanced: return cost(candidate, request, price)
        case .mostCredits: return (Int128(-available), 1)
        case .roundRobin: return (Int128(candidate.lastUsed), 1)
        case .leastBusy: return (0, 1)
        case .soonestRenewal:
            let next = settings.renewsOnDay.map { CalendarDay(now).next(dayOfMonth: $0).number }
            return (Int128(next ?? 1_000_000_000), 1)
        }
    }

    private func cost(
        _ candidate: Candidate,
        _ request: RouteRequest,
        _ price: Int64
    ) -> (over: Int128, under: Int128) {
        let settings = candidate.account.settings
        let tiers = Tier.allCases.filter {
            (request.onlyTier == nil || request.onlyTier == $0) && request.price(on: $0) != nil
        }
        let isDearer = tiers.count > 1 && candidate.account.tier == .ultra
        let dear = Int128(price) * Int128(1000 + (isDearer ? snapshot.premium : 0))
        guard let plan = settings.monthlyCredits, let day = settings.renewsOnDay,
            let balance = candidate.balance
        else { return (dear, 1) }
        let spendable = balance.available.amount - settings.reserve.amount
        let scarcity = Int128((plan.amount - settings.reserve.amount) * 1_000_000 / spendable)
        let today = CalendarDay(now)
        let (start, end) = (today.latest(dayOfMonth: day), today.next(dayOfMonth: day))
        let left = Int128((end.start.milliseconds - now.milliseconds + 59_999) / 60_000)
        let whole = Int128(end.number - start.number) * 1440 * 1_000_000
        return (dear * 2 * scarcity * left, whole + scarcity * left)
    }
}
