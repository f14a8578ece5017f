import PurserCore
import Synchronization

/// Members' questions about jobs that are under way.
///
/// Who asks what is being asked already gets that answer, and one account is asked only so many things at a time: however
/// many programs poll, the service sees few.
package final class StatusQuestions: Sendable {
    private struct Key: Hashable {
        let group: JobInquiry.Group
        let names: [String]
    }

    private struct State {
        var underWay: [Key: Task<JobInquiry.Told, any Error>] = [:]
        var askers = 0
        var places: [AccountID: Int] = [:]
        var waiting: [AccountID: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// Questions to one account at a time; further ones wait.
    static let width = 4

    package init() {}

    /// How many wait for an answer.
    var askers: Int { state.withLock(\.askers) }

    /// The answer of `ask`, or of one that asks the same just now.
    ///
    /// It is asked to the end, whoever gives up.
    func ask(
        _ questions: [JobInquiry.Question],
        _ group: JobInquiry.Group,
        _ ask: @escaping @Sendable () async throws -> JobInquiry.Told
    ) async throws -> JobInquiry.Told {
        let key = Key(group: group, names: questions.map(\.name).sorted())
        let task = state.withLock { state in
            state.askers += 1
            if let task = state.underWay[key] { return task }
            let task = Task {
                defer { forget(key) }
                await enter(group.account)
                defer { leave(group.account) }
                return try await ask()
            }
            state.underWay[key] = task
            return task
        }
        defer { state.withLock { $0.askers -= 1 } }
        return try await task.value
    }

    private func forget(_ key: Key) {
        state.withLock { $0.underWay[key] = nil }
    }

    private func enter(_ account: AccountID) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.places[account, default: 0] >= Self.width else {
                    state.places[account, default: 0] += 1
                    return true
                }
                state.waiting[account, default: []].append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the place to whoever has waited longest.
    private func leave(_ account: AccountID) {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let next = state.waiting[account]?.first {
                state.waiting[account]?.removeFirst()
                if state.waiting[account]?.isEmpty ?? false { state.waiting[account] = nil }
                return next
            }
            let left = state.places[account, default: 1] - 1
            state.places[account] = left == 0 ? nil : left
            return nil
        }
        next?.resume()
    }
}
