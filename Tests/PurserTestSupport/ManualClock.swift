package import PurserCore
import Synchronization

/// Time that passes only when a test, or code under test that sleeps, says so.
package final class ManualClock: Sendable {
    private struct Sleeper {
        let number: Int
        let until: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var instant: Timestamp
        var sleepers: [Sleeper] = []
        var nextNumber = 0
    }

    private let state: Mutex<State>

    /// Starts at noon UTC of 2026-11-21.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_795_262_400_000)) {
        state = Mutex(State(instant: start))
    }

    package var now: Timestamp { state.withLock(\.instant) }

    /// How many tasks sleep on it now.
    package var sleepers: Int { state.withLock(\.sleepers.count) }

    /// Lets time pass, and wakes who has slept long enough, the earliest first.
    package func advance(by span: Duration) {
        let woken = state.withLock { state in
            state.instant = state.instant + span
            let now = state.instant
            let woken = state.sleepers.filter { $0.until <= now }
            state.sleepers.removeAll { $0.until <= now }
            return woken.sorted { ($0.until, $0.number) < ($1.until, $1.number) }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Returns when somebody has let so much time pass.
    package func sleep(for span: Duration) async throws {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if span <= .zero {
                        continuation.resume()
                    } else {
                        let until = state.instant + span
                        state.sleepers.append(
                            Sleeper(number: number, until: until, continuation: continuation)
                        )
                    }
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                let index = state.sleepers.firstIndex { $0.number == number }
                return index.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
