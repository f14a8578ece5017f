import PurserCore

/// Checks every rule of the books inside one read transaction.
struct LedgerVerifier {
    typealias MAC = @Sendable ([UInt8]) -> [UInt8]

    private struct Ledger {
        let row: Int64
        let name: String
        let owner: AccountID
        let isCredits: Bool
    }

    let sql: Connection
    let surroundings: Surroundings
    let now: Timestamp
    let mac: MAC?
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
        let ledgers = try sql.all("SELECT id, name, owner, kind FROM ledger_account ORDER BY id") {
            Ledger(
                row: $0.int(0),
                name: $0.text(1),
                owner: try $0.id(2),
                isCredits: $0.text(3) == "credits"
            )
        }
        let usage = try usageSums()
        for ledger in ledgers { try check(ledger, usage: usage[ledger.owner]) }
        try checkReferences()
        try checkAges()
        try checkCheckpoints()
        try checkDatabase()
        let rules = (1...25).map { "L\($0)" }
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
    private mutating func check(_ ledger: Ledger, usage: (charged: Int64, refunded: Int64)?) throws
    {
        var chain = ChainCheck(name: ledger.name, sha256: surroundings.options.sha256)
        var count = 0
        try sql.walk(EntryRow.inOrder, [.int(ledger.row)]) { row in
            count += 1
            do {
                chain.visit(try EntryRow.read(row))
            } catch {
                chain.skip(sequence: row.int(1), because: error)
            }
            return true
        }
        chain.finish()
        entries += count
        findings += chain.findings
        try checkHead(of: ledger, against: chain)
        guard ledger.isCredits else { return }
        let (charged, refunded) = usage ?? (0, 0)
        if charged != chain.charged || refunded != chain.refunded {
            report(
                "L16",
                ledger.name,
                "usage says \(charged) charged, \(refunded) refunded; "
                    + "the entries say \(chain.charged) and \(chain.refunded)"
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
        let homeless = try sql.all(
            """
            SELECT lower(hex(t.submission_id)), t.number FROM attempt t
            LEFT JOIN ledger_account l ON l.owner = t.account_id AND l.kind = 'credits'
            LEFT JOIN ledger_entry e ON e.ledger_account = l.id AND e.seq = t.hold_seq
                AND e.kind = 'hold' AND e.submission_id = t.submission_id AND e.d_held = t.price
            WHERE t.hold_seq > 0 AND e.id IS NULL
            """
        ) { ("\($0.text(0))", $0.int(1)) }
        for (submission, number) in homeless {
            report("L15", "submission \(submission) attempt \(number)", "names no hold of its own")
        }
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
        let checkpoints = try sql.all(CheckpointRow.all, read: CheckpointRow.read)
        if mac == nil {
            notChecked["L22"] = "the vault is locked"
        } else if checkpoints.isEmpty {
            notChecked["L22"] = "no checkpoint was written yet"
        }
        for checkpoint in checkpoints {
            let place = "checkpoint \(checkpoint.id)"
            if let mac, mac(checkpoint.message) != checkpoint.mac {
                report("L22", place, "its MAC is wrong")
            }
            for head in checkpoint.lines {
                let hash = try sql.first(
                    """
                    SELECT lower(hex(e.hash)) FROM ledger_entry e
                    JOIN ledger_account l ON l.id = e.ledger_account WHERE l.name = ? AND e.seq = ?
                    """,
                    .text(head.name),
                    .int(head.sequence)
                ) { $0.text(0) }
                if hash != head.hash {
                    report("L24", place, "\(head.name) #\(head.sequence) is another entry now")
                }
            }
        }
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
