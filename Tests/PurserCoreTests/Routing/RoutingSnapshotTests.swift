import PurserCore
import Testing

struct RoutingSnapshotTests {
    private let now = Timestamp.midNovember

    @Test func `an empty pool refuses and says that there is no account`() {
        var pool = RoutingSnapshot(.balanced, [])
        let refusal = #expect(throws: RoutingRefusal.self) {
            try pool.choose(RouteRequest(models: [.fast]), at: now)
        }
        #expect(refusal?.message == "there is no account yet")
        #expect(pool.count == 0)
    }

    @Test func `a refusal explains every account and tells lack of credits apart`() {
        var pool = RoutingSnapshot(
            .balanced,
            [.sample("poor", credits: 3), .sample("resting", state: .paused(reason: "x"))]
        )
        let refusal = #expect(throws: RoutingRefusal.self) {
            try pool.choose(RouteRequest(models: [.fast]), at: now)
        }
        #expect(refusal?.explanation.lines.map(\.name) == ["poor", "resting"])
        #expect(refusal?.kind == .notEnoughCredits)
    }

    @Test func `the account asked for is taken although another is better`() throws {
        let pool = RoutingSnapshot(.balanced, [.sample("pro", .tierOne), .sample("ultra")])
        let asked = RouteRequest(models: [.fast], only: .sample("pro"))
        #expect(try pool.reason(asked) == "it was asked for: 20 credits at a worth of 1.00")
        let owner = RouteRequest(models: [.fast], mediaOwners: [.sample("pro")])
        #expect(
            try pool.reason(owner)
                == "it owns the media the request names: 20 credits at a worth of 1.00"
        )
    }

    @Test func `a budget bounds the price on each account, and says so`() throws {
        var pool = RoutingSnapshot(
            .mostCredits,
            [.sample("pro", .tierOne, credits: 700), .sample("ultra", credits: 690)]
        )
        func request(_ budget: Int64?) -> RouteRequest {
            RouteRequest(models: [.fast]).within(budget.map { Credits(unchecked: $0) })
        }
        #expect(pool.name(request(nil)) == "pro")
        #expect(pool.name(request(20)) == "pro")
        #expect(pool.name(request(19)) == "ultra")
        let lines = pool.explain(request(19), at: now).lines
        #expect(
            lines.last?.ineligibilities.map(\.words)
                == ["it would cost 20 credits, 19 are left of budget and limits"]
        )
        let refusal = #expect(throws: RoutingRefusal.self) { try pool.choose(request(9), at: now) }
        #expect(refusal?.kind == .notEnoughCredits)
        #expect(refusal?.leastOverBudget?.amount == 10)
        let asked = request(19).restricted(to: .sample("pro"))
        #expect(pool.name(asked) == nil)
        #expect(pool.name(RouteRequest(models: [.free], budget: Credits(unchecked: -1))) != nil)
    }

    @Test func `media of two accounts, or of one that is gone, suit nobody`() {
        var pool = RoutingSnapshot(.balanced, [.sample("a"), .sample("b")])
        let two = RouteRequest(models: [.fast], mediaOwners: [.sample("a"), .sample("b")])
        #expect(pool.name(two) == nil)
        #expect(pool.name(RouteRequest(models: [.fast], mediaOwners: [.sample("gone")])) == nil)
        #expect(pool.name(RouteRequest(models: [.fast], only: .sample("gone"))) == nil)
    }

    @Test func `an account is replaced, not added twice, also when its tier changes`() {
        var pool = RoutingSnapshot(.balanced, [.sample("a", .ultra)])
        pool.upsert(.sample("a", .tierOne, credits: 20), at: now)
        #expect(pool.count == 1)
        #expect(pool[.sample("a")]?.account.tier == .tierOne)
        #expect(pool.name() == "a")
        #expect(pool.name(RouteRequest(models: [.sample("x", [.ultra: 1])])) == nil)
    }

    @Test func `an account that was removed is gone, and can come back`() {
        var pool = RoutingSnapshot(.balanced, [.sample("a"), .sample("b")])
        pool.remove(.sample("a"))
        pool.remove(.sample("a"))
        #expect(pool.count == 1)
        #expect(pool[.sample("a")] == nil)
        #expect(pool.name() == "b")
        pool.upsert(.sample("a"), at: now)
        #expect(pool.name() == "a")
    }

    @Test func `rests and tokens end without being told again`() {
        let rest = Rest(
            accountID: .sample("a"),
            modelID: nil,
            until: now + .seconds(60),
            reason: .throttled,
            strikes: 1
        )
        var pool = RoutingSnapshot(
            .balanced,
            [.sample("a", rests: [rest], expires: now + .seconds(90))]
        )
        let names = [0, 59, 60, 89, 90].map { pool.name(at: now + .seconds($0)) }
        #expect(names == [nil, nil, "a", "a", nil])
    }

    @Test func `an explanation ranks the eligible and lists the rest by name`() {
        let pool = RoutingSnapshot(
            .balanced,
            [
                .sample("z", credits: 1), .sample("pro", .tierOne), .sample("ultra"),
                .sample("free", .free),
            ]
        )
        let lines = pool.explain(RouteRequest(models: [.fast]), at: now).lines
        #expect(lines.map(\.name) == ["ultra", "pro", "free", "z"])
        #expect(lines.map(\.rank) == [1, 2, nil, nil])
        #expect(lines.map(\.price?.amount) == [10, 20, nil, 10])
        #expect(lines.map(\.modelKeys) == [["fast_ultra"], ["fast"], [], ["fast_ultra"]])
        #expect(lines.map(\.available?.amount) == [690, 690, 690, 1])
    }

    @Test func `an account comes back from a rest one job at a time until the rest is forgotten`() {
        let rest = Rest(
            accountID: .sample("a"),
            modelID: nil,
            until: now,
            reason: .throttled,
            strikes: 2
        )
        var pool = RoutingSnapshot(.balanced, [.sample("a", jobs: 1, rests: [rest])])
        #expect(pool.name() == nil)
        let line = pool.explain(RouteRequest(models: [.fast]), at: now).lines.first
        let gently = Ineligibility.comingBack(reason: .throttled, inFlight: 1, width: 1)
        #expect(line?.ineligibilities == [gently])
        #expect(gently.words == "coming back gently (throttled): 1 of 1 jobs under way")
        #expect(pool.name(at: now + RestRule.forgetting * 2 - .milliseconds(1)) == nil)
        #expect(pool.name(at: now + RestRule.forgetting * 2) == "a")
    }

    @Test func `choices among many resting accounts look at few`() {
        let resting = (0..<2000).map { index in
            let rest = Rest(
                accountID: .sample("r\(index)"),
                modelID: nil,
                until: now + .seconds(60 + index),
                reason: .throttled,
                strikes: 1
            )
            return Candidate.sample("r\(index)", rests: [rest])
        }
        var pool = RoutingSnapshot(.roundRobin, resting + [.sample("z", lastUsed: 9)])
        #expect(pool.name() == "z")
        #expect(pool.name(at: now + .seconds(60)) == "r0")
        #expect(pool.count == 2001)
    }
}
