import PurserCore

extension Books {
    /// Raises and ends what has changed since `AlertRows.changes` was asked; by now it may be less.
    func judgeAlerts(
        by rule: AlertRule,
        newID: () -> AlertID,
        at now: Timestamp
    ) throws -> [RaisedAlert] {
        let changes = try AlertRows.changes(by: rule, at: now, sql)
        for id in changes.ended {
            try sql.run("UPDATE alert SET cleared_at_ms = ? WHERE id = ?", .time(now), .id(id))
        }
        return try changes.raised.map { alert in
            let raised = RaisedAlert(
                id: newID(),
                alert: alert,
                raisedAt: now,
                clearedAt: nil,
                delivery: alert.isCovered ? .covered : .due,
                attempts: 0,
                deliveredAt: nil,
                failure: ""
            )
            try insert(raised)
            return raised
        }
    }

    private func insert(_ raised: RaisedAlert) throws {
        let alert = raised.alert
        try sql.run(
            """
            INSERT INTO alert (id, kind, subject, threshold, occasion, name, amount, bound, until_ms,
                detail, raised_at_ms, delivery, attempts, next_try_ms, failure)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '')
            """,
            .id(raised.id),
            .text(alert.key.kind.rawValue),
            .id(alert.key.subject),
            .int(alert.key.threshold),
            .text(alert.key.occasion),
            .text(alert.name),
            .credits(alert.amount),
            .credits(alert.limit),
            .time(alert.until),
            .text(alert.detail),
            .time(raised.raisedAt),
            .text(raised.delivery.rawValue),
            .time(raised.raisedAt)
        )
    }

    func takeAlert(until lease: Timestamp, at now: Timestamp) throws -> RaisedAlert? {
        guard let id = try AlertRows.due(at: now, sql) else { return nil }
        try sql.run(
            "UPDATE alert SET attempts = attempts + 1, next_try_ms = ? WHERE id = ?",
            .time(lease),
            .id(id)
        )
        return try sql.first(AlertRows.one, .id(id), read: AlertRows.read)
    }

    /// A message that arrived has arrived, however late its sender hears of it; any other result is the last taker's to tell.
    func finishAlert(
        _ alert: RaisedAlert,
        as attempt: AlertAttempt,
        at now: Timestamp
    ) throws {
        switch attempt {
        case .delivered:
            try sql.run(
                """
                UPDATE alert SET delivery = 'delivered', delivered_at_ms = ?, failure = ''
                WHERE id = ? AND delivery <> 'delivered'
                """,
                .time(now),
                .id(alert.id)
            )
        case .failed(let reason, let again):
            try sql.run(
                """
                UPDATE alert SET failure = ?, next_try_ms = ?
                WHERE id = ? AND delivery = 'due' AND attempts = ?
                """,
                .text(reason),
                .time(again),
                .id(alert.id),
                .int(alert.attempts)
            )
        case .givenUp(let reason):
            try sql.run(
                """
                UPDATE alert SET delivery = 'given_up', failure = ?
                WHERE id = ? AND delivery = 'due' AND attempts = ?
                """,
                .text(reason),
                .id(alert.id),
                .int(alert.attempts)
            )
        }
    }
}
