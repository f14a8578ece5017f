import GRDB
import GRDBSQLite
import PurserCore

/// One connection for the time of one transaction: runs SQL through prepared statements.
///
/// Statements come from GRDB's cache and are bound and stepped through the C interface: a claim is six
/// statements, and boxing each argument would cost more than the rows.
final class Connection {
    private let database: Database
    private var prepared: [UnsafePointer<UInt8>: OpaquePointer] = [:]

    init(_ database: Database) {
        self.database = database
    }

    /// Begins a transaction that writes.
    func beginWriting() throws { try begin("BEGIN IMMEDIATE") }

    /// Runs `body` on one state of everything.
    func reading<Value>(_ body: () throws -> Value) throws -> Value {
        try begin("BEGIN DEFERRED")
        do {
            let value = try body()
            try rollBack()
            return value
        } catch {
            try rollBack()
            throw error
        }
    }

    /// What takes it back is prepared first: where memory has run out there may be none for that, and GRDB ends the
    /// process over a transaction that is left open.
    private func begin(_ sql: StaticString) throws {
        _ = try statement(for: "ROLLBACK")
        try run(sql)
    }

    /// Takes back what was begun, unless SQLite has done so itself.
    func rollBack() throws {
        if isInTransaction { try run("ROLLBACK") }
    }

    /// Runs a statement that returns no rows.
    func run(_ sql: StaticString, _ values: Value...) throws {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW { code = sqlite3_step(statement) }
        guard code == SQLITE_DONE else { throw failure }
    }

    /// The first row, read by `read`.
    func first<Result>(
        _ sql: StaticString,
        _ values: Value...,
        read: (Row) throws -> Result
    ) throws -> Result? {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_ROW else {
            guard code == SQLITE_DONE else { throw failure }
            return nil
        }
        return try read(Row(statement: statement))
    }

    /// Every row, read by `read`.
    func all<Result>(
        _ sql: StaticString,
        _ values: Value...,
        read: (Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try walk(sql, values) { row in
            results.append(try read(row))
            return true
        }
        return results
    }

    /// Steps through the rows until `visit` answers false.
    func walk(
        _ sql: StaticString,
        _ values: [Value],
        visit: (Row) throws -> Bool
    ) throws {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        while true {
            let code = sqlite3_step(statement)
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else { throw failure }
                return
            }
            guard try visit(Row(statement: statement)) else { return }
        }
    }

    /// Rows changed since the connection was opened, by triggers too.
    var totalChanges: Int64 { sqlite3_total_changes64(database.sqliteConnection) }

    /// The row that the last INSERT wrote.
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(database.sqliteConnection) }

    var isInTransaction: Bool { sqlite3_get_autocommit(database.sqliteConnection) == 0 }

    private func bound(_ sql: StaticString, _ values: [Value]) throws -> OpaquePointer {
        let statement = try statement(for: sql)
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1), of: statement)
            guard code == SQLITE_OK else { throw failure }
        }
        return statement
    }

    /// The text of a literal never moves, so its address names the statement.
    private func statement(for sql: StaticString) throws -> OpaquePointer {
        if let statement = prepared[sql.utf8Start] { return statement }
        let cached = try database.cachedStatement(sql: "\(sql)")
        prepared[sql.utf8Start] = cached.sqliteStatement
        return cached.sqliteStatement
    }

    private func bind(_ value: Value, at index: Int32, of statement: OpaquePointer) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(statement, index)
        case .int(let number):
            return sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                // An empty buffer may have no address, which would bind NULL.
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map {
                        sqlite3_bind_text(statement, index, $0, Int32(bytes.count), transient)
                    } ?? sqlite3_bind_text(statement, index, "", 0, transient)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { buffer in
                buffer.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(
                        statement,
                        index,
                        buffer.baseAddress,
                        Int32(buffer.count),
                        transient
                    )
            }
        case .words(let high, let low):
            return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { buffer in
                sqlite3_bind_blob(statement, index, buffer.baseAddress, 16, transient)
            }
        }
    }

    /// What the call that has just returned failed with.
    private var failure: SQLiteFailure { SQLiteFailure(database.sqliteConnection) }
}

/// Tells SQLite to copy what is bound.
private var transient: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// A row under a statement's cursor; valid until the next step.
struct Row {
    fileprivate let statement: OpaquePointer

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: int(column)) }
    func bool(_ column: Int32) -> Bool { int(column) != 0 }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int(column)) }
    func optionalTime(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    func id<Subject>(
        _ column: Int32,
        of _: Subject.Type = Subject.self
    ) throws -> Identifier<Subject> {
        guard let bytes = sqlite3_column_blob(statement, column),
            sqlite3_column_bytes(statement, column) == 16
        else { throw StoreError.damaged("an id is not 16 bytes long") }
        // A page or two of ids in every transaction: no array for each.
        return Identifier(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }
    func optionalID<Subject>(
        _ column: Int32,
        of type: Subject.Type = Subject.self
    ) throws -> Identifier<Subject>? {
        isNull(column) ? nil : try id(column, of: type)
    }

    func credits(_ column: Int32) throws -> Credits {
        guard let credits = Credits(int(column)) else { throw CreditsOutOfRange() }
        return credits
    }
    func optionalCredits(_ column: Int32) throws -> Credits? {
        isNull(column) ? nil : try credits(column)
    }

    /// A value of a closed set, by its name.
    func name<Kind: RawRepresentable<String>>(
        _ column: Int32,
        of _: Kind.Type = Kind.self
    ) throws -> Kind {
        let text = text(column)
        guard let kind = Kind(rawValue: text) else {
            throw StoreError.damaged("'\(text)' is no \(Kind.self)")
        }
        return kind
    }
}
