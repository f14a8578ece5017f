package import PurserCore

// Everything of the books, page by page.

extension SQLiteStore {
    package func entryPage(_ filter: EntryFilter, after: Int64?) async throws -> [BookedEntry] {
        try await read { sql in
            try sql.all(
                filter.ledgerAccount == nil ? BookedEntry.page : BookedEntry.pageOfAccount,
                .text(filter.ledgerAccount?.name),
                .time(filter.from),
                .time(filter.to),
                .int(filter.limit ?? -1),
                .int(after ?? 0),
                read: BookedEntry.read
            )
        }
    }

    package func heads() async throws -> [LedgerHead] {
        try await read { try LedgerHead.all($0) }
    }

    package func missing(_ heads: [LedgerHead]) async throws -> [LedgerHead] {
        try await read { sql in try heads.filter { try !$0.isEntry(sql) } }
    }
}

extension LedgerHead {
    static func all(_ sql: Connection) throws -> [LedgerHead] {
        try sql.all(
            """
            SELECT l.name, h.seq, h.hash FROM ledger_head h
            JOIN ledger_account l ON l.id = h.ledger_account WHERE h.seq > 0 ORDER BY l.name
            """,
            read: read
        )
    }

    /// Those with entries behind the position `last`.
    static func moved(after last: Int64, _ sql: Connection) throws -> [LedgerHead] {
        try sql.all(
            """
            SELECT l.name, h.seq, h.hash FROM ledger_head h
            JOIN ledger_account l ON l.id = h.ledger_account
            WHERE h.ledger_account IN (SELECT ledger_account FROM ledger_entry WHERE id > ?)
            ORDER BY l.name
            """,
            .int(last),
            read: read
        )
    }

    private static func read(_ row: Row) -> LedgerHead {
        LedgerHead(name: row.text(0), sequence: row.int(1), hash: row.blob(2))
    }

    /// Whether an entry of that place has that hash.
    func isEntry(_ sql: Connection) throws -> Bool {
        let found = try sql.first(
            """
            SELECT e.hash FROM ledger_account l JOIN ledger_entry e ON e.ledger_account = l.id
            WHERE l.name = ? AND e.seq = ?
            """,
            .text(name),
            .int(sequence)
        ) { $0.blob(0) }
        return found == hash
    }
}

extension BookedEntry {
    static let page: StaticString = """
        SELECT l.name, e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id,
            coalesce(t.member_id, j.member_id), t.elements, j.model_id, j.model_key
        FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
        LEFT JOIN job j ON j.id = e.job_id
        LEFT JOIN attempt t ON t.submission_id = e.submission_id AND CASE l.kind
            WHEN 'credits' THEN t.account_id = l.owner AND t.hold_seq = coalesce(e.hold_seq, e.seq)
            ELSE t.member_id = l.owner AND t.budget_hold_seq = coalesce(e.hold_seq, e.seq) END
        WHERE e.id > ?5 AND ?1 IS NULL AND (?2 IS NULL OR e.at_ms >= ?2)
            AND (?3 IS NULL OR e.at_ms < ?3)
        ORDER BY e.id LIMIT ?4
        """

    /// The same for one ledger account, along its own index.
    static let pageOfAccount: StaticString = """
        SELECT l.name, e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id,
            coalesce(t.member_id, j.member_id), t.elements, j.model_id, j.model_key
        FROM ledger_account l JOIN ledger_entry e ON e.ledger_account = l.id
        LEFT JOIN job j ON j.id = e.job_id
        LEFT JOIN attempt t ON t.submission_id = e.submission_id AND CASE l.kind
            WHEN 'credits' THEN t.account_id = l.owner AND t.hold_seq = coalesce(e.hold_seq, e.seq)
            ELSE t.member_id = l.owner AND t.budget_hold_seq = coalesce(e.hold_seq, e.seq) END
        WHERE l.name = ?1 AND (?2 IS NULL OR e.at_ms >= ?2) AND (?3 IS NULL OR e.at_ms < ?3)
            AND e.seq > coalesce((SELECT seq FROM ledger_entry WHERE id = ?5), 0)
        ORDER BY e.seq LIMIT ?4
        """

    fileprivate static func read(_ row: Row) throws -> BookedEntry {
        let stored = try EntryRow.read(row)
        var elements: [ClaimedElement] = []
        if stored.entry.kind == .refund || stored.entry.kind == .refundDue, !row.isNull(20) {
            let model = ModelID(row.text(20))
            let price = stored.entry.deltaPosted
            elements = [ClaimedElement(modelID: model, modelKey: row.text(21), price: price)]
        } else if !row.isNull(19) {
            elements = try ClaimedElement.list(row.text(19))
        }
        return BookedEntry(
            entry: stored.entry,
            position: stored.position,
            previousHash: stored.previousHash,
            hash: stored.hash,
            memberID: try row.optionalID(18),
            elements: elements
        )
    }
}
