import PurserCore

// What attempts, jobs and sums say is what the entries say, and the other way round.

extension LedgerVerifier {
    mutating func checkAttempts() throws {
        try checkHolds()
        try checkEndings()
        try checkBudgetEndings()
        try checkRefunds()
        try checkBudgetRefunds()
        try checkUsage()
    }

    /// Every hold belongs to an attempt: one without would never be decided.
    private mutating func checkHolds() throws {
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
    }

    /// What an attempt says of its end and its charge is what the account's entries say.
    private mutating func checkEndings() throws {
        let wrong = try sql.all(
            """
            SELECT lower(hex(t.submission_id)), t.number, t.state, t.charged, coalesce(
                (SELECT e.kind FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.hold_seq AND e.kind IN ('settle', 'void', 'charge', 'free')),
                (SELECT e.kind FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.hold_seq AND e.kind = 'unknown'), 'hold') AS told,
                coalesce((SELECT -e.d_posted FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.hold_seq
                    AND e.kind IN ('settle', 'void', 'charge', 'free')), 0) AS taken
            FROM attempt t
            LEFT JOIN ledger_account l ON l.owner = t.account_id AND l.kind = 'credits'
            WHERE t.charged <> taken OR t.hold_seq > 0 AND told <> CASE t.state
                WHEN 'held' THEN 'hold' WHEN 'unknown' THEN 'unknown' WHEN 'settled' THEN 'settle'
                WHEN 'voided' THEN 'void' WHEN 'charged' THEN 'charge' ELSE 'free' END
            """,
            read: Ending.read
        )
        for ending in wrong { report("L24", ending.place, ending.words) }
    }

    /// A member's budget pays for what the account paid for, and no more.
    private mutating func checkBudgetEndings() throws {
        let wrong = try sql.all(
            """
            SELECT lower(hex(t.submission_id)), t.number, t.state, t.charged, coalesce(
                (SELECT e.kind FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.budget_hold_seq
                    AND e.kind IN ('settle', 'void', 'charge', 'free')),
                (SELECT e.kind FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.budget_hold_seq AND e.kind = 'unknown'), 'hold') AS told,
                coalesce((SELECT -e.d_posted FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.hold_seq = t.budget_hold_seq
                    AND e.kind IN ('settle', 'void', 'charge', 'free')), 0) AS taken
            FROM attempt t
            LEFT JOIN ledger_account l ON l.owner = t.member_id AND l.kind = 'budget'
            WHERE t.budget_hold_seq IS NOT NULL AND (t.charged <> taken OR told <> CASE t.state
                WHEN 'held' THEN 'hold' WHEN 'unknown' THEN 'unknown' WHEN 'settled' THEN 'settle'
                WHEN 'voided' THEN 'void' WHEN 'charged' THEN 'charge' ELSE 'free' END)
            """,
            read: Ending.read
        )
        for ending in wrong { report("L16", "\(ending.place), budget", ending.words) }
    }

    /// A job is owed or was given back exactly what the entries say.
    private mutating func checkRefunds() throws {
        let wrong = try sql.all(
            """
            SELECT j.operation_name, j.refund, j.refund_amount,
                EXISTS (SELECT 1 FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.kind = 'refund_due' AND e.job_id = j.id) AS due,
                (SELECT e.d_posted FROM ledger_entry e WHERE e.ledger_account = l.id
                    AND e.kind = 'refund' AND e.job_id = j.id) AS given
            FROM job j LEFT JOIN ledger_account l ON l.owner = j.account_id AND l.kind = 'credits'
            WHERE due <> (j.refund <> 'none')
                OR given IS NOT iif(j.refund = 'refunded', j.refund_amount, NULL)
            """
        ) { (name: $0.text(0), refund: $0.text(1), amount: $0.int(2), given: $0.optionalInt(4)) }
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
            SELECT j.operation_name FROM job j
            JOIN attempt t ON t.id = j.attempt_id
            LEFT JOIN ledger_account l ON l.owner = j.member_id AND l.kind = 'budget'
            WHERE t.budget_hold_seq IS NOT NULL
                AND (SELECT e.d_posted FROM ledger_entry e WHERE e.ledger_account = l.id
                        AND e.kind = 'refund' AND e.job_id = j.id)
                    IS NOT iif(j.refund = 'refunded', j.refund_amount, NULL)
            """
        ) { $0.text(0) }
        for name in wrong { report("L16", "job \(name)", "the budget was given back another sum") }
    }

    /// The sums by member are those of the attempts.
    private mutating func checkUsage() throws {
        let wrong = try sql.all(
            """
            SELECT lower(hex(account_id)), lower(hex(member_id)), sum(charged), sum(counted) FROM (
                SELECT account_id, member_id, charged, 0 AS counted FROM attempt
                UNION ALL SELECT account_id, member_id, 0, charged FROM usage_day)
            GROUP BY account_id, member_id HAVING sum(charged) <> sum(counted)
            """
        ) { ("account \($0.text(0)), member \($0.text(1))", $0.int(2), $0.int(3)) }
        for (place, charged, counted) in wrong {
            report("L16", place, "\(charged) were charged, usage says \(counted)")
        }
    }
}

/// What an attempt says of its end, beside what the entries say.
private struct Ending {
    let place: String
    let words: String

    static func read(_ row: Row) -> Ending {
        Ending(
            place: "submission \(row.text(0)) attempt \(row.int(1))",
            words: "is \(row.text(2)) for \(row.int(3)), its entries say "
                + "\(row.text(4)) for \(row.int(5))"
        )
    }
}
