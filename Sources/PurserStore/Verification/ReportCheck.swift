import PurserCore

/// Recomputes the sums that reports read from usage, entries and jobs (rule L28).
enum ReportCheck {
    /// Where what is kept is not the sum.
    static func wrongPlaces(_ sql: Connection) throws -> [String] {
        try wrongPairs(sql) + wrongMovements(sql) + wrongFailures(sql)
    }

    private static func wrongPairs(_ sql: Connection) throws -> [String] {
        try sql.all(
            """
            SELECT over, day, lower(hex(account_id)), lower(hex(member_id)), model_id FROM (
                SELECT 'account' AS over, day, zeroblob(16) AS account_id, member_id, model_id,
                    videos, charged, refunded FROM usage_day
                UNION ALL
                SELECT 'member', day, account_id, zeroblob(16), model_id,
                    videos, charged, refunded FROM usage_day
                UNION ALL
                SELECT 'model', day, account_id, member_id, '',
                    videos, charged, refunded FROM usage_day
                UNION ALL
                SELECT over, day, account_id, member_id, model_id,
                    -videos, -charged, -refunded FROM usage_pair)
            GROUP BY over, day, account_id, member_id, model_id
            HAVING sum(videos) <> 0 OR sum(charged) <> 0 OR sum(refunded) <> 0
            """
        ) { row in
            let over = row.text(0)
            let parts = [
                over == "account" ? nil : "account \(row.text(2))",
                over == "member" ? nil : "member \(row.text(3))",
                over == "model" ? nil : row.text(4),
            ]
            let whose = parts.compactMap(\.self).joined(separator: ", ")
            return "usage over every \(over) on \(day(row, 1)): \(whose)"
        }
    }

    private static func wrongMovements(_ sql: Connection) throws -> [String] {
        try sql.all(
            """
            SELECT s.day, l.name, s.kind, s.cause FROM (
                SELECT (at_ms - (at_ms % 86400000 + 86400000) % 86400000) / 86400000 AS day,
                    ledger_account, kind, coalesce(cause, '') AS cause, 1 AS entries,
                    d_posted AS amount
                FROM ledger_entry
                WHERE kind IN ('open', 'refill', 'period_close', 'refund', 'adjust')
                UNION ALL
                SELECT day, ledger_account, kind, cause, -entries, -amount FROM movement_day) s
            LEFT JOIN ledger_account l ON l.id = s.ledger_account
            GROUP BY s.day, s.ledger_account, s.kind, s.cause
            HAVING sum(entries) <> 0 OR sum(amount) <> 0
            """
        ) { row in
            let kind = [row.text(2), row.text(3)].filter { !$0.isEmpty }.joined(separator: " ")
            return "\(kind) of \(row.text(1)) on \(day(row, 0))"
        }
    }

    private static func wrongFailures(_ sql: Connection) throws -> [String] {
        try sql.all(
            """
            SELECT day, lower(hex(account_id)), model_id, state FROM (
                SELECT (ended_at_ms - (ended_at_ms % 86400000 + 86400000) % 86400000) / 86400000
                        AS day,
                    account_id, member_id, model_id, state, 1 AS jobs, price
                FROM job WHERE ended_at_ms IS NOT NULL AND state <> 'SUCCESSFUL'
                UNION ALL
                SELECT day, account_id, member_id, model_id, state, -jobs, -price FROM failure_day)
            GROUP BY day, account_id, member_id, model_id, state
            HAVING sum(jobs) <> 0 OR sum(price) <> 0
            """
        ) { row in
            "\(row.text(3)) jobs of account \(row.text(1)) for \(row.text(2)) on \(day(row, 0))"
        }
    }

    private static func day(_ row: Row, _ column: Int32) -> CalendarDay {
        CalendarDay(number: Int(row.int(column)))
    }
}
