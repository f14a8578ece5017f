import Glibc
import Logging
import PurserCore
import PurserEngine
import PurserStore
import PurserVault

/// A process that works, dies and is started again, until the run is over.
struct SimulatedProcess: Sendable {
    let number: Int
    let world: World
    var chance: Chance

    mutating func run() async {
        while true {
            let pause = chance.span(upTo: .seconds(600))
            let start = Effect(kind: .idle, name: "start")
            switch await world.scheduler.turn(number, start, after: pause) {
            case .ends: return
            case .done: break
            default: continue
            }
            let instance = InstanceID(using: &chance)
            do {
                if try await live(as: instance) { return }
                try await Self.waitForDeath(of: instance, in: world.home)
            } catch {
                return world.report("process \(number) stops: \(error)")
            }
        }
    }

    /// Works until it dies; true when the run is over instead.
    private mutating func live(as instance: InstanceID) async throws -> Bool {
        let store = try await SQLiteStore.open(
            home: world.home,
            options: world.options(instance: instance)
        )
        let world = world
        let life = Life(process: number, scheduler: world.scheduler, chance: chance.branch()) {
            world.report($0)
        }
        let engine = world.engine(store, life)
        while true {
            let pause = chance.span(upTo: chance.one(of: [.seconds(30), .seconds(43_200)]))
            let idle = Effect(kind: .idle, name: "idle")
            switch await world.scheduler.turn(number, idle, after: pause) {
            case .done: break
            case .ends:
                try await store.close()
                return true
            default: return false
            }
            do {
                try await work(engine, store)
            } catch {
                life.note("failed: \(Self.words(error))")
                if !life.isOver, !Self.isExpected(error) {
                    world.report("process \(number): \(error)")
                }
            }
            if let ghost = life.unsettled, world.plan.hasGhosts { world.keep(ghost) }
            if life.isOver { return false }
        }
    }

    /// The kernel drops a dead process's lock at once; here its last task may take a moment to let go.
    private static func waitForDeath(of instance: InstanceID, in home: String) async throws {
        let path = "\(home)/instances/\(instance).lock"
        for _ in 0..<100_000 {
            let file = open(path, O_RDWR | O_CLOEXEC)
            if file < 0 { return }
            defer { close(file) }
            if flock(file, LOCK_SH | LOCK_NB) == 0 { return }
            await Task.yield()
        }
        throw SimulationError("\(path) is still held")
    }

    // MARK: Work

    private mutating func work(_ engine: Engine, _ store: SQLiteStore) async throws {
        switch chance.int(in: 0..<100) {
        case 0..<50: try await send(world.newRequest(&chance), engine)
        case 50..<60:
            if let sent = world.repeatedRequest(&chance) { try await send(sent, engine) }
        case 60..<62:
            let key = world.repeatedRequest(&chance)?.key
            try await send(world.newRequest(&chance, key: key), engine)
        case 62..<76: _ = try await JobDesk(engine).check(waitingForQuiet: chance.happens(600))
        case 76..<86:
            let accounts = try await engine.store.accounts().map(\.account)
            _ = await AccountDesk(engine).refresh(accounts)
        case 86..<92: try await tend(engine)
        case 92..<95:
            try await engine.store.adjustBudget(
                of: chance.one(of: world.members),
                by: Credits(unchecked: Int64(chance.int(in: 1..<300))),
                operation: engine.ambient.newID(),
                by: engine.actor,
                at: engine.ambient.now()
            )
        case 95..<97:
            let vault = world.vault
            try await engine.store.writeCheckpoint(at: engine.ambient.now(), epoch: vault.epoch) {
                vault.ledgerMAC($0)
            }
        default:
            guard let ghost = world.takeGhost() else { return }
            try await engine.store.settle(
                ghost.claim,
                as: ghost.settlement,
                at: engine.ambient.now()
            )
        }
    }

    private mutating func send(_ sent: World.Sent, _ engine: Engine) async throws {
        let body = try RequestBody.parse(Array(sent.body.utf8))
        let id: SubmissionID = engine.ambient.newID()
        world.name(id, as: sent.number)
        let receipt = try await Dispatcher(engine).dispatch(
            Submission(
                id: id,
                memberID: sent.member,
                idempotencyKey: sent.key,
                call: try engine.resolver.call(of: body),
                body: body
            )
        )
        if receipt.isAccepted, chance.happens(300) {
            _ = try await JobDesk(engine).wait(
                JobFilter(submissionID: receipt.submissionID),
                limit: .seconds(chance.int(in: 0..<120))
            ) { _ in }
        }
    }

    /// What an operator does: fresh tokens where they are needed, and accounts back in use.
    func tend(_ engine: Engine) async throws {
        for overview in try await engine.store.accounts() {
            switch overview.account.state {
            case .enabled: continue
            case .paused:
                try await AccountRegister(
                    store: engine.store,
                    actor: engine.actor,
                    now: engine.ambient.now
                ).resume(overview.account)
            case .needsRotation:
                var account = overview.account
                if let tier = world.upstream.books(of: account.id)?.tier { account.tier = tier }
                _ = try await AccountDesk(engine).rotate(
                    account,
                    to: try world.newToken(),
                    probing: true,
                    expiresAt: nil
                )
            }
        }
    }

    // MARK: Errors

    /// What a caller may well be told in such a world.
    private static func isExpected(_ error: any Error) -> Bool {
        switch error {
        case is RoutingRefusal, is DispatchError, is ProviderFailure, is EngineError: true
        case StoreError.overBudget, StoreError.idempotencyConflict, StoreError.stillUnderWay,
            StoreError.lockTimeout, StoreError.operationReused, StoreError.needsRotation,
            StoreError.noBudget:
            true
        default: false
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case is RoutingRefusal: "no account"
        case is DispatchError: "no answer"
        case let failure as any Failure: "\(failure.kind)"
        default: "\(type(of: error))"
        }
    }
}

extension Logger {
    /// Nobody reads what simulated processes log.
    static var silent: Logger { Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() } }
}
