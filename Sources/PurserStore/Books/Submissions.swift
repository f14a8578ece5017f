import PurserCore

/// Which account owns a medium.
enum MediaRow {
    static func owners(of ids: [String], _ sql: Connection) throws -> Set<AccountID> {
        var owners: Set<AccountID> = []
        for id in ids {
            let owner = try sql.first("SELECT account_id FROM media WHERE id = ?", .text(id)) {
                try $0.id(0, of: Account.self)
            }
            if let owner { owners.insert(owner) }
        }
        return owners
    }
}

/// A submission as it is kept for repeats.
enum SubmissionRow {
    static func load(_ id: SubmissionID, _ sql: Connection) throws -> SubmissionRecord? {
        try sql.first(
            """
            SELECT id, state, account_id, price, model_keys, created_at_ms, answer_status,
                answer_content_type, answer_epoch, answer
            FROM submission WHERE id = ?
            """,
            .id(id),
            read: read
        )
    }

    private static func read(_ row: Row) throws -> SubmissionRecord {
        let answer =
            row.isNull(6)
            ? nil
            : SealedAnswer(
                status: Int(row.int(6)),
                contentType: row.optionalText(7),
                epoch: UInt32(truncatingIfNeeded: row.int(8)),
                sealed: row.blob(9)
            )
        return SubmissionRecord(
            id: try row.id(0),
            state: try row.name(1),
            accountID: try row.optionalID(2),
            price: try row.credits(3),
            modelKeys: Lines.split(row.text(4)),
            createdAt: row.time(5),
            answer: answer
        )
    }
}
