import Logging
import PurserCore
import PurserVault

/// Asks the service about jobs of one account, and puts what it says into the books.
struct JobInquiry: Sendable {
    /// Jobs that one call can ask about.
    struct Group: Hashable, Comparable {
        let account: AccountID
        let version: UInt64
        let shape: ResponseShape

        static func < (a: Group, b: Group) -> Bool {
            (a.account, a.version, a.shape.rawValue) < (b.account, b.version, b.shape.rawValue)
        }
    }

    /// A job, by the name that is asked for.
    struct Question: Sendable {
        let name: String
        let job: Job

        /// By the name it was submitted under.
        init(_ job: Job) {
            self.init(job, as: job.operationName)
        }

        init(_ job: Job, as name: String) {
            self.name = name
            self.job = job
        }

        fileprivate var query: StatusQuery {
            StatusQuery(
                operationName: name,
                sceneID: job.sceneID,
                projectID: job.projectID,
                state: job.state
            )
        }
    }

    /// What came of a question.
    struct Told: Sendable {
        /// By the name asked for.
        var readings: [String: JobReading] = [:]
        /// Names of which the service knows nothing (any more), and how it says so.
        var unknown: [String] = []
        var refusal: Refusal?

        /// Whether a failure shows that the account is not what the books believe.
        var callsForReading: Bool {
            readings.values.contains { $0.cause?.callsForReading ?? false }
        }

        fileprivate mutating func add(_ other: Told) {
            readings.merge(other.readings) { first, _ in first }
            unknown += other.unknown
            refusal = refusal ?? other.refusal
        }
    }

    /// The most jobs that are asked about in one call.
    static let batch = 50

    let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    /// Asks about jobs of one group, and books the answer.
    ///
    /// One job that the service has forgotten makes it refuse the whole question, so that is asked again in halves.
    func ask(_ questions: [Question], _ group: Group) async throws -> Told {
        do {
            return try await told(questions, group)
        } catch ProviderFailure.refused(let refusal) where refusal.cause == .notFound {
            guard questions.count > 1 else {
                return Told(unknown: questions.map(\.name), refusal: refusal)
            }
            let half = questions.count / 2
            var told = try await ask(Array(questions[..<half]), group)
            told.add(try await ask(Array(questions[half...]), group))
            return told
        }
    }

    private func told(_ questions: [Question], _ group: Group) async throws -> Told {
        let reading = try await status(of: questions.map(\.query), group)
        let readings = Dictionary(
            reading.jobs.map { ($0.operationName, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        try await record(questions, readings, group)
        if let remaining = reading.remaining {
            _ = try await engine.store.observe(
                group.account,
                reading: CreditsReading(credits: remaining),
                operation: engine.ambient.newID(),
                at: engine.ambient.now()
            )
        }
        return Told(readings: readings)
    }

    /// Uses the token that submitted the jobs while it works, then the one in place: a rotation
    /// must not disturb work under way, and an old token may die before its jobs end; then a fresh one.
    private func status(of queries: [StatusQuery], _ group: Group) async throws -> StatusReading {
        let tokens = TokenDesk(engine)
        var version = group.version
        // That of the jobs, the one in place, and a fresh one: more there is not.
        for _ in 0..<2 {
            let (refused, result) = try await status(of: queries, group, version: version)
            guard result.isTokenDead else { return try result.get() }
            switch await tokens.replacement(of: group.account, refused: refused) {
            case .success(let fresh): version = fresh
            case .failure(.none):
                await tokens.markDead(
                    group.account,
                    version: refused,
                    reason: AccountState.tokenRefused
                )
                return try result.get()
            case .failure(let reason):
                await tokens.noteDead(group.account, version: refused, .failure(reason))
                return try result.get()
            }
        }
        let (refused, result) = try await status(of: queries, group, version: version)
        if result.isTokenDead {
            await tokens.noteDead(group.account, version: refused, .success(version))
        }
        return try result.get()
    }

    /// One question, and the version it was asked with: where `version` was purged it is the one in place.
    private func status(
        of queries: [StatusQuery],
        _ group: Group,
        version: UInt64
    ) async throws -> (version: UInt64, result: Result<StatusReading, ProviderFailure>) {
        try await engine.keyring.withCredential(of: group.account, version: version) { credential in
            let used = credential.version
            do throws(ProviderFailure) {
                let reading = try await engine.provider.status(
                    of: queries,
                    shape: group.shape,
                    with: credential
                )
                return (used, .success(reading))
            } catch {
                return (used, .failure(error))
            }
        }
    }

    // MARK: Booking

    private func record(
        _ questions: [Question],
        _ readings: [String: JobReading],
        _ group: Group
    ) async throws {
        func updates() -> [JobUpdate] {
            questions.compactMap { question in
                readings[question.name].map { update(question.job, $0, group.shape) }
            }
        }
        let now = engine.ambient.now()
        do {
            try await engine.store.recordJobs(updates(), of: group.account, at: now)
        } catch StoreError.vaultMoved {
            // The vault key was rotated between sealing and booking.
            _ = try await engine.keyring.contents()
            try await engine.store.recordJobs(updates(), of: group.account, at: now)
        }
    }

    private func update(_ job: Job, _ reading: JobReading, _ shape: ResponseShape) -> JobUpdate {
        JobUpdate(
            jobID: job.id,
            state: reading.state,
            failure: reading.failure,
            mediaIDs: reading.mediaIDs,
            cause: reading.cause,
            answer: answer(to: job, reading, shape),
            operation: engine.ambient.newID()
        )
    }

    /// What is kept of a job's end; one that cannot be sealed is not worth a refund that is not booked.
    private func answer(
        to job: Job,
        _ reading: JobReading,
        _ shape: ResponseShape
    ) -> JobAnswer? {
        let element = reading.element
        guard reading.state.hasEnded, !element.isEmpty,
            element.count <= Dispatcher.largestKeptAnswer
        else { return nil }
        do {
            let answer = ProviderAnswer(status: 200, contentType: nil, body: element)
            let sealed = try engine.keyring.seal(answer, of: .job(job.id, shape))
            return JobAnswer(shape: shape, sealed: sealed)
        } catch {
            engine.logger.warning(
                "what was said of a job could not be sealed",
                metadata: ["job.id": "\(job.id)"]
            )
            return nil
        }
    }
}
