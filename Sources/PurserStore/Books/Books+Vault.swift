import PurserCore

extension Books {
    /// Applies a change of the vault, if nothing has changed there since it was computed.
    func apply(_ change: VaultChange) throws {
        let sequence = try sql.first("SELECT state_seq FROM vault_state") { $0.bits(0) }
        guard sequence == change.baseSequence else { throw StoreError.vaultMoved }
        try sql.run(
            """
            INSERT INTO vault_state (one, state_seq, epoch, record_count, mac)
            VALUES (1, ?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET state_seq = ?1, epoch = ?2, record_count = ?3, mac = ?4
            """,
            .bits(change.state.sequence),
            .int(Int64(change.state.epoch)),
            .bits(change.state.recordCount),
            .blob(change.state.mac)
        )
        // What was sealed under an old key must not linger in the write-ahead log.
        wantsCheckpoint = wantsCheckpoint || change.header != nil || !change.remove.isEmpty
        if let header = change.header {
            try sql.run(
                """
                INSERT INTO vault_header (one, bytes) VALUES (1, ?1)
                ON CONFLICT DO UPDATE SET bytes = ?1
                """,
                .blob(header)
            )
        }
        if let line = change.logEntry {
            try sql.run(
                "INSERT INTO header_log (seq, header_id, bytes) VALUES (?, ?, ?)",
                .bits(line.sequence),
                .blob(line.headerID),
                .blob(line.bytes)
            )
        }
        try writeRecords(change)
        for exposure in change.exposures { try write(exposure) }
    }

    private func writeRecords(_ change: VaultChange) throws {
        for address in change.remove {
            try sql.run(
                """
                DELETE FROM vault_record
                WHERE table_name = ? AND id = ? AND field = ? AND version = ?
                """,
                .text(address.table),
                .blob(address.id),
                .text(address.field),
                .bits(address.version)
            )
        }
        for record in change.put {
            try sql.run(
                """
                INSERT INTO vault_record (table_name, id, field, version, epoch, sealed)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT DO UPDATE SET epoch = ?5, sealed = ?6
                """,
                .text(record.address.table),
                .blob(record.address.id),
                .text(record.address.field),
                .bits(record.address.version),
                .int(Int64(record.epoch)),
                .blob(record.sealed)
            )
        }
    }

    private func write(_ exposure: Exposure) throws {
        let before = sql.totalChanges
        try sql.run(
            """
            UPDATE account SET token_exposed_at_ms = ?1
            WHERE id = ?2 AND token_exposed_at_ms IS NOT ?1
            """,
            .time(exposure.since),
            .id(exposure.account)
        )
        if sql.totalChanges != before { try bumpRevision(of: exposure.account) }
    }

    /// Refuses what is sealed under a vault key that is no longer the vault's.
    func checkEpoch(_ epoch: UInt32) throws {
        let current = try sql.first("SELECT epoch FROM vault_state") { $0.int(0) }
        guard current == nil || current == Int64(epoch) else { throw StoreError.vaultMoved }
    }

    /// A change of the vault key, with all that depends on it; how many stored answers did not open.
    func rotateVaultKey(
        _ change: VaultChange,
        _ resealing: Resealing,
        audit: AuditRecord,
        at now: Timestamp
    ) throws -> Int {
        try apply(change)
        let lost =
            try resealAnswers(with: resealing.answer)
            + resealJobAnswers(with: resealing.answer)
        try resealCheckpoints(with: resealing.checkpoint, epoch: change.state.epoch)
        try writeAudit(audit, at: now)
        return lost
    }

    /// Row by row: an answer may have 256 KiB, and there may be many.
    private func resealAnswers(
        with reseal: (AnswerPlace, SealedAnswer) -> SealedAnswer?
    ) throws -> Int {
        let submissions = try sql.all("SELECT id FROM submission WHERE answer IS NOT NULL") {
            try $0.id(0, of: Submission.self)
        }
        var lost = 0
        for id in submissions {
            guard let answer = try SubmissionRow.load(id, sql)?.answer,
                let next = reseal(.submission(id), answer)
            else {
                lost += 1
                continue
            }
            try sql.run(
                "UPDATE submission SET answer_epoch = ?, answer = ? WHERE id = ?",
                .int(Int64(next.epoch)),
                .blob(next.sealed),
                .id(id)
            )
        }
        return lost
    }

    /// One whose MAC is wrong gets no new one, and is still wrong afterwards.
    private func resealCheckpoints(
        with reseal: ([UInt8], [UInt8]) -> [UInt8]?,
        epoch: UInt32
    ) throws {
        for checkpoint in try sql.all(CheckpointRow.all, read: CheckpointRow.read) {
            guard let mac = reseal(checkpoint.message, checkpoint.mac) else { continue }
            try sql.run(
                "INSERT INTO ledger_checkpoint_mac (checkpoint_id, epoch, mac) VALUES (?, ?, ?)",
                .int(checkpoint.id),
                .int(Int64(epoch)),
                .blob(mac)
            )
        }
    }
}

/// Reads everything of the vault that lies in the database.
enum VaultRows {
    static func image(_ sql: Connection) throws -> VaultImage? {
        guard let state = try state(sql) else { return nil }
        let header = try sql.first("SELECT bytes FROM vault_header") { $0.blob(0) }
        let log = try sql.all("SELECT seq, header_id, bytes FROM header_log ORDER BY seq") {
            HeaderLogEntry(sequence: $0.bits(0), headerID: $0.blob(1), bytes: $0.blob(2))
        }
        let records = try sql.all(
            """
            SELECT table_name, id, field, version, epoch, sealed FROM vault_record
            ORDER BY table_name, id, field, version
            """
        ) { row in
            SealedRecord(
                address: RecordAddress(
                    table: row.text(0),
                    id: row.blob(1),
                    field: row.text(2),
                    version: row.bits(3)
                ),
                epoch: UInt32(truncatingIfNeeded: row.int(4)),
                sealed: row.blob(5)
            )
        }
        return VaultImage(header: header ?? [], log: log, state: state, records: records)
    }

    static func state(_ sql: Connection) throws -> VaultState? {
        try sql.first("SELECT state_seq, epoch, record_count, mac FROM vault_state") {
            VaultState(
                sequence: $0.bits(0),
                epoch: UInt32(truncatingIfNeeded: $0.int(1)),
                recordCount: $0.bits(2),
                mac: $0.blob(3)
            )
        }
    }
}
