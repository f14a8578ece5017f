package import PurserCore

/// What the provider said of jobs at their end.
enum JobAnswerRow {
    /// The pluses keep the planner from walking through all of a member's jobs.
    static let named: StaticString = """
        SELECT j.id, j.operation_name, j.shape, j.scene_id, j.project_id, j.account_id, j.member_id,
            j.submission_id, j.credential_version, j.model_id, j.model_key, j.price,
            j.created_at_ms, j.state, j.ended_at_ms, j.failure, j.media, j.refund, j.alias,
            a.epoch, a.answer
        FROM job j LEFT JOIN job_answer a ON a.job_id = j.id AND a.shape = ?2
        WHERE (j.operation_name = ?1 OR j.alias = ?1) AND +j.member_id = ?3
        ORDER BY +j.created_at_ms DESC LIMIT 1
        """

    /// `at`: where the epoch stands, with the answer behind it.
    static func read(_ row: Row, at column: Int32) -> SealedAnswer? {
        guard !row.isNull(column) else { return nil }
        return SealedAnswer(
            status: 200,
            contentType: nil,
            epoch: UInt32(truncatingIfNeeded: row.int(column)),
            sealed: row.blob(column + 1)
        )
    }

    /// Among the answers that were kept first, those of jobs that ended before `end`.
    static func oldest(endedBefore end: Timestamp, _ sql: Connection) throws -> [Int64] {
        try sql.all(
            """
            SELECT a.rowid FROM (SELECT rowid, job_id FROM job_answer ORDER BY rowid LIMIT 500) a
            CROSS JOIN job j ON j.id = a.job_id WHERE j.ended_at_ms < ?
            """,
            .time(end)
        ) { $0.int(0) }
    }
}

extension SQLiteStore {
    package func jobs(
        named names: [String],
        in shape: ResponseShape,
        of member: MemberID
    ) async throws -> [NamedJob] {
        try await read { sql in
            try names.compactMap { name in
                try sql.first(
                    JobAnswerRow.named,
                    .text(name),
                    .text(shape.rawValue),
                    .id(member)
                ) { row in
                    NamedJob(
                        name: name,
                        job: try JobRow.read(row),
                        answer: JobAnswerRow.read(row, at: 19)
                    )
                }
            }
        }
    }
}

extension Books {
    /// The first that is kept stays.
    func keep(_ answer: JobAnswer, of id: JobID) throws {
        try checkEpoch(answer.sealed.epoch)
        try sql.run(
            """
            INSERT INTO job_answer (job_id, shape, epoch, answer) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            .id(id),
            .text(answer.shape.rawValue),
            .int(Int64(answer.sealed.epoch)),
            .blob(answer.sealed.sealed)
        )
    }

    func pruneJobAnswers(endedBefore end: Timestamp) throws -> Int {
        let rows = try JobAnswerRow.oldest(endedBefore: end, sql)
        for row in rows { try sql.run("DELETE FROM job_answer WHERE rowid = ?", .int(row)) }
        return rows.count
    }

    /// Puts the answers of jobs under the next vault key; how many did not open.
    func resealJobAnswers(
        with reseal: (AnswerPlace, SealedAnswer) -> SealedAnswer?
    ) throws -> Int {
        let places = try sql.all("SELECT job_id, shape FROM job_answer") { row in
            (job: try row.id(0, of: Job.self), shape: try row.name(1) as ResponseShape)
        }
        var lost = 0
        for (job, shape) in places {
            let answer = try sql.first(
                "SELECT epoch, answer FROM job_answer WHERE job_id = ? AND shape = ?",
                .id(job),
                .text(shape.rawValue)
            ) { JobAnswerRow.read($0, at: 0) }
            guard let answer = answer ?? nil, let next = reseal(.job(job, shape), answer) else {
                lost += 1
                continue
            }
            try sql.run(
                "UPDATE job_answer SET epoch = ?, answer = ? WHERE job_id = ? AND shape = ?",
                .int(Int64(next.epoch)),
                .blob(next.sealed),
                .id(job),
                .text(shape.rawValue)
            )
        }
        return lost
    }
}
