package import PurserCore

extension SQLiteStore {
    package func audit(_ filter: AuditFilter) async throws -> [AuditEntry] {
        try await read { sql in
            let newestFirst = try sql.all(
                """
                SELECT seq, at_ms, actor, verb, subject, detail, hash FROM audit_entry
                WHERE (?1 IS NULL OR at_ms >= ?1) AND (?2 IS NULL OR at_ms < ?2)
                    AND (?3 IS NULL OR actor = ?3)
                    AND (?4 IS NULL OR replace(verb, '-', '_') = ?4
                        OR substr(?4, -1) = '.' AND substr(verb, 1, length(?4)) = ?4)
                    AND (?6 IS NULL OR seq < ?6)
                ORDER BY seq DESC LIMIT ?5
                """,
                .time(filter.from),
                .time(filter.to),
                .text(filter.actor),
                .text(filter.verb?.replacing("-", with: "_")),
                .int(filter.limit ?? -1),
                .int(filter.before),
                read: AuditEntry.read
            )
            return newestFirst.reversed()
        }
    }

    package func verifyAudit(
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws -> AuditVerification {
        let sha256 = surroundings.options.sha256
        return try await read { sql in
            var check = AuditCheck(sha256: sha256)
            try sql.walk(
                """
                SELECT seq, at_ms, actor, verb, subject, detail, hash FROM audit_entry ORDER BY seq
                """,
                []
            ) { row in
                check.visit(AuditEntry.read(row))
                return true
            }
            var heads = 0
            var checkpoints = CheckpointCheck(sha256: sha256, mac: checkpointMAC)
            try sql.walk(CheckpointRow.all, []) { row in
                let checkpoint = CheckpointRow.read(row)
                checkpoints.visit(checkpoint)
                if let sequence = checkpoint.auditSequence {
                    heads += 1
                    let found = try sql.first(
                        "SELECT hash FROM audit_entry WHERE seq = ?",
                        .int(sequence)
                    ) { $0.blob(0) }
                    if found != checkpoint.auditHash {
                        check.report("A2", sequence, "is not what checkpoint \(checkpoint.id) saw")
                    }
                }
                return true
            }
            for finding in checkpoints.findings {
                check.report("A3", finding.place, finding.message)
            }
            return AuditVerification(
                entries: check.entries,
                heads: heads,
                notAuthenticated: checkpoints.notChecked,
                findings: check.findings
            )
        }
    }
}

/// Recomputes the chain of the audit trail, line after line.
struct AuditCheck {
    let sha256: StoreOptions.Digest
    private(set) var findings: [Finding] = []
    private(set) var entries = 0
    private var previous = AuditChain.genesis
    private var sequence: Int64 = 0

    init(sha256: @escaping StoreOptions.Digest) {
        self.sha256 = sha256
    }

    mutating func visit(_ entry: AuditEntry) {
        entries += 1
        if entry.sequence != sequence + 1 {
            report("A1", entry.sequence, "follows line \(sequence)")
        }
        let bytes = AuditChain.bytes(of: entry.record, sequence: entry.sequence, at: entry.at)
        if sha256(previous + bytes) != entry.hash {
            report("A1", entry.sequence, "its hash is not that of its content and the line before")
        }
        sequence = entry.sequence
        previous = entry.hash
    }

    mutating func report(_ rule: String, _ sequence: Int64, _ message: String) {
        report(rule, "line \(sequence)", message)
    }

    mutating func report(_ rule: String, _ place: String, _ message: String) {
        findings.append(Finding(rule: rule, isViolation: true, place: place, message: message))
    }
}

extension AuditEntry {
    /// `nil` where nothing was done yet.
    static func newest(_ sql: Connection) throws -> AuditEntry? {
        try sql.first(
            """
            SELECT seq, at_ms, actor, verb, subject, detail, hash FROM audit_entry
            ORDER BY seq DESC LIMIT 1
            """,
            read: read
        )
    }

    fileprivate static func read(_ row: Row) -> AuditEntry {
        AuditEntry(
            sequence: row.int(0),
            at: row.time(1),
            record: AuditRecord(
                actor: Actor(row.text(2)),
                verb: row.text(3),
                subject: row.text(4),
                detail: row.text(5)
            ),
            hash: row.blob(6)
        )
    }
}
