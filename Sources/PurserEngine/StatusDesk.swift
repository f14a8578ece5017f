import Logging
package import PurserCore
import PurserVault

/// Answers members' questions about their jobs, in the service's own words.
///
/// One question may name jobs of several accounts: each account is asked about its own, side by side, and the elements are
/// put together in the order asked. What has ended is told from what was kept, without a call.
package struct StatusDesk: Sendable {
    private let engine: Engine
    private let line: WaitingLine?

    /// `line`: who waits there is told when a job has ended.
    package init(_ engine: Engine, line: WaitingLine? = nil) {
        self.engine = engine
        self.line = line
    }

    /// What the service says of a job or a medium that it does not know, or that is not the caller's.
    package static let notFound = ProviderAnswer(
        status: 404,
        contentType: "application/json; charset=UTF-8",
        body: Array(
            """
            {"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}
            """.utf8
        )
    )

    /// The answer to a question in either shape, or in both; a job that is unknown or another member's is `notFound`.
    ///
    /// Throws `StatusRequestError` for a body that is no question, and why an account could not be asked where none
    /// could. No account's balance is ever in it.
    package func answer(_ body: [UInt8], for member: Member) async throws -> ProviderAnswer {
        let questions = try StatusRequest(body).questions
        var answers: [Answer] = []
        for shape in [ResponseShape.operations, .media] {
            let asked = questions.filter { $0.shape == shape }
            guard !asked.isEmpty else { continue }
            let found = try await engine.store.jobs(
                named: asked.map(\.name),
                in: shape,
                of: member.id
            )
            guard found.count == asked.count else { return Self.notFound }
            for (question, named) in zip(asked, found) {
                let element = try await kept(named, in: shape)
                answers.append(
                    Answer(
                        question: question,
                        job: named.job,
                        state: named.job.state,
                        failure: named.job.failure,
                        element: element
                    )
                )
            }
        }
        if let refusal = try await complete(&answers) { return refusal }
        return ProviderAnswer(
            status: 200,
            contentType: "application/json; charset=UTF-8",
            body: Self.body(of: answers)
        )
    }

    private struct Answer: Sendable {
        let question: StatusRequest.Question
        let job: Job
        var state: JobState
        var failure: String?
        var element: [UInt8]?
    }

    private func kept(_ named: NamedJob, in shape: ResponseShape) async throws -> [UInt8]? {
        guard named.job.state.hasEnded, let sealed = named.answer else { return nil }
        do {
            return try await engine.keyring.open(sealed, of: .job(named.job.id, shape)).body
        } catch {
            // The service still knows it.
            engine.logger.warning(
                "what was kept of a job does not open",
                metadata: ["job.id": "\(named.job.id)", "error": "\(error)"]
            )
            return nil
        }
    }

    // MARK: Asking

    /// Asks for what is missing; returns a refusal of the service that stands for the whole answer.
    ///
    /// One account's trouble is not the others': where some could be asked, the jobs of those that could not are
    /// told to be as they were.
    private func complete(_ answers: inout [Answer]) async throws -> ProviderAnswer? {
        let open = answers.indices.filter { answers[$0].element == nil }
        let groups = Dictionary(grouping: open) { index in
            JobInquiry.Group(
                account: answers[index].job.accountID,
                version: answers[index].job.credentialVersion,
                shape: answers[index].question.shape
            )
        }
        let parts = groups.sorted { $0.key < $1.key }.map { group, indices in
            (
                group: group,
                questions: indices.map {
                    JobInquiry.Question(answers[$0].job, as: answers[$0].question.name)
                }
            )
        }
        let inquiry = JobInquiry(engine)
        let told = await sideBySide(parts, width: engine.settings.refreshWidth) { part in
            await Result {
                try await engine.questions.ask(part.questions, part.group) {
                    try await inquiry.ask(part.questions, part.group)
                }
            }
        }
        await followUp(zip(parts, told).map { ($0.group.account, $1) })
        for (part, result) in zip(parts, told) {
            guard case .success(let told) = result else { continue }
            if let refusal = told.refusal { return refusal.answer }
            for index in groups[part.group] ?? [] {
                let reading = told.readings[answers[index].question.name]
                answers[index].element = reading?.element ?? []
                if let reading {
                    answers[index].state = reading.state
                    answers[index].failure = reading.failure
                }
            }
        }
        let isAnyAnswered = answers.contains { $0.element != nil }
        if !isAnyAnswered, case .failure(let error)? = told.first { return try Self.passed(error) }
        return nil
    }

    /// What the service says goes to the caller, but for a dead token, which is none of theirs.
    private static func passed(_ error: any Error) throws -> ProviderAnswer {
        guard case ProviderFailure.refused(let refusal) = error, refusal.cause != .tokenDead else {
            throw error
        }
        return refusal.answer
    }

    private func followUp(_ told: [(AccountID, Result<JobInquiry.Told, any Error>)]) async {
        var unlikeTheBooks: Set<AccountID> = []
        for (account, result) in told {
            switch result {
            case .success(let told):
                if told.readings.values.contains(where: \.state.hasEnded) { line?.stir() }
                if told.callsForReading { unlikeTheBooks.insert(account) }
            case .failure(let error):
                engine.logger.warning(
                    "an account could not be asked about its jobs",
                    metadata: ["account.id": "\(account)", "error": "\(error)"]
                )
            }
        }
        guard !unlikeTheBooks.isEmpty else { return }
        await AccountDesk(engine).readAgain(unlikeTheBooks)
    }

    /// Every element as it came; one without words of the service says the state and the failure that are known.
    private static func body(of answers: [Answer]) -> [UInt8] {
        var lists: [[UInt8]] = []
        for shape in [ResponseShape.operations, .media] {
            let elements = answers.filter { $0.question.shape == shape }.map { answer in
                guard let element = answer.element, !element.isEmpty else {
                    return answer.question.element(in: answer.state, failure: answer.failure)
                }
                return element
            }
            guard !elements.isEmpty else { continue }
            let list = elements.joined(separator: [UInt8(ascii: ",")])
            lists.append(Array("\"\(shape.rawValue)\":[".utf8) + list + [UInt8(ascii: "]")])
        }
        let members = lists.joined(separator: [UInt8(ascii: ",")])
        return [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]
    }

    // MARK: Cancelling

    /// Cancels a member's job on the account that runs it; one that is unknown or another member's is `notFound`.
    ///
    /// It costs nothing and makes nothing, so the books have no part in it; the job's end is told by a later question.
    package func cancel(
        _ body: RequestBody,
        contentType: String,
        for member: Member
    ) async throws -> ProviderAnswer {
        let found = try await engine.store.jobs(
            named: body.mediaIDs,
            in: .media,
            of: member.id
        )
        guard let job = found.first?.job,
            let account = try await engine.store.account(job.accountID)
        else { return Self.notFound }
        let bytes = body.rewritten(
            tier: account.tier,
            modelKeys: [],
            projectID: account.settings.projectID
        )
        let begunAt = engine.ambient.now()
        // In a task of its own: who hangs up must not leave open whether it was sent.
        let (version, outcome) = try await Task {
            try await TokenDesk(engine).lend(
                of: account,
                isRefused: Self.isTokenDead
            ) { credential in
                let version = credential.version
                let outcome = await engine.provider.submit(
                    path: ProviderCall.cancel.path,
                    body: bytes,
                    contentType: contentType,
                    with: credential
                )
                return (version, outcome)
            }
        }.value
        switch outcome {
        case .accepted(let acceptance): return acceptance.answer
        case .refused(let refusal):
            await AccountDesk(engine).takeIn(
                refusal,
                of: account.id,
                version: version,
                begunAt: begunAt
            )
            return try Self.passed(ProviderFailure.refused(refusal))
        case .unknown(let reason, nil), .notSent(let reason, nil):
            throw ProviderFailure.unreachable(reason)
        case .unknown(_, .some(let answer)): return answer
        case .notSent(_, .some(let failure)): throw failure
        }
    }
}

extension StatusDesk {
    private static func isTokenDead(_ answered: (version: UInt64, outcome: Outcome)) -> Bool {
        answered.outcome.isTokenDead
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
