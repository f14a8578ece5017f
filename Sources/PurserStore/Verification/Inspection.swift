import GRDB
import GRDBSQLite
import Glibc
package import PurserCore

extension SQLiteStore {
    package func inspect() async throws -> DatabaseInspection {
        let expected = try Self.ownSchema()
        let (schema, damage) = try await read { sql in
            let pages = try sql.all("PRAGMA integrity_check") { $0.text(0) }.filter { $0 != "ok" }
            let rows = try sql.all("PRAGMA foreign_key_check") {
                "table \($0.text(0)): a row refers to one that is not there"
            }
            return (try SchemaObject.all(sql), pages + rows)
        }
        let foreign = Set(schema).symmetricDifference(expected).map(\.name)
        return DatabaseInspection(
            foreignSchema: Set(foreign).sorted(),
            damage: damage,
            openPaths: openPaths(),
            sqliteVersion: String(cString: sqlite3_libversion()),
            hasResetFix: sqlite3_libversion_number() >= 3_051_003
        )
    }

    /// What the migrations of this version make.
    private static func ownSchema() throws -> Set<SchemaObject> {
        let queue = try DatabaseQueue()
        return try queue.writeWithoutTransaction { database in
            _ = try Migrations.run(database)
            return Set(try SchemaObject.all(Connection(database)))
        }
    }

    private func openPaths() -> [String] {
        let folder = pool.path.lastIndex(of: "/").map { String(pool.path[..<$0]) } ?? "."
        let paths =
            [folder, folder + "/instances"]
            + ["", "-wal", "-shm", ".lock"].map { pool.path + $0 }
        return paths.compactMap { path in
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
            return "\(path) (mode \(String(status.st_mode & 0o777, radix: 8)))"
        }
    }
}

/// A table, index or trigger, with the statement that made it.
private struct SchemaObject: Hashable {
    let name: String
    let sql: String

    static func all(_ sql: Connection) throws -> [SchemaObject] {
        try sql.all("SELECT name, coalesce(sql, '') FROM sqlite_schema") {
            SchemaObject(name: $0.text(0), sql: $0.text(1))
        }
    }
}
