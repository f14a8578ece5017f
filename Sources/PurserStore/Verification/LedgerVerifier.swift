import PurserCore

/// Checks every rule of the books inside one read transaction.
struct LedgerVerifier {
    typealias MAC = @Sendable ([UInt8]) -> [UInt8]

    private struct Ledger {
        let row: Int64
        let account: LedgerAccountID
        var name: String { account.name }
    }

    let sql: Connection
    let surroundings: Surroundings
    let now: Timestamp
    let mac: MAC?
    /// The sum of what each hold's entry says of it.
    private(set) var holdsDigest: UInt64 = 0
    private var findings: [Finding] = []
    private var notChecked: [String: String] = [:]
    private var entries = 0

    init(sql: Connection, surroundings: Surroundings, now: Timestamp, mac: MAC?) {
        self.sql = sql
        self.surroundings = surroundings
        self.now = now
        self.mac = mac
    }

    mutating func run() throws -> LedgerVerification {
        let ledgers = try ledgers()
        let usage = try usageSums()
        for ledger in ledgers { try check(ledger, usage: usage) }
        try checkReferences()
        try checkAges()
        try checkCheckpoints()
        try checkDatabase()
        let rules = (1...28).map { "L\($0)" }
        return LedgerVerification(
            entries: entries,
            ledgerAccounts: ledgers.count,
            checked: rules.filter { notChecked[$0] == nil },
            notChecked: notChecked,
            findings: findings
        )
    }

    mutating func report(
        _ rule: String,
        _ place: String,
        _ message: String,
        isViolation: Bool = true
    ) {
        findings.append(
            Finding(rule: rule, isViolation: isViolation, place: place, message: message)
        )
    }
}

// MARK: - Chains

extension LedgerVerifier {
    private mutating func ledgers() throws -> [Ledger] {
        let rows = try sql.all("SELECT id, name FROM ledger_account ORDER BY id") {
            (id: $0.int(0), name: $0.text(1))
        }
        return rows.compactMap { row in
            guard let account = LedgerAccountID(name: row.name) else {
                report("L6", "ledger account \(row.id)", "'\(row.name)' names nobody")
                return nil
            }
            return Ledger(row: row.id, account: account)
        }
    }

    private mutating func check(
        _ ledger: Ledger,
        usage: [AccountID: (charged: Int64, refunded: Int64)]
    ) throws {
        let sql = sql
        var chain = ChainCheck(
            account: ledger.account,
            sha256: surroundings.options.sha256,
            recall: { try Self.trace(of: $0, before: $1, in: ledger.row, sql) }
        )
        var count = 0
        try sql.walk(EntryRow.inOrder, [.int(ledger.row)]) { row in
            count += 1
            do {
                chain.visit(try EntryRow.read(row, of: ledger.account))
            } catch {
                chain.skip(sequence: row.int(1), because: error)
            }
            return true
        }
        chain.finish()
        entries += count
        holdsDigest &+= chain.holdsDigest
        findings += chain.findings
        try checkHead(of: ledger, against: chain)
        guard case .credits(let id) = ledger.account else { return }
        let (charged, refunded) = usage[id] ?? (0, 0)
        if charged != chain.charged || refunded != chain.refunded {
            report(
                "L16",
                ledger.name,
                "usage says \(charged) charged, \(refunded) refunded; "
                    + "the entries say \(chain.charged) and \(chain.refunded)"
            )
        }
    }

    /// What the entries before `entry` say of a hold that is decided.
    ///
    /// The plus signs keep the search on the indexes of a hold's entries.
    private static func trace(
        of hold: Int64,
        before entry: LedgerEntry,
        in ledger: Int64,
        _ sql: Connection
    ) throws -> ChainCheck.HoldTrace? {
        try sql.first(
            """
            SELECT h.d_held, e.kind, -e.d_posted,
                EXISTS (SELECT 1 FROM ledger_entry u WHERE u.ledger_account = ?1
                    AND u.hold_seq = ?2 AND u.kind = 'unknown' AND +u.seq < ?3),
                (SELECT coalesce(sum(r.d_posted), 0) FROM ledger_entry r
                    WHERE r.ledger_account = ?1 AND r.hold_seq = ?2 AND r.kind = 'refund'
                        AND +r.seq < ?3),
                EXISTS (SELECT 1 FROM ledger_entry r WHERE r.ledger_account = ?1
                    AND r.hold_seq = ?2 AND r.kind = 'refund' AND r.job_id = ?4 AND +r.seq < ?3)
            FROM ledger_entry h
            LEFT JOIN ledger_entry e ON e.ledger_account = ?1 AND e.hold_seq = ?2
                AND e.kind IN ('settle', 'void', 'charge', 'free') AND +e.seq < ?3
            WHERE h.ledger_account = ?1 AND h.seq = ?2 AND h.kind = 'hold'
            """,
            .int(ledger),
            .int(hold),
            .int(entry.sequence),
            .id(entry.jobID)
        ) { row in
            ChainCheck.HoldTrace(
                amount: row.int(0),
                isUnknown: row.bool(3),
                terminal: row.optionalText(1),
                charged: row.int(2),
                refunded: row.int(4),
                isJobRefunded: row.bool(5)
            )
        }
    }

