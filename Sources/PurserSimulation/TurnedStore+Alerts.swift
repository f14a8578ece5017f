import PurserCore
import PurserStore

extension TurnedStore {
    func judgeAlerts(
        by rule: AlertRule,
        newID: @escaping @Sendable () -> AlertID,
        at now: Timestamp
    ) async throws -> [RaisedAlert] {
        try await write("judge alerts") {
            try await base.judgeAlerts(by: rule, newID: newID, at: now)
        }
    }

    func takeAlert(until lease: Timestamp, at now: Timestamp) async throws -> RaisedAlert? {
        try await write("take alert") { try await base.takeAlert(until: lease, at: now) }
    }

    func finishAlert(
        _ alert: RaisedAlert,
        as attempt: AlertAttempt,
        at now: Timestamp
    ) async throws {
        try await write("finish alert") {
            try await base.finishAlert(alert, as: attempt, at: now)
        }
    }

    func alerts(openOnly: Bool, limit: Int?) async throws -> [RaisedAlert] {
        try await read("read alerts") { try await base.alerts(openOnly: openOnly, limit: limit) }
    }
}
