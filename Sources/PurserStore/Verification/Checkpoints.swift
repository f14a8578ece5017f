package import PurserCore

/// A row that says which entry was the last of every ledger account at a time, under a MAC.
struct CheckpointRow {
    struct Line {
        let name: String
        let sequence: Int64
        /// Hexadecimal.
        let hash: String
    }

    let id: Int64
    let at: Timestamp
    let lastEntry: Int64
    let heads: String
    let mac: [UInt8]

    /// Each with the MAC under the newest vault key it was put under.
    static let all: StaticString = """
        SELECT id, at_ms, last_entry, heads, coalesce((
            SELECT m.mac FROM ledger_checkpoint_mac m WHERE m.checkpoint_id = ledger_checkpoint.id
            ORDER BY m.epoch DESC LIMIT 1), mac)
        FROM ledger_checkpoint ORDER BY id
        """

    static func read(_ row: Row) -> CheckpointRow {
        CheckpointRow(
            id: row.int(0),
            at: row.time(1),
            lastEntry: row.int(2),
            heads: row.text(3),
            mac: row.blob(4)
        )
    }

    var lines: [Line] {
        let parts = Lines.split(heads)
        return stride(from: 0, to: parts.count - parts.count % 3, by: 3).map {
            Line(name: parts[$0], sequence: Int64(parts[$0 + 1]) ?? -1, hash: parts[$0 + 2])
        }
    }

    var message: [UInt8] { Self.message(at: at, lastEntry: lastEntry, heads: heads) }

    static func message(at: Timestamp, lastEntry: Int64, heads: String) -> [UInt8] {
        var encoder = CanonicalEncoder()
        encoder.append("purser/v1/ledger-checkpoint")
        encoder.append(at.milliseconds)
        encoder.append(lastEntry)
        encoder.append(heads)
        return encoder.bytes
    }
}

extension SQLiteStore {
    package func verify(
        at now: Timestamp,
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws -> LedgerVerification {
        let surroundings = surroundings
        return try await read { sql in
            var verifier = LedgerVerifier(
                sql: sql,
                surroundings: surroundings,
                now: now,
                mac: checkpointMAC
            )
            return try verifier.run()
        }
    }

    package func ledgerHeads(through entry: Int64?) async throws -> LedgerHeads {
        try await read { sql in
            let newest = try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) } ?? 0
            let last = min(entry ?? newest, newest)
            let heads = try sql.all(
                """
                SELECT l.name, e.seq, lower(hex(e.hash)) FROM ledger_account l
                CROSS JOIN ledger_entry e ON e.ledger_account = l.id AND e.seq = (
                    SELECT n.seq FROM ledger_entry n WHERE n.ledger_account = l.id AND n.id <= ?
                    ORDER BY n.seq DESC LIMIT 1)
                ORDER BY l.name
                """,
                .int(last)
            ) { [$0.text(0), "\($0.int(1))", $0.text(2)] }
            return LedgerHeads(lastEntry: last, text: Lines.join(heads.flatMap { $0 }))
        }
    }

    package func writeCheckpoint(
        at now: Timestamp,
        epoch: UInt32,
        mac: @Sendable ([UInt8]) -> [UInt8]
    ) async throws {
        guard let due = try await read({ try dueCheckpoint($0, at: now) }) else { return }
        let tag = mac(CheckpointRow.message(at: now, lastEntry: due.lastEntry, heads: due.heads))
        try await write { books in
            // The vault key was rotated meanwhile: the next process writes it.
            do { try books.checkEpoch(epoch) } catch StoreError.vaultMoved { return }
            try books.sql.run(
                "INSERT INTO ledger_checkpoint (at_ms, last_entry, heads, mac) VALUES (?, ?, ?, ?)",
                .time(now),
                .int(due.lastEntry),
                .text(due.heads),
                .blob(tag)
            )
        }
    }
}

/// The heads to write down, when there are 1,000 new entries, or some and ten minutes have passed.
private func dueCheckpoint(
    _ sql: Connection,
    at now: Timestamp
) throws -> (lastEntry: Int64, heads: String)? {
    let newest = try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) } ?? 0
    let last = try sql.first(
        "SELECT at_ms, last_entry FROM ledger_checkpoint ORDER BY id DESC LIMIT 1"
    ) { (at: $0.time(0), entry: $0.int(1)) }
    guard newest > last?.entry ?? 0 else { return nil }
    if let last, newest - last.entry < 1000, now - last.at < .seconds(600) { return nil }
    let heads = try sql.all(
        """
        SELECT l.name, h.seq, lower(hex(h.hash)) FROM ledger_head h
        JOIN ledger_account l ON l.id = h.ledger_account WHERE h.seq > 0 ORDER BY l.name
        """
    ) { [$0.text(0), "\($0.int(1))", $0.text(2)] }
    return (newest, Lines.join(heads.flatMap { $0 }))
}
