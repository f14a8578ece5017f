import PurserCore

extension Books {
    func writeAudit(_ record: AuditRecord, at now: Timestamp) throws {
        let last = try sql.first("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1") {
            (sequence: $0.int(0), hash: $0.blob(1))
        }
        let sequence = (last?.sequence ?? 0) + 1
        let bytes = AuditChain.bytes(of: record, sequence: sequence, at: now)
        let hash = surroundings.options.sha256((last?.hash ?? AuditChain.genesis) + bytes)
        try sql.run(
            """
            INSERT INTO audit_entry (seq, at_ms, actor, verb, subject, detail, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .int(sequence),
            .time(now),
            .text(record.actor.description),
            .text(record.verb),
            .text(record.subject),
            .text(record.detail),
            .blob(hash)
        )
    }
}

extension AuditRecord {
    /// Whether this opening stands there on that UTC day, by the same actor with the same slot.
    func isWritten(on day: CalendarDay, _ sql: Connection) throws -> Bool {
        try sql.first(
            """
            SELECT 1 FROM audit_entry WHERE verb = 'vault.open' AND subject = ? AND actor = ?
                AND at_ms >= ? AND at_ms < ?
            """,
            .text(subject),
            .text(actor.description),
            .time(day.start),
            .time(day.start + .seconds(86_400))
        ) { _ in true } ?? false
    }
}

/// The chain of the audit trail: each entry's hash covers the one before.
enum AuditChain {
    static let genesis = [UInt8](repeating: 0, count: 32)

    static func bytes(of record: AuditRecord, sequence: Int64, at: Timestamp) -> [UInt8] {
        var encoder = CanonicalEncoder()
        encoder.append("purser/v1/audit-entry")
        encoder.append(sequence)
        encoder.append(at.milliseconds)
        encoder.append(record.actor.description)
        encoder.append(record.verb)
        encoder.append(record.subject)
        encoder.append(record.detail)
        return encoder.bytes
    }
}
