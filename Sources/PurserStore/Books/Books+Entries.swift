import PurserCore

/// The last entry of a ledger account, as far as the next one needs it.
struct Head: Sendable {
    /// The number of the ledger account in the database.
    let row: Int64
    var sequence: Int64
    var posted: Credits
    var held: Credits
    var hash: [UInt8]

    var balance: Balance { Balance(posted: posted, held: held) }
}

/// An entry before it has its place in the chain.
struct Draft {
    let ledgerAccount: LedgerAccountID
    let kind: EntryKind
    let operation: OperationID
    let at: Timestamp
    var deltaPosted = Credits.zero
    var deltaHeld = Credits.zero
    var hold: Int64?
    var submission: SubmissionID?
    var job: JobID?
    var observed: Credits?
    var cause: AdjustmentCause?
    var detail = ""
}

extension Books {
    /// `nil` where nothing was ever booked: an unknown balance, or no budget.
    func head(of ledgerAccount: LedgerAccountID) throws -> Head? {
        if let head = memory.heads[ledgerAccount] { return head }
        let (kind, owner) = ledgerAccount.columns
        let head = try sql.first(
            """
            SELECT h.ledger_account, h.seq, h.posted, h.held, h.hash
            FROM ledger_account l JOIN ledger_head h ON h.ledger_account = l.id
            WHERE l.owner = ? AND l.kind = ?
            """,
            owner,
            kind
        ) { row in
            Head(
                row: row.int(0),
                sequence: row.int(1),
                posted: try row.credits(2),
                held: try row.credits(3),
                hash: row.blob(4)
            )
        }
        memory.heads[ledgerAccount] = head
        return head
    }

    /// Makes a ledger account with its first entry.
    func open(_ draft: Draft) throws {
        let (kind, owner) = draft.ledgerAccount.columns
        try sql.run(
            "INSERT INTO ledger_account (name, kind, owner) VALUES (?, ?, ?)",
            .text(draft.ledgerAccount.name),
            kind,
            owner
        )
        try append(draft)
    }

    /// Writes an entry at the end of its ledger account's chain and answers its sequence.
    @discardableResult
    func append(_ draft: Draft) throws -> Int64 {
        guard var head = try head(of: draft.ledgerAccount) else {
            throw StoreError.damaged("\(draft.ledgerAccount.name) has no ledger account")
        }
        let previous = head.hash
        head.sequence += 1
        head.posted = try head.posted.plus(draft.deltaPosted)
        head.held = try head.held.plus(draft.deltaHeld)
        let entry = LedgerEntry(
            ledgerAccount: draft.ledgerAccount,
            sequence: head.sequence,
            operationID: draft.operation,
            kind: draft.kind,
            deltaPosted: draft.deltaPosted,
            deltaHeld: draft.deltaHeld,
            posted: head.posted,
            held: head.held,
            holdSequence: draft.hold,
            submissionID: draft.submission,
            jobID: draft.job,
            at: draft.at,
            observed: draft.observed,
            cause: draft.cause,
            detail: draft.detail
        )
        head.hash = surroundings.options.sha256(previous + entry.canonicalBytes)
        try sql.run(
            """
            INSERT INTO ledger_entry (ledger_account, seq, op_id, kind, d_posted, d_held, posted,
                held, hold_seq, submission_id, job_id, at_ms, observed, cause, detail, prev_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .int(head.row),
            .int(head.sequence),
            .id(draft.operation),
            .text(draft.kind.rawValue),
            .credits(draft.deltaPosted),
            .credits(draft.deltaHeld),
            .credits(head.posted),
            .credits(head.held),
            .int(draft.hold),
            .id(draft.submission),
            .id(draft.job),
            .time(draft.at),
            .credits(draft.observed),
            .text(draft.cause?.rawValue),
            .text(draft.detail),
            .blob(previous),
            .blob(head.hash)
        )
        memory.heads[draft.ledgerAccount] = head
        memory.lastEntry = sql.lastInsertedRow
        return head.sequence
    }

    /// The entry written under `operation`, if there is one.
    func entry(of operation: OperationID) throws -> LedgerEntry? {
        try sql.first(EntryRow.byOperation, .id(operation)) { try EntryRow.read($0).entry }
    }
}

extension LedgerAccountID {
    /// The columns `kind` and `owner`.
    var columns: (kind: Value, owner: Value) {
        switch self {
        case .credits(let id): (.text("credits"), .id(id))
        case .budget(let id): (.text("budget"), .id(id))
        }
    }
}

/// An entry as it lies in the database, with its hashes.
struct EntryRow {
    let entry: LedgerEntry
    let previousHash: [UInt8]
    let hash: [UInt8]
    /// The position among all entries of the home.
    let position: Int64

    /// Of one ledger account, whose name the reader knows.
    static let inOrder: StaticString = """
        SELECT '', e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id
        FROM ledger_entry e WHERE e.ledger_account = ? ORDER BY e.seq
        """
    static let byOperation: StaticString = """
        SELECT l.name, e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id
        FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account WHERE e.op_id = ?
        """
    /// Newest first; each parameter but the last may be NULL, which asks nothing.
    static let newestFirst: StaticString = """
        SELECT l.name, e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id
        FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
        WHERE (?1 IS NULL OR l.name = ?1) AND (?2 IS NULL OR e.at_ms >= ?2)
            AND (?3 IS NULL OR e.at_ms < ?3)
        ORDER BY e.id DESC LIMIT ?4
        """

    /// The same for one ledger account, along its own index.
    static let newestOfAccount: StaticString = """
        SELECT l.name, e.seq, e.op_id, e.kind, e.d_posted, e.d_held, e.posted, e.held, e.hold_seq,
            e.submission_id, e.job_id, e.at_ms, e.observed, e.cause, e.detail, e.prev_hash, e.hash, e.id
        FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
        WHERE e.ledger_account = (SELECT id FROM ledger_account WHERE name = ?1)
            AND (?2 IS NULL OR e.at_ms >= ?2) AND (?3 IS NULL OR e.at_ms < ?3)
        ORDER BY e.seq DESC LIMIT ?4
        """

    static func read(_ row: Row) throws -> EntryRow {
        try read(row, of: account(named: row.text(0)))
    }

    static func account(named name: String) throws -> LedgerAccountID {
        guard let account = LedgerAccountID(name: name) else {
            throw StoreError.damaged("'\(name)' names no ledger account")
        }
        return account
    }

    static func read(_ row: Row, of account: LedgerAccountID) throws -> EntryRow {
        let cause = row.isNull(13) ? nil : try row.name(13, of: AdjustmentCause.self)
        let entry = LedgerEntry(
            ledgerAccount: account,
            sequence: row.int(1),
            operationID: try row.id(2),
            kind: try row.name(3),
            deltaPosted: try row.credits(4),
            deltaHeld: try row.credits(5),
            posted: try row.credits(6),
            held: try row.credits(7),
            holdSequence: row.optionalInt(8),
            submissionID: try row.optionalID(9),
            jobID: try row.optionalID(10),
            at: row.time(11),
            observed: try row.optionalCredits(12),
            cause: cause,
            detail: row.text(14)
        )
        return EntryRow(
            entry: entry,
            previousHash: row.blob(15),
            hash: row.blob(16),
            position: row.int(17)
        )
    }
}
