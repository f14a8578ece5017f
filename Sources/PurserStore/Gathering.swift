import Synchronization

/// The results of several operations, until all are there.
final class Gathering<Value: Sendable>: Sendable {
    private struct State {
        var results: [Result<Value, any Error>?]
        var left: Int
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<[Result<Value, any Error>], Never>

    init(_ count: Int, _ continuation: CheckedContinuation<[Result<Value, any Error>], Never>) {
        state = Mutex(State(results: Array(repeating: nil, count: count), left: count))
        self.continuation = continuation
    }

    func put(_ result: Result<Value, any Error>, at index: Int) {
        let all = state.withLock { state -> [Result<Value, any Error>]? in
            state.results[index] = result
            state.left -= 1
            return state.left == 0 ? state.results.compactMap { $0 } : nil
        }
        if let all { continuation.resume(returning: all) }
    }
}
