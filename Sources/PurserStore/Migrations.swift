import GRDB
import PurserCore

/// The list of schema changes, append-only: what has shipped is never edited.
enum Migrations {
    private static let all: [String] = [
        Schema1.tables + Schema1.ledger + Schema1.vault,
        Schema2.rests + Schema2.vault + Schema2.tokenCommands + Schema2.books,
        Schema3.members + Schema3.jobs,
        Schema4.alerts,
        Schema5.reports,
    ]

    static var latestVersion: Int { all.count }

    /// Refuses a database that is not Purser's, or is of a later version; asked before anything is written to it.
    static func check(_ database: Database, path: String, home: String, mayBeEmpty: Bool) throws {
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        let id = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if id != ConnectionSettings.applicationID, id != 0 || tables > 0 {
            throw StoreError.notAHome(path: home, reason: "its database is not Purser's")
        }
        let version = try version(of: database)
        guard version > 0 || mayBeEmpty else { throw StoreError.damaged("\(path) is empty") }
        guard version <= latestVersion else {
            throw StoreError.newerSchema(found: version, supported: latestVersion)
        }
    }

    /// Brings the schema up to date, each step in a transaction of its own; whether there was one.
    static func run(_ database: Database) throws -> Bool {
        let found = try version(of: database)
        guard found < latestVersion else { return false }
        for step in found..<latestVersion {
            try database.inTransaction(.immediate) {
                try database.execute(
                    sql: "PRAGMA application_id = \(ConnectionSettings.applicationID)"
                )
                try database.execute(sql: all[step])
                try database.execute(sql: "PRAGMA user_version = \(step + 1)")
                return .commit
            }
        }
        return true
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }
}
