import Synchronization

/// The requests that are being answered, so that the end of the gateway reaches those that wait and awaits the others.
final class UnderWay: Sendable {
    private struct State {
        var cancels: [Int: @Sendable () -> Void] = [:]
        var nextNumber = 0
        var isOver = false
        /// Who waits for the last one.
        var ending: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Carries out `body` in a task of its own: what cancels that leaves the connection able to write the answer.
    ///
    /// A client that has hung up cancels it, and so does `end`.
    func carryOut<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        let task = Task { await body() }
        let (number, isOver) = state.withLock { state in
            state.nextNumber += 1
            state.cancels[state.nextNumber] = { task.cancel() }
            return (state.nextNumber, state.isOver)
        }
        defer { leave(number) }
        if isOver { task.cancel() }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Cancels what is under way, and whatever comes yet; returns when nothing is under way any more.
    func end() async {
        let cancels = state.withLock { state in
            state.isOver = true
            return Array(state.cancels.values)
        }
        for cancel in cancels { cancel() }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.cancels.isEmpty { state.ending = continuation }
                return state.cancels.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func leave(_ number: Int) {
        let ending = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.cancels[number] = nil
            guard state.cancels.isEmpty else { return nil }
            defer { state.ending = nil }
            return state.ending
        }
        ending?.resume()
    }
}
