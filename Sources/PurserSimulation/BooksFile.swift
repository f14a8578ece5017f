import GRDBSQLite
import PurserCore

/// The books as they lie on the disk, read past Purser's own code.
final class BooksFile {
    /// A row of `ledger_entry`.
    struct Entry {
        let id: Int64
        let book: Book
        let sequence: Int64
        let kind: String
        let deltaPosted: Int64
        let deltaHeld: Int64
        let posted: Int64
        let held: Int64
        let hold: Int64?
        let submission: SubmissionID?
        let job: JobID?
        let observed: Int64?
        let detail: String
    }

    /// Whose entries: an account's credits, or a member's budget.
    struct Book: Hashable {
        let isCredits: Bool
        let owner: [UInt8]
    }

    private let connection: OpaquePointer
    private let newEntries: OpaquePointer

    init(path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let opened
        else { throw SimulationError("\(path) cannot be opened") }
        connection = opened
        sqlite3_exec(opened, "PRAGMA wal_autocheckpoint = 0", nil, nil, nil)
        newEntries = try Self.prepare(
            """
            SELECT e.id, l.kind = 'credits', l.owner, e.seq, e.kind, e.d_posted, e.d_held, e.posted,
                e.held, e.hold_seq, e.submission_id, e.job_id, e.observed, e.detail
            FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
            WHERE e.id > ? ORDER BY e.id
            """,
            opened
        )
    }

    deinit {
        sqlite3_finalize(newEntries)
        sqlite3_close_v2(connection)
    }

    func entries(after id: Int64) throws -> [Entry] {
        sqlite3_bind_int64(newEntries, 1, id)
        defer { sqlite3_reset(newEntries) }
        var entries: [Entry] = []
        try walk(newEntries) { row in
            entries.append(
                Entry(
                    id: row.int(0) ?? 0,
                    book: Book(isCredits: row.int(1) == 1, owner: row.bytes(2)),
                    sequence: row.int(3) ?? 0,
                    kind: row.text(4),
                    deltaPosted: row.int(5) ?? 0,
                    deltaHeld: row.int(6) ?? 0,
                    posted: row.int(7) ?? 0,
                    held: row.int(8) ?? 0,
                    hold: row.int(9),
                    submission: SubmissionID(bytes: row.bytes(10)),
                    job: JobID(bytes: row.bytes(11)),
                    observed: row.int(12),
                    detail: row.text(13)
                )
            )
        }
        return entries
    }

    /// What each account has set aside for work that is not decided.
    func undecided() throws -> [[UInt8]: Int64] {
        var sums: [[UInt8]: Int64] = [:]
        try rows(
            """
            SELECT account_id, sum(price) FROM attempt
            WHERE state IN ('held', 'unknown') AND hold_seq > 0 GROUP BY account_id
            """
        ) { sums[$0.bytes(0)] = $0.int(1) }
        return sums
    }

    /// The account that each of the service's jobs is bound to.
    func jobs() throws -> [String: (account: [UInt8], state: String)] {
        var jobs: [String: (account: [UInt8], state: String)] = [:]
        try rows("SELECT operation_name, account_id, state FROM job") {
            jobs[$0.text(0)] = ($0.bytes(1), $0.text(2))
        }
        return jobs
    }

    /// What plan each account is kept as; without those whose dead token lets nobody ask.
    func tiers() throws -> [[UInt8]: String] {
        var tiers: [[UInt8]: String] = [:]
        try rows("SELECT id, tier FROM account WHERE state = 'enabled'") {
            tiers[$0.bytes(0)] = $0.text(1)
        }
        return tiers
    }

    /// Jobs of which the service once said nothing, made before that instant.
    func lostJobs(before instant: Timestamp) throws -> Set<String> {
        var names: Set<String> = []
        try rows(
            """
            SELECT operation_name FROM job
            WHERE state = 'LOST' AND created_at_ms < \(instant.milliseconds)
            """
        ) { names.insert($0.text(0)) }
        return names
    }

    /// Accounts with a job whose end nobody asked for since that instant.
    func forgetful(since instant: Timestamp) throws -> Set<[UInt8]> {
        var accounts: Set<[UInt8]> = []
        try rows(
            """
            SELECT account_id FROM job
            WHERE ended_at_ms IS NULL AND created_at_ms < \(instant.milliseconds)
            """
        ) { accounts.insert($0.bytes(0)) }
        return accounts
    }

    struct Spending: Hashable {
        let account: [UInt8]
        let member: [UInt8]
    }

    /// What the sums of the reports say: charged less refunded.
    func usage() throws -> [Spending: Int64] {
        var usage: [Spending: Int64] = [:]
        try rows(
            """
            SELECT account_id, member_id, sum(charged) - sum(refunded) FROM usage_day
            GROUP BY account_id, member_id
            """
        ) { usage[Spending(account: $0.bytes(0), member: $0.bytes(1))] = $0.int(2) }
        return usage
    }

    // MARK: Statements

    struct Row {
        fileprivate let statement: OpaquePointer

        func int(_ column: Int32) -> Int64? {
            sqlite3_column_type(statement, column) == SQLITE_NULL
                ? nil : sqlite3_column_int64(statement, column)
        }

        func bytes(_ column: Int32) -> [UInt8] {
            let count = Int(sqlite3_column_bytes(statement, column))
            let start = sqlite3_column_blob(statement, column)
            return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
        }

        func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
    }

    private func rows(_ sql: String, _ body: (Row) -> Void) throws {
        let statement = try Self.prepare(sql, connection)
        defer { sqlite3_finalize(statement) }
        try walk(statement, body)
    }

    private func walk(_ statement: OpaquePointer, _ body: (Row) -> Void) throws {
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: body(Row(statement: statement))
            case SQLITE_DONE: return
            default: throw Self.failure(connection)
            }
        }
    }

    private static func prepare(
        _ sql: String,
        _ connection: OpaquePointer
    ) throws -> OpaquePointer {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &prepared, nil) == SQLITE_OK, let prepared
        else { throw failure(connection) }
        return prepared
    }

    private static func failure(_ connection: OpaquePointer) -> SimulationError {
        SimulationError("the auditor cannot read: \(String(cString: sqlite3_errmsg(connection)))")
    }
}

/// Why a run could not be made, which says nothing of what it tests.
struct SimulationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
