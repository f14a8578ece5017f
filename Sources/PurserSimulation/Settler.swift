import PurserCore
import PurserEngine
import PurserStore
import PurserVault

/// Comes when all others are gone, and has everything decided that they left.
struct Settler: Sendable {
    let world: World
    let number: Int
    var chance: Chance

    /// Fresh tokens, all jobs, and two readings of every balance.
    func round() async {
        do {
            try await settle()
        } catch {
            world.report("what was left open cannot be decided: \(error)")
        }
    }

    private func settle() async throws {
        let store = try await SQLiteStore.open(home: world.home, options: world.options())
        let world = world
        let life = Life(process: number, scheduler: world.scheduler, chance: chance) {
            world.report($0)
        }
        let engine = world.engine(store, life)
        try await SimulatedProcess(number: number, world: world, chance: chance).tend(engine)
        _ = try await JobDesk(engine).check(waitingForQuiet: true)
        for _ in 0..<2 {
            let accounts = try await engine.store.accounts().map(\.account)
            for refreshed in await AccountDesk(engine).refresh(accounts) {
                if case .failure(let error) = refreshed.result {
                    life.note("failed: \(refreshed.account.name): \(error)")
                }
            }
            try await engine.ambient.sleep(world.plan.quietAfter + .seconds(1))
        }
        try await store.close()
    }

    /// What `purser ledger verify` would call a violation.
    func verify() async throws -> [String] {
        let store = try await SQLiteStore.open(home: world.home, options: world.options())
        let vault = world.vault
        let found = try await store.verify(at: world.scheduler.clock) { vault.ledgerMAC($0) }
        try await store.close()
        return found.findings.filter(\.isViolation).map {
            "ledger verify: \($0.rule) \($0.place): \($0.message)"
        }
    }
}
