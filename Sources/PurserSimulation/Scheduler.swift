import PurserCore
import Synchronization

/// One thing that a process does to the world outside it, and that may be its last.
struct Effect: Sendable {
    enum Kind: Sendable {
        /// Between two tasks of a process.
        case idle
        case read
        case write
        /// A write that may be told twice under its operation id.
        case repeatableWrite
        case upstream
        case sleep
    }

    let kind: Kind
    let name: String
}

/// What becomes of an effect.
enum Verdict: String, Sendable {
    case done
    /// The process dies before it.
    case diesBefore = "dies before"
    /// It is carried out, and the process dies before it learns of it.
    case diesAfter = "dies after"
    /// The store is locked by somebody for too long; nothing was written.
    case busy
    /// The disk fails; whether the write is there the process cannot know. It writes nothing more.
    case failsBefore = "fails before"
    case failsAfter = "fails after"
    case twice
    /// The run is over.
    case ends
}

/// Virtual time and the one decision that makes a run: whose effect is next.
///
/// Every process waits at each of its effects until it is chosen, so one only ever runs, and whatever threads carry
/// them, the seed alone decides the order.
final class Scheduler: Sendable {
    struct Parked: Sendable {
        let process: Int
        let effect: Effect
        /// Not before this instant of true time.
        let wakes: Timestamp
        fileprivate let continuation: CheckedContinuation<Verdict, Never>
    }

    private struct State {
        var parked: [Parked] = []
        var driver: CheckedContinuation<Void, Never>?
        var now: Timestamp
        var clockError = Duration.zero
        var trace: Trace

        mutating func takeDriver() -> CheckedContinuation<Void, Never>? {
            defer { driver = nil }
            return driver
        }
    }

    private let state: Mutex<State>
    private let executor: OneThread

    init(start: Timestamp, keepsTrace: Bool, executor: OneThread) {
        self.executor = executor
        state = Mutex(State(now: start, trace: Trace(isKept: keepsTrace)))
    }

    /// True time.
    var now: Timestamp { state.withLock { $0.now } }
    /// What the machine's clock says.
    var clock: Timestamp { state.withLock { $0.now + $0.clockError } }
    var trace: Trace { state.withLock { $0.trace } }

    func advance(by span: Duration) { state.withLock { $0.now = $0.now + span } }

    func setClock(error: Duration) { state.withLock { $0.clockError = error } }

    /// Adds to the trace what the step under way came to.
    func note(_ words: @autoclosure () -> String) {
        let words = words()
        state.withLock { $0.trace.add(words, at: $0.now) }
    }

    // MARK: For processes

    /// Waits until it is this effect's turn, and answers what becomes of it.
    func turn(_ process: Int, _ effect: Effect, after span: Duration = .zero) async -> Verdict {
        await withCheckedContinuation { continuation in
            let driver = state.withLock { state in
                state.parked.append(
                    Parked(
                        process: process,
                        effect: effect,
                        wakes: state.now + span,
                        continuation: continuation
                    )
                )
                return state.takeDriver()
            }
            driver?.resume()
        }
    }

    /// Says that a process has ended for good.
    func leave() {
        state.withLock { $0.takeDriver() }?.resume()
    }

    // MARK: For the run

    /// Begins a process and returns when it waits at its first effect.
    func begin(_ process: @escaping @Sendable () async -> Void) async {
        await untilParked {
            Task(executorPreference: executor) {
                await process()
                self.leave()
            }
        }
    }

    /// Those whose turn it may be, in the order in which they came; empty when nobody is left.
    ///
    /// Where all sleep, time passes until the first wakes.
    func candidates() -> [Parked] {
        state.withLock { state in
            guard let first = state.parked.map(\.wakes).min() else { return [] }
            state.now = max(state.now, first)
            return state.parked.filter { $0.wakes <= state.now }
        }
    }

    /// Lets one go on, and returns when it waits again or has ended.
    func resume(_ chosen: Parked, as verdict: Verdict) async {
        state.withLock { state in
            state.parked.removeAll { $0.process == chosen.process }
            let words = "\(chosen.process) \(chosen.effect.name): \(verdict.rawValue)"
            state.trace.add(words, at: state.now)
        }
        await untilParked { chosen.continuation.resume(returning: verdict) }
    }

    private func untilParked(_ work: () -> Void) async {
        await withCheckedContinuation { driver in
            state.withLock { $0.driver = driver }
            work()
        }
    }
}

/// What happened, as one number that two equal runs share, and as lines where they are wanted.
struct Trace: Sendable {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines: [String] = []
    private let isKept: Bool

    init(isKept: Bool) { self.isKept = isKept }

    mutating func add(_ words: String, at now: Timestamp) {
        for byte in words.utf8 { mix(byte) }
        for place in 0..<8 { mix(UInt8(truncatingIfNeeded: now.milliseconds >> (8 * place))) }
        if isKept { lines.append("\(now.milliseconds) \(words)") }
    }

    /// FNV-1a.
    private mutating func mix(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}
