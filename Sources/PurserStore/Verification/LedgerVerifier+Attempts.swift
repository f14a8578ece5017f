import PurserCore

// What attempts, jobs and sums say is what the entries say, and the other way round.

extension LedgerVerifier {
    mutating func checkAttempts() throws {
        var usage = UsageCheck()
        var owned: UInt64 = 0
        try sql.walk(AttemptEnding.all, []) { row in
            let attempt = try AttemptEnding(row)
            check(attempt)
            owned &+= attempt.holdsDigest
            try usage.add(attempt)
            return true
        }
        if owned != holdsDigest { try nameOwnerlessHolds() }
        try checkRefunds()
        try checkBudgetRefunds()
        try addRefunds(to: &usage)
        for finding in try usage.compare(with: sql) {
            report(finding.rule, finding.place, finding.message)
        }
        for place in try Spending.wrongDays(sql) {
            report("L27", place, "it is not the sum of usage")
        }
        for place in try ReportCheck.wrongPlaces(sql) {
            report("L28", place, "the kept sum is another")
        }
    }

    /// An attempt names holds of its own, and its end and its charge are what the entries say.
    private mutating func check(_ attempt: AttemptEnding) {
        if !attempt.hasOwnHold { report("L15", attempt.place, "names no hold of its own") }
        let told = attempt.account
        if attempt.charged != told.taken || attempt.hold > 0 && told.state != attempt.state {
            report("L24", attempt.place, attempt.words(told))
        }
        guard attempt.budgetHold != nil else { return }
        let paid = attempt.budget
        if attempt.charged != paid.taken || paid.state != attempt.state {
            report("L16", "\(attempt.place), budget", attempt.words(paid))
        }
    }

    /// Every hold belongs to an attempt: one without would never be decided.
    private mutating func nameOwnerlessHolds() throws {
        // By submission, for which attempts have an index.
        let ownerless = try sql.all(
            """
            SELECT l.name, e.seq FROM ledger_entry e
            JOIN ledger_account l ON l.id = e.ledger_account
            LEFT JOIN attempt t ON t.submission_id = e.submission_id AND t.price = e.d_held
                AND CASE l.kind
                    WHEN 'credits' THEN t.account_id = l.owner AND t.hold_seq = e.seq
                    ELSE t.member_id = l.owner AND t.budget_hold_seq = e.seq END
            WHERE e.kind = 'hold' AND t.id IS NULL
            """
        ) { "\($0.text(0)) #\($0.int(1))" }
        for place in ownerless { report("L15", place, "the hold belongs to no attempt") }
        if ownerless.isEmpty {
            report("L15", "attempts", "their holds are not those of the entries")
        }
    }

    /// A job is owed or was given back exactly what the entries say.
    ///
    /// The longer lists of kinds are the predicates of the indexes that find the entries.
    private mutating func checkRefunds() throws {
        let wrong = try sql.all(
            """
            SELECT j.operation_name, j.refund, j.refund_amount, g.d_posted
            FROM job j LEFT JOIN ledger_account l ON l.owner = j.account_id AND l.kind = 'credits'
            LEFT JOIN ledger_entry d ON d.ledger_account = l.id AND d.job_id = j.id
                AND d.kind IN ('refund_due', 'refund') AND d.kind = 'refund_due'
            LEFT JOIN ledger_entry g ON g.ledger_account = l.id AND g.job_id = j.id
                AND g.kind IN ('refund_due', 'refund') AND g.kind = 'refund'
            WHERE j.refund <> 'none' AND (d.id IS NULL
                OR g.d_posted IS NOT iif(j.refund = 'refunded', j.refund_amount, NULL))
            UNION ALL
            SELECT j.operation_name, j.refund, j.refund_amount, e.d_posted
            FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
            JOIN job j ON j.id = e.job_id
            WHERE e.kind IN ('refund_due', 'refund') AND l.kind = 'credits'
                AND (j.refund = 'none' OR j.account_id <> l.owner)
            """
        ) { (name: $0.text(0), refund: $0.text(1), amount: $0.int(2), given: $0.optionalInt(3)) }
        for job in wrong {
            let given = job.given.map { "\($0) given back" } ?? "nothing given back"
            report(
                "L24",
                "job \(job.name)",
                "its refund of \(job.amount) is '\(job.refund)', the entries say \(given)"
            )
        }
        let jobless = try sql.all(
            """
            SELECT l.name, e.seq FROM ledger_entry e
            JOIN ledger_account l ON l.id = e.ledger_account LEFT JOIN job j ON j.id = e.job_id
            WHERE e.kind IN ('refund_due', 'refund') AND j.id IS NULL
            """
        ) { "\($0.text(0)) #\($0.int(1))" }
        for place in jobless { report("L24", place, "a refund of no job") }
    }

