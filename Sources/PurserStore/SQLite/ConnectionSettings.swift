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
        try set(SQLITE_DBCONFIG_DEFENSIVE, on: database)
        try set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on: database)
    }

    /// Sets `synchronous` again on the writer: GRDB lowers it to NORMAL when it turns on WAL, after
    /// `prepareDatabase`, and NORMAL loses acknowledged commits when the power fails.
    static func assertDurable(_ writer: Database) throws {
        try writer.execute(sql: "PRAGMA synchronous = FULL")
        let expected: [(pragma: String, value: String)] = [
            ("journal_mode", "wal"), ("synchronous", "2"), ("wal_autocheckpoint", "0"),
            ("foreign_keys", "1"), ("secure_delete", "1"), ("cell_size_check", "1"),
            ("mmap_size", "0"), ("temp_store", "2"), ("trusted_schema", "0"),
        ]
        for (pragma, value) in expected {
            let found = try String.fetchOne(writer, sql: "PRAGMA \(pragma)")
            guard found == value else {
                throw StoreError.io("PRAGMA \(pragma) is \(found ?? "unset"), not \(value)")
            }
        }
    }

    /// `sqlite3_db_config` is variadic, which Swift cannot call; with these three fixed arguments the
    /// call is the same on Linux (x86-64, arm64), where variadic arguments travel in registers too.
    private static func set(_ option: Int32, on database: Database) throws {
        typealias Configure =
            @convention(c) (OpaquePointer?, Int32, Int32, UnsafeMutablePointer<Int32>?) -> Int32
        guard let symbol = dlsym(nil, "sqlite3_db_config") else {
            throw StoreError.io("libsqlite3 has no sqlite3_db_config")
        }
        let configure = unsafeBitCast(symbol, to: Configure.self)
        var value: Int32 = 0
        let code = configure(database.sqliteConnection, option, 1, &value)
        guard code == SQLITE_OK, value == 1 else {
            throw StoreError.io("libsqlite3 refuses setting \(option)")
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

    /// Whether the log was emptied; not when a reader still needs it, which is no error.
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
            throw SQLiteFailure(
                code: code,
                message: String(cString: sqlite3_errmsg(database.sqliteConnection))
            )
        }
    }
}
