package import PurserCore

/// A row that says which entry was the last of a ledger account, and which line of the audit trail, at a time.
///
/// It names the heads that moved since the checkpoint before and that checkpoint's digest, and stands under a MAC of the
/// vault: so all of them together name every head, and none can be taken out from between. Rows of schema 1 name every
/// head and no other row.
struct CheckpointRow {
    let id: Int64
    let at: Timestamp
    let lastEntry: Int64
    /// As text: name, sequence, hash in hexadecimal, again and again.
    let heads: String
    /// Under the newest vault key.
    let mac: [UInt8]
    /// As it was written.
    let firstMAC: [UInt8]
    let auditSequence: Int64?
    let auditHash: [UInt8]
    /// The digest of the checkpoint before; empty in the first, `nil` in rows of schema 1.
    let previous: [UInt8]?

    /// Each with the MAC under the newest vault key it was put under.
    static let all: StaticString = """
        SELECT id, at_ms, last_entry, heads, mac, audit_seq, audit_hash, previous, coalesce((
            SELECT m.mac FROM ledger_checkpoint_mac m WHERE m.checkpoint_id = ledger_checkpoint.id
            ORDER BY m.epoch DESC LIMIT 1), mac)
        FROM ledger_checkpoint ORDER BY id
        """
    static let last: StaticString = """
        SELECT id, at_ms, last_entry, heads, mac, audit_seq, audit_hash, previous, mac
        FROM ledger_checkpoint ORDER BY id DESC LIMIT 1
        """

    static func read(_ row: Row) -> CheckpointRow {
        CheckpointRow(
            id: row.int(0),
            at: row.time(1),
            lastEntry: row.int(2),
            heads: row.text(3),
            mac: row.blob(8),
            firstMAC: row.blob(4),
            auditSequence: row.optionalInt(5),
            auditHash: row.blob(6),
            previous: row.isNull(7) ? nil : row.blob(7)
        )
    }

    static func text(_ heads: [LedgerHead]) -> String {
        Lines.join(heads.flatMap { [$0.name, "\($0.sequence)", hexadecimal($0.hash)] })
    }

    /// What it says of the heads; a line that does not parse is one that no entry can be.
    var lines: [LedgerHead] {
        let parts = Lines.split(heads)
        return stride(from: 0, to: parts.count - parts.count % 3, by: 3).map { start in
            let digits = Array(parts[start + 2].utf8)
            let hash = stride(from: 0, to: digits.count - digits.count % 2, by: 2).map {
                UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16) ?? 0
            }
            return LedgerHead(
                name: parts[start],
                sequence: Int64(parts[start + 1]) ?? -1,
                hash: hash
            )
        }
    }

    /// What the MAC covers.
    var message: [UInt8] {
        var encoder = CanonicalEncoder()
        encoder.append(
            previous == nil ? "purser/v1/ledger-checkpoint" : "purser/v2/ledger-checkpoint"
        )
        encoder.append(at.milliseconds)
        encoder.append(lastEntry)
        encoder.append(heads)
        if let previous {
            encoder.append(auditSequence)
            encoder.append(auditHash)
            encoder.append(previous)
        }
        return encoder.bytes
    }

    /// What the checkpoint after it holds on to.
    func digest(_ sha256: StoreOptions.Digest) -> [UInt8] { sha256(message + firstMAC) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? 48 + nibble : 87 + nibble)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

/// Whether checkpoints are authentic and continue each other, one after another.
struct CheckpointCheck {
    let sha256: StoreOptions.Digest
    let mac: (([UInt8]) -> [UInt8])?
    private(set) var findings: [(place: String, message: String)] = []
    private var last: CheckpointRow?

    init(sha256: @escaping StoreOptions.Digest, mac: (([UInt8]) -> [UInt8])?) {
        self.sha256 = sha256
        self.mac = mac
    }

    mutating func visit(_ row: CheckpointRow) {
        let place = "checkpoint \(row.id)"
        let isFirst = last?.previous == nil && row.previous == nil
        if !isFirst, row.previous != (last?.digest(sha256) ?? []) {
            findings.append((place, "it does not continue the checkpoint before"))
        }
        if let mac, mac(row.message) != row.mac { findings.append((place, "its MAC is wrong")) }
        last = row
    }

    /// Why nothing could be authenticated; `nil`, all were.
    var notChecked: String? {
        if mac == nil { return "the vault is locked" }
        return last == nil ? "no checkpoint was written yet" : nil
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
        let sha256 = surroundings.options.sha256
        guard let due = try await read({ try dueCheckpoint($0, sha256, at: now) }) else { return }
        let tag = mac(due.message)
        try await write { books in
            // The vault key was rotated meanwhile: the next process writes it.
            do { try books.checkEpoch(epoch) } catch StoreError.vaultMoved { return }
            // Another process may have been faster: its checkpoint is the one that this would have to continue.
            let last = try books.sql.first(CheckpointRow.last, read: CheckpointRow.read)
            guard (last?.id ?? 0) + 1 == due.id else { return }
            try books.sql.run(
                """
                INSERT INTO ledger_checkpoint
                    (id, at_ms, last_entry, heads, mac, audit_seq, audit_hash, previous)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .int(due.id),
                .time(now),
                .int(due.lastEntry),
                .text(due.heads),
                .blob(tag),
                .int(due.auditSequence),
                .blob(due.auditHash),
                .blob(due.previous)
            )
        }
    }
}

/// The checkpoint to write, without its MAC, when there are 1,000 new entries, or something new and ten minutes have
/// passed.
private func dueCheckpoint(
    _ sql: Connection,
    _ sha256: StoreOptions.Digest,
    at now: Timestamp
) throws -> CheckpointRow? {
    let newest = try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) } ?? 0
    let audit = try sql.first("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1") {
        (sequence: $0.int(0), hash: $0.blob(1))
    }
    let last = try sql.first(CheckpointRow.last, read: CheckpointRow.read)
    guard newest > last?.lastEntry ?? 0 || (audit?.sequence ?? 0) > last?.auditSequence ?? 0 else {
        return nil
    }
    if let last, newest - last.lastEntry < 1000, now - last.at < .seconds(600) { return nil }
    // Rows of schema 1 name every head, so what moved after one is enough there, too.
    let heads = try LedgerHead.moved(after: last?.lastEntry ?? 0, sql)
    return CheckpointRow(
        id: (last?.id ?? 0) + 1,
        at: now,
        lastEntry: newest,
        heads: CheckpointRow.text(heads),
        mac: [],
        firstMAC: [],
        auditSequence: audit?.sequence ?? 0,
        auditHash: audit?.hash ?? [],
        previous: last?.digest(sha256) ?? []
    )
}
