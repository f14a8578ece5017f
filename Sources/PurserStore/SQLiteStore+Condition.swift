import GRDB
package import PurserCore

extension SQLiteStore {
    /// Looks at the writer's own connection, whose settings decide what a power cut costs.
    package func condition() async throws -> StoreCondition {
        let deviations: [String]
        do {
            deviations = try await pool.barrierWriteWithoutTransaction {
                try ConnectionSettings.deviations($0)
            }
        } catch {
            throw SQLiteFailure.translated(error, path: pool.path)
        }
        let instance = surroundings.instance
        let open = try await read { try $0.all(Attempt.open, read: Attempt.read) }
        return StoreCondition(
            deviations: deviations,
            abandoned: open.filter { $0.state == .held && !instance.isAlive($0.instanceID) }
                .map(\.openHold)
        )
    }
}
