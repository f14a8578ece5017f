import PurserCore

/// Alerts as they lie in the database, and what they are judged by.
enum AlertRows {
    static let one: StaticString = """
        SELECT id, kind, subject, threshold, occasion, name, amount, bound, until_ms, detail,
            raised_at_ms, cleared_at_ms, delivery, attempts, delivered_at_ms, failure
        FROM alert WHERE id = ?
        """
    static let newest: StaticString = """
        SELECT id, kind, subject, threshold, occasion, name, amount, bound, until_ms, detail,
            raised_at_ms, cleared_at_ms, delivery, attempts, delivered_at_ms, failure
        FROM alert WHERE ?1 = 0 OR cleared_at_ms IS NULL
        ORDER BY raised_at_ms DESC, id LIMIT ?2
        """

    static func read(_ row: Row) throws -> RaisedAlert {
        let delivery = try row.name(12, of: AlertDelivery.self)
        return RaisedAlert(
            id: try row.id(0),
            alert: Alert(
                key: try key(row, from: 1),
                name: row.text(5),
                amount: try row.optionalCredits(6),
                limit: try row.optionalCredits(7),
                until: row.optionalTime(8),
                detail: row.text(9),
                isCovered: delivery == .covered
            ),
            raisedAt: row.time(10),
            clearedAt: row.optionalTime(11),
            delivery: delivery,
            attempts: Int(row.int(13)),
            deliveredAt: row.optionalTime(14),
            failure: row.text(15)
        )
    }

    /// Four columns from one on.
    private static func key(_ row: Row, from column: Int32) throws -> AlertKey {
        AlertKey(
            kind: try row.name(column),
            subject: try row.id(column + 1),
            threshold: row.int(column + 2),
            occasion: row.text(column + 3)
        )
    }

    /// The alert that is due longest.
    static func due(at now: Timestamp, _ sql: Connection) throws -> AlertID? {
        try sql.first(
            """
            SELECT id FROM alert WHERE delivery = 'due' AND next_try_ms <= ?
            ORDER BY next_try_ms LIMIT 1
            """,
            .time(now)
        ) { try $0.id(0) }
    }

    /// What is to be raised, and what has ended.
    static func changes(
        by rule: AlertRule,
        at now: Timestamp,
        _ sql: Connection
    ) throws -> (raised: [Alert], ended: [AlertID]) {
        var open: [AlertKey: AlertID] = [:]
        try sql.walk(
            "SELECT id, kind, subject, threshold, occasion FROM alert WHERE cleared_at_ms IS NULL",
            []
        ) { row in
            open[try key(row, from: 1)] = try row.id(0)
            return true
        }
        let situation = AlertSituation(
            accounts: try accounts(sql),
            spending: try Spending.ofEverybody(at: now, sql)
        )
        let holding = rule.holding(in: situation, open: Set(open.keys), at: now)
        let keys = Set(holding.map(\.key))
        return (
            holding.filter { open[$0.key] == nil },
            open.filter { !keys.contains($0.key) }.values.sorted()
        )
    }

    private static func accounts(
        _ sql: Connection
    ) throws -> [AlertSituation.WatchedAccount] {
        try sql.all(
            """
            SELECT a.id, a.name, a.state, a.state_reason, a.paused_by_service_ms,
                a.credential_version, a.token_expires_at_ms, a.has_token_command,
                a.token_command_failures, a.token_command_after_ms, a.drift, h.posted
            FROM account a
            LEFT JOIN ledger_account l ON l.owner = a.id AND l.kind = 'credits'
            LEFT JOIN ledger_head h ON h.ledger_account = l.id
            WHERE a.removed_at_ms IS NULL ORDER BY a.name
            """
        ) { row in
            AlertSituation.WatchedAccount(
                id: try row.id(0),
                name: row.text(1),
                state: try Candidates.state(row.text(2), reason: row.text(3)),
                pausedByServiceAt: row.optionalTime(4),
                credentialVersion: row.bits(5),
                tokenExpiresAt: row.optionalTime(6),
                tokenCommand: row.bool(7)
                    ? TokenCommand(failures: Int(row.int(8)), notBefore: row.optionalTime(9)) : nil,
                drift: try row.optionalCredits(10),
                posted: try row.optionalCredits(11)
            )
        }
    }
}
