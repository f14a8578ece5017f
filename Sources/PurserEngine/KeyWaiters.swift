import PurserCore
import Synchronization

/// Requests that wait for the first one under their idempotency key, of this process or of another.
final class KeyWaiters: Sendable {
    struct Key: Hashable {
        let member: MemberID
        let text: String

        /// `nil`: the request has none.
        init?(member: MemberID, _ text: String?) {
            guard let text else { return nil }
            self.member = member
            self.text = text
        }
    }

    private struct State {
        var waiting: [Key: [Int: AsyncStream<Never>.Continuation]] = [:]
        var nextNumber = 0
    }

    private let ambient: Ambient
    private let state = Mutex(State())

    init(_ ambient: Ambient) {
        self.ambient = ambient
    }

    /// Returns when a request under the key has ended here, or the time is up: another process may have had it.
    func wait(for key: Key, atMost span: Duration) async throws {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            state.waiting[key, default: [:]][state.nextNumber] = continuation
            return state.nextNumber
        }
        defer {
            state.withLock { state in
                state.waiting[key]?[number] = nil
                if state.waiting[key]?.isEmpty ?? false { state.waiting[key] = nil }
            }
        }
        let sleep = ambient.sleep
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            group.addTask { try await sleep(span) }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// Wakes those who wait for the key.
    func wake(_ key: Key) {
        let woken = state.withLock { $0.waiting.removeValue(forKey: key) }
        for continuation in (woken ?? [:]).values { continuation.finish() }
    }
}
