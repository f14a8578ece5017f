import PurserCore

// What follows from the end of an attempt, in the transaction that ends it.

extension Books {
    func observeInPassing(
        _ observed: Credits,
        of attempt: Attempt,
        _ settlement: Settlement,
        at now: Timestamp
    ) throws {
        guard attempt.hold > 0 else { return }
        try append(
            Draft(
                ledgerAccount: .credits(attempt.accountID),
                kind: .observe,
                operation: try derivedID(settlement.operation, "observe"),
                at: now,
                observed: observed,
                detail: "in the answer to a submission"
            )
        )
    }

    func remember(_ mediaIDs: [String], of account: AccountID, at now: Timestamp) throws {
        for id in mediaIDs {
            try sql.run(
                """
                INSERT INTO media (id, account_id, seen_at_ms) VALUES (?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
                .text(id),
                .id(account),
                .time(now)
            )
        }
    }

    /// The provider's name for a job is unique in its account: a second binding is the same job.
    func bind(_ jobs: [Job], to attempt: Attempt, at now: Timestamp) throws {
        for job in jobs {
            let before = sql.totalChanges
            try JobRow.insert(job, attempt: attempt.id, sql)
            guard sql.totalChanges == before, try JobRow.attempt(of: job, sql) != attempt.id else {
                continue
            }
            try writeAudit(
                AuditRecord(
                    actor: Actor("ledger"),
                    verb: "ledger.job_name_reused",
                    subject: "\(attempt.submissionID)",
                    detail: "the service named its job \(job.operationName) as one before"
                ),
                at: now
            )
        }
    }

    func updateSubmission(of attempt: Attempt, _ settlement: Settlement) throws {
        let state: SubmissionState? =
            switch settlement.ending {
            case .settled: .finished
            // A void without an answer is followed by another attempt, or given up.
            case .voided where settlement.answer == nil: nil
            case .voided: .finished
            case .unknown: .unknown
            }
        if let state {
            try sql.run(
                "UPDATE submission SET state = ? WHERE id = ?",
                .text(state.rawValue),
                .id(attempt.submissionID)
            )
        }
        // After an unknown nothing follows any more; what was free may be asked for again.
        if case .voided = settlement.ending, attempt.state == .unknown, settlement.answer == nil {
            try releaseKey(of: attempt.submissionID)
        }
        if let answer = settlement.answer {
            try sql.run(
                """
                UPDATE submission SET answer_status = ?, answer_content_type = ?,
                    answer_epoch = ?, answer = ? WHERE id = ?
                """,
                .int(answer.status),
                .text(answer.contentType),
                .int(Int64(answer.epoch)),
                .blob(answer.sealed),
                .id(attempt.submissionID)
            )
        }
    }

    /// Adds a charge to the sums, model by model.
    func countUsage(of attempt: Attempt, charged: Credits, at now: Timestamp) throws {
        for share in try attempt.elements.shares(of: charged) {
            try addUsage(
                attempt.accountID,
                attempt.memberID,
                share.model,
                videos: share.videos,
                charged: share.credits,
                at: now
            )
        }
    }

    func addUsage(
        _ account: AccountID,
        _ member: MemberID,
        _ model: ModelID,
        videos: Int = 0,
        charged: Credits = .zero,
        refunded: Credits = .zero,
        at now: Timestamp
    ) throws {
        try sql.run(
            """
            INSERT INTO usage_day (day, account_id, member_id, model_id, videos, charged, refunded)
            VALUES (?, ?, ?, ?, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET videos = videos + ?5, charged = charged + ?6,
                refunded = refunded + ?7
            """,
            .int(CalendarDay(now).number),
            .id(account),
            .id(member),
            .text(model.rawValue),
            .int(videos),
            .credits(charged),
            .credits(refunded)
        )
    }

    /// Holds of processes that are gone become unknown.
    func sweep(at now: Timestamp) throws -> Int {
        var alive: [InstanceID: Bool] = [:]
        var swept = 0
        for attempt in try sql.all(Attempt.open, read: Attempt.read)
        where attempt.state == .held {
            let owner = attempt.instanceID
            let isAlive = alive[owner] ?? surroundings.instance.isAlive(owner)
            alive[owner] = isAlive
            if isAlive { continue }
            var generator = SystemRandomNumberGenerator()
            try markUnknown(
                attempt,
                OperationID(using: &generator),
                "its process is gone",
                at: now
            )
            // Without entries, only the revision tells other processes.
            try bumpRevision(of: attempt.accountID)
            swept += 1
        }
        for id in try sql.all("SELECT id FROM instance", read: { try $0.id(0, of: Instance.self) })
        where !surroundings.instance.isAlive(id) {
            try sql.run("DELETE FROM instance WHERE id = ?", .id(id))
            surroundings.instance.forget(id)
        }
        return swept
    }
}