    /// What came back for a member's work came back to the member's budget.
    private mutating func checkBudgetRefunds() throws {
        let wrong = try sql.all(
            """
            SELECT j.operation_name FROM job j JOIN attempt t ON t.id = j.attempt_id
            LEFT JOIN ledger_account l ON l.owner = j.member_id AND l.kind = 'budget'
            LEFT JOIN ledger_entry g ON g.ledger_account = l.id AND g.job_id = j.id
                AND g.kind IN ('refund_due', 'refund') AND g.kind = 'refund'
            WHERE j.refund <> 'none' AND t.budget_hold_seq IS NOT NULL
                AND g.d_posted IS NOT iif(j.refund = 'refunded', j.refund_amount, NULL)
            UNION ALL
            SELECT j.operation_name FROM ledger_entry e
            JOIN ledger_account l ON l.id = e.ledger_account JOIN job j ON j.id = e.job_id
            WHERE e.kind = 'refund' AND l.kind = 'budget'
                AND (j.refund <> 'refunded' OR j.member_id <> l.owner)
            """
        ) { $0.text(0) }
        for name in wrong { report("L16", "job \(name)", "the budget was given back another sum") }
    }

    private func addRefunds(to usage: inout UsageCheck) throws {
        try sql.walk(
            """
            SELECT j.account_id, j.member_id, j.model_id, e.d_posted, e.at_ms
            FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
            JOIN job j ON j.id = e.job_id WHERE e.kind = 'refund' AND l.kind = 'credits'
            """,
            []
        ) { row in
            usage.addRefund(
                row.int(3),
                on: CalendarDay(row.time(4)),
                UsageCheck.Work(
                    account: try row.id(0),
                    member: try row.id(1),
                    model: ModelID(row.text(2))
                )
            )
            return true
        }
    }
}

/// An attempt beside the entries of its end, on the account and on the member's budget.
struct AttemptEnding {
    struct Told {
        let state: Attempt.State
        let taken: Int64
    }

    static let all: StaticString = """
        SELECT t.submission_id, t.number, t.state, t.charged, t.elements, t.account_id, t.member_id,
            t.hold_seq, t.budget_hold_seq, t.price,
            h.kind = 'hold' AND h.submission_id = t.submission_id AND h.d_held = t.price,
            e.kind, -e.d_posted, e.at_ms,
            iif(e.id IS NULL, (SELECT u.kind FROM ledger_entry u WHERE u.ledger_account = l.id
                AND u.hold_seq = t.hold_seq AND u.kind = 'unknown'), NULL),
            b.kind, -b.d_posted,
            iif(b.id IS NULL, (SELECT u.kind FROM ledger_entry u WHERE u.ledger_account = m.id
                AND u.hold_seq = t.budget_hold_seq AND u.kind = 'unknown'), NULL)
        FROM attempt t
        LEFT JOIN ledger_account l ON l.owner = t.account_id AND l.kind = 'credits'
        LEFT JOIN ledger_entry h ON h.ledger_account = l.id AND h.seq = t.hold_seq
        LEFT JOIN ledger_entry e ON e.ledger_account = l.id AND e.hold_seq = t.hold_seq
            AND e.kind IN ('settle', 'void', 'charge', 'free')
        LEFT JOIN ledger_account m ON m.owner = t.member_id AND m.kind = 'budget'
        LEFT JOIN ledger_entry b ON b.ledger_account = m.id AND b.hold_seq = t.budget_hold_seq
            AND b.kind IN ('settle', 'void', 'charge', 'free')
        ORDER BY t.id
        """

    let submission: SubmissionID
    let number: Int64
    let state: Attempt.State
    let charged: Int64
    let elements: String
    let accountID: AccountID
    let memberID: MemberID
    let hold: Int64
    let budgetHold: Int64?
    let price: Int64
    let hasOwnHold: Bool
    let account: Told
    let budget: Told
    /// Of the account's ending; `nil`, it has none.
    let endedAt: Timestamp?

    init(_ row: Row) throws {
        submission = try row.id(0)
        number = row.int(1)
        state = try row.name(2)
        charged = row.int(3)
        elements = row.text(4)
        accountID = try row.id(5)
        memberID = try row.id(6)
        hold = row.int(7)
        budgetHold = row.optionalInt(8)
        price = row.int(9)
        hasOwnHold = hold == 0 || row.bool(10)
        account = Self.told(row.optionalText(11), row.int(12), isUnknown: !row.isNull(14))
        endedAt = row.optionalTime(13)
        budget = Self.told(row.optionalText(15), row.int(16), isUnknown: !row.isNull(17))
    }

    private static func told(_ kind: String?, _ taken: Int64, isUnknown: Bool) -> Told {
        switch kind {
        case "settle": Told(state: .settled, taken: taken)
        case "void": Told(state: .voided, taken: taken)
        case "charge": Told(state: .charged, taken: taken)
        case "free": Told(state: .freed, taken: taken)
        default: Told(state: isUnknown ? .unknown : .held, taken: 0)
        }
    }

    var place: String { "submission \(submission) attempt \(number)" }

    func words(_ told: Told) -> String {
        "is \(state.rawValue) for \(charged), its entries say \(told.state.rawValue) for \(told.taken)"
    }

    /// The holds it names, in the sum of the entries' (`ChainCheck.digest`).
    var holdsDigest: UInt64 {
        var digest: UInt64 = 0
        if hold > 0 {
            digest &+= ChainCheck.digest(
                of: .credits(accountID),
                hold: hold,
                amount: price,
                submission: submission
            )
        }
        if let budgetHold {
            digest &+= ChainCheck.digest(
                of: .budget(memberID),
                hold: budgetHold,
                amount: price,
                submission: submission
            )
        }
        return digest
    }
}
