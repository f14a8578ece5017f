import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// Random work on two stores of one file; the books must hold after every stretch of it.
struct RandomOperationsTests {
    private struct World {
        var now = LedgerFixture.start
        var open: [Claim] = []
        var jobs: [Job] = []
        /// What the service would show: charges fall at once, refunds and freed work rise.
        var shown: [AccountID: Int64] = [:]
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random operations keep every rule`(_ seed: UInt64) async throws {
        let home = TestHome()
        let store = try await home.open()
        let second = try await home.open()
        let fixture = LedgerFixture(store, seed: seed)
        let other = LedgerFixture(second, seed: seed &+ 1000)
        try await fixture.createVault()
        var world = World()
        var accounts: [Account] = []
        for (name, tier) in [("a", Tier.ultra), ("b", .tierOne), ("c", .ultra)] {
            let account = try await fixture.addAccount(name, tier: tier, credits: 400)
            world.shown[account.id] = 400
            accounts.append(account)
        }
        let members = [
            try await fixture.addMember("m", budget: 600), try await fixture.addMember("n"),
        ]
        for step in 0..<700 {
            let books = fixture.random(0..<4) == 0 ? other : fixture
            world.now = world.now + .milliseconds(Int64(fixture.random(0..<20_000)))
            try await self.step(&world, books, accounts, members)
            if step % 175 == 174 {
                let findings = try await fixture.findings(at: world.now)
                #expect(findings.filter(\.isViolation) == [], "seed \(seed), step \(step)")
            }
        }
        try await second.close()
        try await store.close()
    }

    private func step(
        _ world: inout World,
        _ books: LedgerFixture,
        _ accounts: [Account],
        _ members: [Member]
    ) async throws {
        switch books.random(0..<10) {
        case 0..<4:
            let order = books.order(
                members[books.random(0..<2)],
                videos: books.random(0..<4)
            )
            do {
                world.open.append(try await books.claim(order, at: world.now))
            } catch is RoutingRefusal {
            } catch StoreError.overBudget {}
        case 4..<7:
            guard !world.open.isEmpty else { return }
            let claim = world.open.remove(at: books.random(0..<world.open.count))
            try await end(claim, &world, books)
        case 7:
            guard !world.jobs.isEmpty else { return }
            let job = world.jobs.remove(at: books.random(0..<world.jobs.count))
            let fails = books.random(0..<3) == 0
            try await books.record(job, fails ? .failed : .successful, at: world.now)
            if fails { world.shown[job.accountID]? += job.price.amount }
        default:
            let account = accounts[books.random(0..<accounts.count)]
            if books.random(0..<8) == 0 { world.shown[account.id]? += 100 }
            let shown = max(world.shown[account.id] ?? 0, 0)
            for _ in 0..<books.random(1..<3) {
                _ = try await books.observe(account, shown, at: world.now)
                world.now = world.now + StoreConformance.quietAfter
            }
        }
    }

    private func end(
        _ claim: Claim,
        _ world: inout World,
        _ books: LedgerFixture
    ) async throws {
        switch books.random(0..<4) {
        case 0: try await books.void(claim, at: world.now)
        case 1:
            try await books.markUnknown(claim, at: world.now)
            if books.random(0..<2) == 0 {
                world.shown[claim.account.id]? -= claim.price.amount
                if books.random(0..<2) == 0 {
                    world.jobs += try await books.settle(claim, at: world.now)
                }
            }
        default:
            world.shown[claim.account.id]? -= claim.price.amount
            world.jobs += try await books.settle(claim, at: world.now)
        }
    }
}