    private mutating func checkHead(of ledger: Ledger, against chain: ChainCheck) throws {
        let head = try sql.first(
            "SELECT seq, posted, held, hash FROM ledger_head WHERE ledger_account = ?",
            .int(ledger.row)
        ) { (sequence: $0.int(0), posted: $0.int(1), held: $0.int(2), hash: $0.blob(3)) }
        guard let head else { return report("L24", ledger.name, "it has no head") }
        if head.posted != chain.posted || head.held != chain.held {
            report(
                "L4",
                ledger.name,
                "the head says \(head.posted) posted, \(head.held) held; "
                    + "the entries come to \(chain.posted) and \(chain.held)"
            )
        }
        if head.sequence != chain.sequence || head.hash != chain.hash {
            report("L24", ledger.name, "the head is not the last entry")
        }
    }

    private func usageSums() throws -> [AccountID: (charged: Int64, refunded: Int64)] {
        var sums: [AccountID: (charged: Int64, refunded: Int64)] = [:]
        try sql.walk(
            "SELECT account_id, sum(charged), sum(refunded) FROM usage_day GROUP BY account_id",
            []
        ) { row in
            sums[try row.id(0)] = (row.int(1), row.int(2))
            return true
        }
        return sums
    }
}

// MARK: - What refers to entries

extension LedgerVerifier {
    private mutating func checkReferences() throws {
        let reused = try sql.all(
            "SELECT hex(op_id) FROM ledger_entry GROUP BY op_id HAVING count(*) > 1"
        ) { $0.text(0) }
        for id in reused { report("L15", "operation \(id.lowercased())", "names two entries") }
        let doubled = try sql.all(
            """
            SELECT operation_name FROM job GROUP BY account_id, operation_name HAVING count(*) > 1
            """
        ) { $0.text(0) }
        for name in doubled { report("L23", "job \(name)", "is bound twice in one account") }
        try checkAttempts()
    }

    private mutating func checkAges() throws {
        let options = surroundings.options
        for attempt in try sql.all(Attempt.open, read: Attempt.read) {
            let place = "submission \(attempt.submissionID) attempt \(attempt.number)"
            if attempt.state == .held, now - attempt.heldAt > options.holdLimit,
                !surroundings.instance.isAlive(attempt.instanceID)
            {
                report("L19", place, "its process is gone and its hold open", isViolation: false)
            }
            if let since = attempt.unknownSince, now - since > options.unknownLimit {
                report(
                    "L20",
                    place,
                    "\(attempt.price) credits are unknown for too long",
                    isViolation: false
                )
            }
        }
    }

    private mutating func checkCheckpoints() throws {
        let sql = sql
        var check = CheckpointCheck(sha256: surroundings.options.sha256, mac: mac)
        var moved: [(place: String, message: String)] = []
        try sql.walk(CheckpointRow.all, []) { row in
            let checkpoint = CheckpointRow.read(row)
            check.visit(checkpoint)
            for head in checkpoint.lines where try !head.isEntry(sql) {
                let message = "\(head.name) #\(head.sequence) is another entry now"
                moved.append(("checkpoint \(checkpoint.id)", message))
            }
            return true
        }
        notChecked["L22"] = check.notChecked
        for finding in check.findings { report("L22", finding.place, finding.message) }
        for finding in moved { report("L24", finding.place, finding.message) }
    }

    private mutating func checkDatabase() throws {
        for line in try sql.all("PRAGMA integrity_check", read: { $0.text(0) }) where line != "ok" {
            report("L25", "database", line)
        }
        for table in try sql.all("PRAGMA foreign_key_check", read: { $0.text(0) }) {
            report("L25", "table \(table)", "a row refers to one that is not there")
        }
    }
}
