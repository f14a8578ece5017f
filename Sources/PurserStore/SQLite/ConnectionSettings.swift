import CSQLiteShim
import GRDB
import GRDBSQLite
import Glibc
import PurserCore

/// The settings that every connection runs with, and the check that they took effect.
enum ConnectionSettings {
    /// `PURS`, in the file's header: what tells a home's database from any other.
    static let applicationID: Int64 = 0x5055_5253

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "purser"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase(apply)
        return configuration
    }

    private static func apply(to database: Database) throws {
        // First: the next reads the file, and of a damaged one the end would fold the log into it and remove it.
        guard let connection = database.sqliteConnection,
            purser_sqlite_defend(UnsafeMutableRawPointer(connection)) == SQLITE_OK
        else { throw StoreError.io("libsqlite3 refuses a setting that protects the file") }
        // No automatic checkpoint on any connection: it would run outside the lock file. Recursive
        // triggers make REPLACE fire the triggers that forbid deletes.
        try database.execute(
            sql: """
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = ON;
                PRAGMA secure_delete = ON;
                PRAGMA cell_size_check = ON;
                PRAGMA mmap_size = 0;
                PRAGMA temp_store = MEMORY;
                PRAGMA trusted_schema = OFF;
                PRAGMA recursive_triggers = ON;
                """
        )
    }

    /// Sets `synchronous` again on the writer: GRDB lowers it to NORMAL when it turns on WAL, after
    /// `prepareDatabase`, and NORMAL loses acknowledged commits when the power fails.
    static func assertDurable(_ writer: Database) throws {
        try writer.execute(sql: "PRAGMA synchronous = FULL")
        if let deviation = try deviations(writer).first {
            throw StoreError.io("PRAGMA \(deviation)")
        }
    }

    /// Settings of a connection that are not what they must be.
    static func deviations(_ database: Database) throws -> [String] {
        let expected: [(pragma: String, value: String)] = [
            ("journal_mode", "wal"), ("synchronous", "2"), ("wal_autocheckpoint", "0"),
            ("foreign_keys", "1"), ("secure_delete", "1"), ("cell_size_check", "1"),
            ("mmap_size", "0"), ("temp_store", "2"), ("trusted_schema", "0"),
        ]
        return try expected.compactMap { pragma, value in
            let found = try String.fetchOne(database, sql: "PRAGMA \(pragma)")
            return found == value ? nil : "\(pragma) is \(found ?? "unset"), not \(value)"
        }
    }
}

/// Empties the write-ahead log.
///
/// Only called under the lock file, and only with TRUNCATE: the other
/// modes can damage the log of libsqlite3 before 3.51.3.
enum Checkpoint {
    /// Bytes in the write-ahead log.
    static func logSize(of path: String) -> Int {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether the log was emptied; not when a reader still needs it or there is no room to copy it to, which are
    /// no errors: what it holds is durable.
    @discardableResult
    static func truncate(_ database: Database) throws -> Bool {
        // A reader may need the log for as long as it likes: do not make writers wait for it.
        sqlite3_busy_timeout(database.sqliteConnection, 50)
        defer { sqlite3_busy_timeout(database.sqliteConnection, 5000) }
        let code = sqlite3_wal_checkpoint_v2(
            database.sqliteConnection,
            "main",
            SQLITE_CHECKPOINT_TRUNCATE,
            nil,
            nil
        )
        switch code & 0xFF {
        case SQLITE_OK: return true
        case SQLITE_BUSY, SQLITE_LOCKED: return false
        default:
            let failure = SQLiteFailure(database.sqliteConnection)
            guard failure.isOutOfSpace else { throw failure }
            return false
        }
    }
}
