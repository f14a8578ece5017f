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
        /// Names of which the service knows nothing (any more).
        var unknown: [String] = []
        /// How it says so, where it does not only leave them out.
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
    /// The most jobs that are asked about one by one for being named otherwise in another shape.
    private static let mostAlone = 8
    /// A job of that age of which the service knows nothing is lost: most end within six minutes.
    static let lostAfter = Duration.seconds(3600)

    /// What one call each asks about; a lost job is asked about alone, for it makes the service refuse the whole question.
    static func batches(of jobs: [Job]) -> [[Job]] {
        let open = jobs.filter { $0.state != .lost }
        return stride(from: 0, to: open.count, by: batch).map {
            Array(open[$0..<min($0 + batch, open.count)])
        } + jobs.filter { $0.state == .lost }.map { [$0] }
    }

    let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    /// Asks about jobs of one group, and books the answer.
    ///
    /// What the service has known nothing of for long enough is lost: no end and no refund, but its slot is free. It is not
    /// for not being known by its other name or in the other shape, which any caller may ask for.
    func ask(_ questions: [Question], _ group: Group) async throws -> Told {
        let told = try await askInHalves(questions, group)
        let now = engine.ambient.now()
        let unknown = Set(told.unknown)
        let lost = questions.map { ($0.name, $0.job) }.filter { name, job in
            unknown.contains(name) && job.state.isUnderWay
                && name == job.operationName && group.shape == job.shape
                && now - job.createdAt >= Self.lostAfter
        }.map(\.1)
        if !lost.isEmpty { try await markLost(lost, of: group.account, at: now) }
        return told
    }

    private func markLost(_ jobs: [Job], of account: AccountID, at now: Timestamp) async throws {
        let updates = jobs.map { job in
            JobUpdate(
                jobID: job.id,
                state: .lost,
                failure: nil,
                mediaIDs: [],
                operation: engine.ambient.newID()
            )
        }
        try await engine.store.recordJobs(updates, of: account, at: now)
        for job in jobs {
            engine.logger.warning(
                "the service knows nothing of a job any more: it is lost, and its slot is free",
                metadata: ["job.id": "\(job.id)", "account.id": "\(account)"]
            )
        }
    }

    /// One job that the service has forgotten makes it refuse the whole question, so that is asked again in halves.
    private func askInHalves(_ questions: [Question], _ group: Group) async throws -> Told {
        do {
            return try await tellAlone(try await told(questions, group), questions, group)
        } catch ProviderFailure.refused(let refusal) where refusal.cause == .notFound {
            guard questions.count > 1 else {
                return Told(unknown: questions.map(\.name), refusal: refusal)
            }
            let half = questions.count / 2
            var told = try await askInHalves(Array(questions[..<half]), group)
            told.add(try await askInHalves(Array(questions[half...]), group))
            return told
        }
    }

    /// In a shape that is not a job's own it may be answered under a name that nobody knows: whose it is shows where it is
    /// asked about alone.
    private func tellAlone(
        _ told: Told,
        _ questions: [Question],
        _ group: Group
    ) async throws -> Told {
        let nameless = questions.filter {
            $0.job.shape != group.shape && told.unknown.contains($0.name)
        }
        guard questions.count > 1, nameless.count <= Self.mostAlone else { return told }
        var told = told
        for question in nameless {
            told.unknown.removeAll { $0 == question.name }
            told.add(try await askInHalves([question], group))
        }
        return told
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
        return Told(
            readings: readings,
            unknown: questions.map(\.name).filter { readings[$0] == nil }
        )
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
    ///
    /// A refusal means as much for the account as one of a submission; a dead token is the caller's to judge.
    private func status(
        of queries: [StatusQuery],
        _ group: Group,
        version: UInt64
    ) async throws -> Answered {
        let begunAt = engine.ambient.now()
        let answered = try await answer(to: queries, group, version: version)
        if case .failure(.refused(let refusal)) = answered.result, refusal.cause != .tokenDead {
            await AccountDesk(engine).takeIn(
                refusal,
                of: group.account,
                version: answered.version,
                begunAt: begunAt
            )
        }
        return answered
    }

    private typealias Answered = (
        version: UInt64, result: Result<StatusReading, ProviderFailure>
    )

    private func answer(
        to queries: [StatusQuery],
        _ group: Group,
        version: UInt64
    ) async throws -> Answered {
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
