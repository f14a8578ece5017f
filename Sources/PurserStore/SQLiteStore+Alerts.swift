package import PurserCore

extension SQLiteStore {
    package func judgeAlerts(
        by rule: AlertRule,
        newID: @escaping @Sendable () -> AlertID,
        at now: Timestamp
    ) async throws -> [RaisedAlert] {
        // Mostly nothing has changed: a reader's look costs no flush. The writer looks again.
        let changes = try await read { try AlertRows.changes(by: rule, at: now, $0) }
        if changes.raised.isEmpty, changes.ended.isEmpty { return [] }
        return try await write { try $0.judgeAlerts(by: rule, newID: newID, at: now) }
    }

    package func takeAlert(
        until lease: Timestamp,
        at now: Timestamp
    ) async throws -> RaisedAlert? {
        if try await read({ try AlertRows.due(at: now, $0) }) == nil { return nil }
        return try await write { try $0.takeAlert(until: lease, at: now) }
    }

    package func finishAlert(
        _ alert: RaisedAlert,
        as attempt: AlertAttempt,
        at now: Timestamp
    ) async throws {
        try await write { try $0.finishAlert(alert, as: attempt, at: now) }
    }

    package func alerts(openOnly: Bool, limit: Int?) async throws -> [RaisedAlert] {
        try await read { sql in
            try sql.all(
                AlertRows.newest,
                .bool(openOnly),
                .int(limit ?? -1),
                read: AlertRows.read
            )
        }
    }
}
