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
}

/// Reads everything of the vault that lies in the database.
enum VaultRows {
    static func image(_ sql: Connection) throws -> VaultImage? {
        let state = try sql.first("SELECT state_seq, epoch, record_count, mac FROM vault_state") {
            VaultState(
                sequence: $0.bits(0),
                epoch: UInt32(truncatingIfNeeded: $0.int(1)),
                recordCount: $0.bits(2),
                mac: $0.blob(3)
            )
        }
        guard let state else { return nil }
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
}
