import PurserCore
import Synchronization

/// The process that was to do something is gone.
struct ProcessDied: Error {}

/// One run of a process, from its start to its death.
final class Life: Sendable {
    private struct State {
        var isDead = false
        /// The disk failed under it: it reads, and writes nothing more.
        var isPoisoned = false
        var settling: Ghost?
        var chance: Chance
    }

    let process: Int
    let scheduler: Scheduler
    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void

    init(
        process: Int,
        scheduler: Scheduler,
        chance: Chance,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.process = process
        self.scheduler = scheduler
        self.report = report
        state = Mutex(State(chance: chance))
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    /// Whether it cannot go on after the task under way.
    var isOver: Bool { state.withLock { $0.isDead || $0.isPoisoned } }
    /// The settlement it died over, for whoever may still hand it in.
    var unsettled: Ghost? { state.withLock { $0.isDead ? $0.settling : nil } }

    func draw<Value>(_ body: (inout Chance) -> Value) -> Value {
        state.withLock { body(&$0.chance) }
    }

    func latency() -> Duration { .milliseconds(draw { $0.int(in: 20..<4000) }) }

    func note(_ words: @autoclosure () -> String) { scheduler.note(words()) }

    func willSettle(_ claim: Claim, as settlement: Settlement) {
        state.withLock { $0.settling = Ghost(claim: claim, settlement: settlement) }
    }

    /// Does one thing when its turn comes, if it comes.
    func effect<Value: Sendable>(
        _ kind: Effect.Kind,
        _ name: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await carryOut(try await turn(kind, name), body)
    }

    /// As `effect`, for what may be told again under its operation id; `isSame` says whether the second
    /// answer fits the first.
    func repeatable<Value: Sendable>(
        _ name: String,
        _ isSame: (Value, Value) -> Bool = { _, _ in true },
        telling body: () async throws -> Value
    ) async throws -> Value {
        let verdict = try await turn(.repeatableWrite, name)
        let first = try await carryOut(verdict, body)
        state.withLock { if name == "settle" { $0.settling = nil } }
        guard verdict == .twice else { return first }
        let second: Value
        do { second = try await body() } catch {
            report("\(name), told twice, failed the second time: \(error)")
            return first
        }
        if !isSame(first, second) {
            report("\(name), told twice, answered \(first), then \(second)")
        }
        return first
    }

    private func carryOut<Value: Sendable>(
        _ verdict: Verdict,
        _ body: () async throws -> Value
    ) async throws -> Value {
        switch verdict {
        case .diesAfter:
            _ = try? await body()
            throw die()
        case .failsAfter:
            _ = try? await body()
            throw poison()
        case .twice, .done: return try await body()
        case .busy: throw StoreError.lockTimeout(path: "purser.db.lock")
        case .failsBefore: throw poison()
        case .diesBefore, .ends: throw die()
        }
    }

    func sleep(_ span: Duration) async throws {
        if isDead { throw ProcessDied() }
        switch await scheduler.turn(process, Effect(kind: .sleep, name: "sleep"), after: span) {
        case .done: return
        default: throw die()
        }
    }

    private func turn(_ kind: Effect.Kind, _ name: String) async throws -> Verdict {
        if isDead { throw ProcessDied() }
        let writes = kind == .write || kind == .repeatableWrite
        if writes, state.withLock({ $0.isPoisoned }) { throw Self.diskFailure }
        return await scheduler.turn(process, Effect(kind: kind, name: name))
    }

    private func die() -> ProcessDied {
        state.withLock { $0.isDead = true }
        return ProcessDied()
    }

    private func poison() -> StoreError {
        state.withLock { $0.isPoisoned = true }
        return Self.diskFailure
    }

    private static let diskFailure = StoreError.io("the simulated disk fails")
}

/// A settlement whose process is thought dead.
struct Ghost: Sendable {
    let claim: Claim
    let settlement: Settlement
}
