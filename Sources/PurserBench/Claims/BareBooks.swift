import GRDBSQLite
import Glibc

/// The same tables, indexes, triggers and settings under SQLite's C interface and nothing else: one
/// thread, statements prepared once, values bound without a copy.
final class BareBooks {
    private let database: RawDatabase
    private let path: String
    private let checkpointAbove: Int
    private let insertEntry: RawStatement
    private let insertSubmission: RawStatement
    private let insertAttempt: RawStatement
    private var lastEntry: Int64
    private var lastAttempt: Int64

    /// Begins as a copy of the database at `source`.
    init(copyOf source: String, at path: String, checkpointAbove: Int) throws {
        let original = try RawDatabase(path: source)
        try original.run("VACUUM INTO '\(path)'")
        database = try RawDatabase(path: path)
        self.path = path
        self.checkpointAbove = checkpointAbove
        // What the store sets for its writer.
        try database.run(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
            PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;
            PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
            PRAGMA recursive_triggers = ON;
            """
        )
        insertEntry = try database.insertion(into: "ledger_entry")
        insertSubmission = try database.insertion(into: "submission")
        insertAttempt = try database.insertion(into: "attempt")
        lastEntry = try database.number("SELECT max(id) FROM ledger_entry")
        lastAttempt = try database.number("SELECT max(id) FROM attempt")
    }

    /// The rows that claims left in the database at `source` and that are not here yet.
    func newRows(of source: String) throws -> ClaimRows {
        let original = try RawDatabase(path: source)
        return ClaimRows(
            entries: try original.rows(
                "SELECT * FROM ledger_entry WHERE id > \(lastEntry) ORDER BY id"
            ),
            submissions: try original.rows(
                """
                SELECT s.* FROM attempt t JOIN submission s ON s.id = t.submission_id
                WHERE t.id > \(lastAttempt) ORDER BY t.id
                """
            ),
            attempts: try original.rows(
                "SELECT * FROM attempt WHERE id > \(lastAttempt) ORDER BY id"
            )
        )
    }

    /// Writes and commits the rows, so many claims in each transaction; how long that took.
    func write(_ rows: ClaimRows, claimsPerCommit: Int) throws -> Duration {
        let entriesPerClaim = rows.entries.count / max(rows.attempts.count, 1)
        let begun = ContinuousClock.now
        for start in stride(from: 0, to: rows.attempts.count, by: claimsPerCommit) {
            try database.run("BEGIN IMMEDIATE")
            for claim in start..<min(start + claimsPerCommit, rows.attempts.count) {
                try insertSubmission.run(rows.submissions[claim])
                for entry in 0..<entriesPerClaim {
                    try insertEntry.run(rows.entries[claim * entriesPerClaim + entry])
                }
                try insertAttempt.run(rows.attempts[claim])
            }
            try database.run("COMMIT")
            try emptyLogIfLarge()
        }
        let took = ContinuousClock.now - begun
        lastEntry += Int64(rows.entries.count)
        lastAttempt += Int64(rows.attempts.count)
        return took
    }

    /// Throws unless every ledger account ends in the same entry in both databases.
    func assertSameHeads(as source: String) throws {
        let heads = "SELECT ledger_account, seq, posted, held, hash FROM ledger_head"
        let ours = try RawDatabase(path: source).rows(heads)
        guard try database.rows(heads) == ours else {
            throw BenchmarkError("the yardstick did not write the same books")
        }
    }

    private func emptyLogIfLarge() throws {
        var status = stat()
        guard stat(path + "-wal", &status) == 0, Int(status.st_size) > checkpointAbove else {
            return
        }
        try database.emptyLog()
    }
}

/// What so many claims left, each kind in the order of the claims.
struct ClaimRows {
    let entries: [RawRow]
    let submissions: [RawRow]
    let attempts: [RawRow]
}
