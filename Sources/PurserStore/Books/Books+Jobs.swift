import PurserCore

/// A job as it lies in the database.
enum JobRow {
    /// The query along the index of the narrowest condition; each parameter but the last may be NULL, which asks nothing.
    static func query(for filter: JobFilter) -> StaticString {
        if filter.submissionID != nil { return ofSubmission }
        if filter.openOnly { return open }
        if filter.accountID != nil { return ofAccount }
        return filter.memberID != nil ? ofMember : newest
    }

    private static let ofSubmission: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias
        FROM job
        WHERE submission_id = ?4 AND (?1 = 0 OR ended_at_ms IS NULL)
            AND (?2 IS NULL OR account_id = ?2) AND (?3 IS NULL OR member_id = ?3)
            AND (?5 IS NULL OR substr(lower(hex(id)), 1, length(?5)) = ?5
                OR substr(operation_name, 1, length(?5)) = ?5)
            AND (?7 IS NULL OR created_at_ms < ?7 OR created_at_ms = ?7 AND id > ?8)
        ORDER BY created_at_ms DESC, id LIMIT ?6
        """
    private static let open: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias
        FROM job
        WHERE ended_at_ms IS NULL AND (?2 IS NULL OR account_id = ?2)
            AND (?3 IS NULL OR member_id = ?3) AND (?4 IS NULL OR submission_id = ?4)
            AND (?5 IS NULL OR substr(lower(hex(id)), 1, length(?5)) = ?5
                OR substr(operation_name, 1, length(?5)) = ?5)
            AND (?7 IS NULL OR created_at_ms < ?7 OR created_at_ms = ?7 AND id > ?8)
        ORDER BY +created_at_ms DESC, id LIMIT ?6
        """
    private static let ofAccount: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias
        FROM job
        WHERE account_id = ?2 AND (?1 = 0 OR ended_at_ms IS NULL)
            AND (?3 IS NULL OR member_id = ?3) AND (?4 IS NULL OR submission_id = ?4)
            AND (?5 IS NULL OR substr(lower(hex(id)), 1, length(?5)) = ?5
                OR substr(operation_name, 1, length(?5)) = ?5)
            AND (?7 IS NULL OR created_at_ms < ?7 OR created_at_ms = ?7 AND id > ?8)
        ORDER BY created_at_ms DESC, id LIMIT ?6
        """
    private static let ofMember: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias
        FROM job
        WHERE member_id = ?3 AND (?1 = 0 OR ended_at_ms IS NULL)
            AND (?2 IS NULL OR account_id = ?2) AND (?4 IS NULL OR submission_id = ?4)
            AND (?5 IS NULL OR substr(lower(hex(id)), 1, length(?5)) = ?5
                OR substr(operation_name, 1, length(?5)) = ?5)
            AND (?7 IS NULL OR created_at_ms < ?7 OR created_at_ms = ?7 AND id > ?8)
        ORDER BY created_at_ms DESC, id LIMIT ?6
        """
    private static let newest: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias
        FROM job
        WHERE (?1 = 0 OR ended_at_ms IS NULL) AND (?2 IS NULL OR account_id = ?2)
            AND (?3 IS NULL OR member_id = ?3) AND (?4 IS NULL OR submission_id = ?4)
            AND (?5 IS NULL OR substr(lower(hex(id)), 1, length(?5)) = ?5
                OR substr(operation_name, 1, length(?5)) = ?5)
            AND (?7 IS NULL OR created_at_ms < ?7 OR created_at_ms = ?7 AND id > ?8)
        ORDER BY created_at_ms DESC, id LIMIT ?6
        """
    static let byID: StaticString = """
        SELECT id, operation_name, shape, scene_id, project_id, account_id, member_id,
            submission_id, credential_version, model_id, model_key, price, created_at_ms, state,
            ended_at_ms, failure, media, refund, alias, attempt_id, refund_amount
        FROM job WHERE id = ?
        """

    static func read(_ row: Row) throws -> Job {
        let state = JobState(wireName: row.text(13))
        return Job(
            id: try row.id(0),
            operationName: row.text(1),
            alias: row.optionalText(18),
            shape: try row.name(2),
            sceneID: row.optionalText(3),
            projectID: row.optionalText(4),
            accountID: try row.id(5),
            memberID: try row.id(6),
            submissionID: try row.id(7),
            credentialVersion: row.bits(8),
            modelID: ModelID(row.text(9)),
            modelKey: row.text(10),
            price: try row.credits(11),
            createdAt: row.time(12),
            state: state,
            endedAt: row.optionalTime(14),
            failure: row.optionalText(15),
            mediaIDs: Lines.split(row.text(16)),
            refund: try row.name(17)
        )
    }

    /// Does nothing where the account has a job of that name already.
    static func insert(_ job: Job, attempt: Int64, _ sql: Connection) throws {
        try sql.run(
            """
            INSERT INTO job (id, operation_name, shape, scene_id, project_id, account_id, member_id,
                submission_id, attempt_id, credential_version, model_id, model_key, price,
                created_at_ms, state, ended_at_ms, failure, media, alias, refund)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'none')
            ON CONFLICT (account_id, operation_name) DO NOTHING
            """,
            .id(job.id),
            .text(job.operationName),
            .text(job.shape.rawValue),
            .text(job.sceneID),
            .text(job.projectID),
            .id(job.accountID),
            .id(job.memberID),
            .id(job.submissionID),
            .int(attempt),
            .bits(job.credentialVersion),
            .text(job.modelID.rawValue),
            .text(job.modelKey),
            .credits(job.price),
            .time(job.createdAt),
            .text(job.state.shortName),
            .time(job.endedAt),
            .text(job.failure),
            .text(Lines.join(job.mediaIDs)),
            .text(job.alias)
        )
    }

    /// The attempt that the job's name is bound to.
    static func attempt(of job: Job, _ sql: Connection) throws -> Int64? {
        try sql.first(
            "SELECT attempt_id FROM job WHERE account_id = ? AND operation_name = ?",
            .id(job.accountID),
            .text(job.operationName)
        ) { $0.int(0) }
    }
}

extension Books {
    func recordJobs(_ updates: [JobUpdate], of account: AccountID, at now: Timestamp) throws {
        var hasNews = false
        for update in updates {
            let found = try sql.first(JobRow.byID, .id(update.jobID)) { row in
                (job: try JobRow.read(row), attempt: row.int(19))
            }
            guard let (job, attemptID) = found, job.accountID == account else {
                throw StoreError.noSuch("job", "\(update.jobID)")
            }
            try remember(update.mediaIDs, of: account, at: now)
            if let answer = update.answer { try keep(answer, of: job.id) }
            // An ended job never goes back, whatever a later answer says.
            guard job.endedAt == nil, !update.saysNothingNew(of: job) else { continue }
            hasNews = true
            try sql.run(
                "UPDATE job SET state = ?, failure = ?, media = ?, ended_at_ms = ? WHERE id = ?",
                .text(update.state.shortName),
                .text(update.failure ?? job.failure),
                .text(Lines.join(update.mediaIDs.isEmpty ? job.mediaIDs : update.mediaIDs)),
                update.state.hasEnded ? .time(now) : .null,
                .id(job.id)
            )
            if update.state.isRefunded {
                try noteRefundDue(job, attemptID, update, at: now)
            }
            if update.state.hasEnded {
                try endConcurrencyRest(of: account, at: now)
                try takeIn(update, of: job, at: now)
            }
        }
        if hasNews { try bumpRevision(of: account) }
    }

    /// What the reason of a failure means for the account.
    private func takeIn(_ update: JobUpdate, of job: Job, at now: Timestamp) throws {
        guard let cause = update.cause else { return }
        let refused = RefusedCall(
            cause: cause,
            words: update.failure ?? cause.rawValue,
            credentialVersion: job.credentialVersion,
            begunAt: job.createdAt
        )
        try takeIn(refused, of: job.accountID, models: [job.modelID], price: job.price, at: now)
    }

    /// What a refusal means for the account, whatever was refused: the same as in an answer to a submission.
    ///
    /// Only a rest that was over when the call began makes the next one longer: of calls side by side each would. One that
    /// ended since keeps its strikes.
    func takeIn(
        _ refused: RefusedCall,
        of id: AccountID,
        models: [ModelID] = [],
        price: Credits = .zero,
        at now: Timestamp
    ) throws {
        guard let candidate = memory.snapshot[id] else { return }
        let cause = refused.cause
        let rests = RestRule.rests(
            for: cause,
            retryAfter: refused.retryAfter,
            of: id,
            models: models,
            price: price,
            earlier: candidate.rests.filter { $0.until <= refused.begunAt },
            at: now
        ).map { rest in
            rest.keepingStrikes(of: candidate.rests.filter { refused.begunAt < $0.until }, at: now)
        }
        try start(rests, everywhere: cause.concernsAllAccounts, begun: refused.begunAt)
        if cause == .modelAccess { try doubtTier(of: id, at: now) }
        if let state = cause.state(refused.words) {
            let version = refused.credentialVersion
            try take(state, from: candidate.account, version: version, at: now)
        }
    }

    /// The provider owes a failed job's price, as far as it was charged; the entry moves nothing.
    private func noteRefundDue(
        _ job: Job,
        _ attemptID: Int64,
        _ update: JobUpdate,
        at now: Timestamp
    ) throws {
        guard let attempt = try sql.first(Attempt.byID, .int(attemptID), read: Attempt.read),
            attempt.state == .settled || attempt.state == .charged, attempt.hold > 0
        else { return }
        let owed = try sql.first(
            // By submission too, for which jobs have an index.
            """
            SELECT coalesce(sum(refund_amount), 0) FROM job
            WHERE submission_id = ? AND attempt_id = ?
            """,
            .id(attempt.submissionID),
            .int(attemptID)
        ) { try $0.credits(0) }
        let amount = min(job.price, try attempt.charged.minus(owed ?? .zero))
        guard amount > .zero else { return }
        try append(
            Draft(
                ledgerAccount: .credits(job.accountID),
                kind: .refundDue,
                operation: update.operation,
                at: now,
                hold: attempt.hold,
                submission: job.submissionID,
                job: job.id,
                detail: "\(amount) for \(update.state.shortName)"
            )
        )
        try sql.run(
            "UPDATE job SET refund = 'due', refund_amount = ?, refund_due_ms = ? WHERE id = ?",
            .credits(amount),
            .time(now),
            .id(job.id)
        )
    }
}

extension JobUpdate {
    /// Most questions find a job as it was: then nothing is written, and nobody who waits looks again.
    fileprivate func saysNothingNew(of job: Job) -> Bool {
        !state.hasEnded && state == job.state && (failure ?? job.failure) == job.failure
            && (mediaIDs.isEmpty || mediaIDs == job.mediaIDs)
    }
}
