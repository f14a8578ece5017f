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
        /// Who waits for the answer to what is being asked.
        var underWay: [Key: [Int: CheckedContinuation<JobInquiry.Told, any Error>]] = [:]
        var nextNumber = 0
        var places: [AccountID: Int] = [:]
        var waiting: [AccountID: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// Questions to one account at a time; further ones wait.
    static let width = 4

    package init() {}

    /// How many wait for an answer.
    var askers: Int { state.withLock { $0.underWay.values.reduce(0) { $0 + $1.count } } }

    /// The answer of `ask`, or of one that asks the same just now.
    ///
    /// It is asked to the end, whoever gives up; who does leaves at once.
    func ask(
        _ questions: [JobInquiry.Question],
        _ group: JobInquiry.Group,
        _ ask: @escaping @Sendable () async throws -> JobInquiry.Told
    ) async throws -> JobInquiry.Told {
        let key = Key(group: group, names: questions.map(\.name).sorted())
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if join(key, number, continuation) { Task { await answer(key, ask) } }
            }
        } onCancel: {
            state.withLock { $0.underWay[key]?.removeValue(forKey: number) }?
                .resume(throwing: CancellationError())
        }
    }

    /// Whether nobody has asked it yet.
    private func join(
        _ key: Key,
        _ number: Int,
        _ continuation: CheckedContinuation<JobInquiry.Told, any Error>
    ) -> Bool {
        let isFirst = state.withLock { state -> Bool? in
            // Whoever was cancelled sooner was not found among those who wait.
            if Task.isCancelled { return nil }
            defer { state.underWay[key, default: [:]][number] = continuation }
            return state.underWay[key] == nil
        }
        if isFirst == nil { continuation.resume(throwing: CancellationError()) }
        return isFirst ?? false
    }

    private func answer(
        _ key: Key,
        _ ask: @Sendable () async throws -> JobInquiry.Told
    ) async {
        await enter(key.group.account)
        let told = await Result { try await ask() }
        leave(key.group.account)
        let askers = state.withLock { $0.underWay.removeValue(forKey: key) } ?? [:]
        for asker in askers.values { asker.resume(with: told) }
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
