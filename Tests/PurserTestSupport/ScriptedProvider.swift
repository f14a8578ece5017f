package import PurserCore
import Synchronization

/// A provider that answers by a script, and remembers what it was asked.
///
/// An empty script is a test's mistake and shows as an unknown outcome that says so.
package final class ScriptedProvider: Provider {
    package struct Sent: Sendable, Equatable {
        package let path: String
        package let body: String
        package let accountID: AccountID
        package let version: UInt64
    }

    package struct Question: Sendable, Equatable {
        package let accountID: AccountID
        package let version: UInt64
        package let shape: ResponseShape
        package let names: [String]
    }

    private struct State {
        var outcomes: [Outcome] = []
        var anyReading: CreditsReading?
        var readings: [AccountID: [Result<CreditsReading, ProviderFailure>]] = [:]
        var states: [String: JobReading] = [:]
        var everyState: (@Sendable (String) -> JobReading)?
        var deadVersions: Set<UInt64> = []
        var remaining: Credits?
        var failingQuestions = 0
        var failingAccounts: Set<AccountID> = []
        var forgotten: Set<String> = []
        var statusRefusals: [Refusal] = []
        var sent: [Sent] = []
        var asked: [Question] = []
        var beforeAnswer: (@Sendable () async -> Void)?
        var beforeReading: (@Sendable () async -> Void)?
        var beforeStatus: (@Sendable (AccountID) async -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package var sent: [Sent] { state.withLock { $0.sent } }
    /// The credential versions that status queries came with.
    package var askedVersions: [UInt64] { state.withLock { $0.asked.map(\.version) } }
    /// Status queries, in order.
    package var asked: [Question] { state.withLock { $0.asked } }

    package func answer(_ outcomes: Outcome...) {
        state.withLock { $0.outcomes += outcomes }
    }

    /// Readings of an account's balance, in order; the last one is repeated.
    package func credits(
        of account: AccountID,
        _ readings: Result<CreditsReading, ProviderFailure>...
    ) {
        state.withLock { $0.readings[account] = readings }
    }

    /// The reading of accounts that have none of their own, such as one that is being added.
    package func anyCredits(_ reading: CreditsReading) {
        state.withLock { $0.anyReading = reading }
    }

    package func job(_ reading: JobReading, remaining: Credits? = nil) {
        state.withLock {
            $0.states[reading.operationName] = reading
            $0.remaining = remaining
        }
    }

    /// What is said of jobs of which nothing else is.
    package func everyJob(_ reading: @escaping @Sendable (String) -> JobReading) {
        state.withLock { $0.everyState = reading }
    }

    /// So many status queries fail before one is answered.
    package func failStatus(times: Int) {
        state.withLock { $0.failingQuestions = times }
    }

    /// Every status query of this account fails, or none.
    package func failStatus(of account: AccountID, _ fails: Bool = true) {
        state.withLock { state in
            if fails {
                state.failingAccounts.insert(account)
            } else {
                state.failingAccounts.remove(account)
            }
        }
    }

    /// Every status query that names this job gets a 404, or none.
    package func forget(_ name: String, _ isForgotten: Bool = true) {
        state.withLock { state in
            if isForgotten {
                state.forgotten.insert(name)
            } else {
                state.forgotten.remove(name)
            }
        }
    }

    /// The next status queries are refused so.
    package func refuseStatus(_ refusals: Refusal...) {
        state.withLock { $0.statusRefusals += refusals }
    }

    /// Runs while a status query is under way, before it is answered.
    package func whileAsking(_ body: @escaping @Sendable (AccountID) async -> Void) {
        state.withLock { $0.beforeStatus = body }
    }

    /// Every call with this version gets a 401.
    package func killToken(version: UInt64) {
        state.withLock { _ = $0.deadVersions.insert(version) }
    }

    /// Runs while a submission is under way, before it is answered.
    package func whileSending(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.beforeAnswer = body }
    }

    /// Runs once, while the next reading of a balance is under way.
    package func whileReading(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.beforeReading = body }
    }

    package func submit(
        path: String,
        body: Payload,
        contentType: String,
        with credential: borrowing OpenCredential
    ) async -> Outcome {
        let sent = Sent(
            path: path,
            body: String(decoding: body.bytes, as: UTF8.self),
            accountID: credential.accountID,
            version: credential.version
        )
        let before = state.withLock { state in
            state.sent.append(sent)
            return state.beforeAnswer
        }
        await before?()
        return state.withLock { state in
            if state.deadVersions.contains(sent.version) {
                return .refused(.scripted(.tokenDead, status: 401))
            }
            return state.outcomes.isEmpty
                ? .unknown(reason: "the script is empty", answer: nil)
                : state.outcomes.removeFirst()
        }
    }

    package func status(
        of jobs: [StatusQuery],
        shape: ResponseShape,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> StatusReading {
        let version = credential.version
        let question = Question(
            accountID: credential.accountID,
            version: version,
            shape: shape,
            names: jobs.map(\.operationName)
        )
        let before = state.withLock { state in
            state.asked.append(question)
            return state.beforeStatus
        }
        await before?(question.accountID)
        let (readings, isDead, remaining) = state.withLock { state in
            (
                jobs.compactMap {
                    state.states[$0.operationName] ?? state.everyState?($0.operationName)
                },
                state.deadVersions.contains(version), state.remaining
            )
        }
        let fails = state.withLock { state in
            state.failingQuestions -= 1
            return state.failingQuestions >= 0 || state.failingAccounts.contains(question.accountID)
        }
        let isForgotten = state.withLock { !$0.forgotten.isDisjoint(with: question.names) }
        let refusal = state.withLock { state in
            state.statusRefusals.isEmpty ? nil : state.statusRefusals.removeFirst()
        }
        if let refusal { throw .refused(refusal) }
        if fails { throw .refused(.scripted(.serviceBusy, status: 503)) }
        if isDead { throw .refused(.scripted(.tokenDead, status: 401)) }
        if isForgotten { throw .refused(.scripted(.notFound, status: 404)) }
        return StatusReading(jobs: readings, remaining: remaining)
    }

    package func credits(
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> CreditsReading {
        let account = credential.accountID
        let version = credential.version
        let before = state.withLock { state in
            defer { state.beforeReading = nil }
            return state.beforeReading
        }
        await before?()
        if state.withLock({ $0.deadVersions.contains(version) }) {
            throw .refused(.scripted(.tokenDead, status: 401))
        }
        let reading = state.withLock { state -> Result<CreditsReading, ProviderFailure>? in
            guard let readings = state.readings[account], let first = readings.first else {
                return state.anyReading.map { .success($0) }
            }
            if readings.count > 1 { state.readings[account]?.removeFirst() }
            return first
        }
        guard let reading else { throw .unreadable("the script has no reading of this account") }
        return try reading.get()
    }
}

extension Refusal {
    package static func scripted(
        _ cause: RefusalCause,
        status: Int,
        reason: String? = nil,
        retryAfter: Duration? = nil
    ) -> Refusal {
        Refusal(
            cause: cause,
            answer: .scripted(status: status),
            message: cause.rawValue,
            reason: reason,
            retryAfter: retryAfter
        )
    }
}

extension ProviderAnswer {
    package static func scripted(status: Int = 200, _ body: String = "{}") -> ProviderAnswer {
        ProviderAnswer(status: status, contentType: "application/json", body: Array(body.utf8))
    }
}

extension Outcome {
    /// Accepted, with one job for each name.
    package static func accepted(_ names: String..., remaining: Int64? = nil) -> Outcome {
        .accepted(names: names, remaining: remaining)
    }

    package static func accepted(names: [String], remaining: Int64? = nil) -> Outcome {
        .accepted(
            Acceptance(
                answer: .scripted("{\"names\":\"\(names.joined(separator: " "))\"}"),
                jobs: names.map {
                    AcceptedJob(
                        operationName: $0,
                        shape: .operations,
                        sceneID: nil,
                        projectID: nil,
                        state: .pending
                    )
                },
                remaining: remaining.flatMap { Credits($0) }
            )
        )
    }
}
