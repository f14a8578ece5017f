import GRDBSQLite

/// A connection through SQLite's C interface.
final class RawDatabase {
    private let connection: OpaquePointer

    init(path: String) throws {
        var opened: OpaquePointer?
        // One thread uses it, so it takes no locks of its own.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
            throw BenchmarkError("\(path) cannot be opened")
        }
        connection = opened
    }

    /// `_v2` waits for the statements that are left.
    deinit { sqlite3_close_v2(connection) }

    func run(_ sql: String) throws {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    func number(_ sql: String) throws -> Int64 {
        try numbers(sql).first ?? 0
    }

    /// The first column of each row that has a number there.
    func numbers(_ sql: String) throws -> [Int64] {
        try rows(sql).compactMap { row in
            guard case .int(let number)? = row.cells.first else { return nil }
            return number
        }
    }

    func rows(_ sql: String) throws -> [RawRow] {
        let statement = try statement(sql)
        var rows: [RawRow] = []
        while let row = try statement.next() { rows.append(row) }
        return rows
    }

    /// A statement that writes a whole row.
    func insertion(into table: String) throws -> RawStatement {
        let columns = try number("SELECT count(*) FROM pragma_table_info('\(table)')")
        let places = repeatElement("?", count: Int(columns)).joined(separator: ", ")
        return try statement("INSERT INTO \(table) VALUES (\(places))")
    }

    func emptyLog() throws {
        let mode = SQLITE_CHECKPOINT_TRUNCATE
        guard sqlite3_wal_checkpoint_v2(connection, "main", mode, nil, nil) == SQLITE_OK else {
            throw failure()
        }
    }

    private func statement(_ sql: String) throws -> RawStatement {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard sqlite3_prepare_v3(connection, sql, -1, flags, &prepared, nil) == SQLITE_OK,
            let prepared
        else { throw failure() }
        return RawStatement(prepared)
    }

    private func failure() -> BenchmarkError {
        BenchmarkError("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
    }
}

/// A prepared statement.
final class RawStatement {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) {
        self.statement = statement
    }

    deinit { sqlite3_finalize(statement) }

    /// Binds the cells of `row` and runs to the end.
    func run(_ row: RawRow) throws {
        for (index, cell) in row.cells.enumerated() { bind(cell, at: Int32(index + 1)) }
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { throw failure() }
    }

    func next() throws -> RawRow? {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: RawRow(cells: (0..<sqlite3_column_count(statement)).map(cell))
        case SQLITE_DONE: nil
        default: throw failure()
        }
    }

    private func cell(_ column: Int32) -> RawCell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .int(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT: return .text(bytes(column))
        case SQLITE_BLOB: return .blob(bytes(column))
        default: return .null
        }
    }

    private func bytes(_ column: Int32) -> RawBytes {
        let start = sqlite3_column_blob(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        return RawBytes(copying: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The row outlives the step, so no value is copied.
    private func bind(_ cell: RawCell, at index: Int32) {
        switch cell {
        case .null:
            sqlite3_bind_null(statement, index)
        case .int(let number):
            sqlite3_bind_int64(statement, index, number)
        case .text(let bytes):
            let start = bytes.start.assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text(statement, index, start, bytes.count, nil)
        case .blob(let bytes):
            sqlite3_bind_blob(statement, index, bytes.start, bytes.count, nil)
        }
    }

    private func failure() -> BenchmarkError {
        let connection = sqlite3_db_handle(statement)
        return BenchmarkError("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
    }
}

struct RawRow: Equatable {
    let cells: [RawCell]
}

enum RawCell: Equatable {
    case null
    case int(Int64)
    case text(RawBytes)
    case blob(RawBytes)
}

/// Bytes at an address that does not move, so that they can be bound as they lie.
final class RawBytes: Equatable {
    let start: UnsafeMutableRawPointer
    let count: Int32

    init(copying source: UnsafeRawBufferPointer) {
        start = .allocate(byteCount: max(source.count, 1), alignment: 1)
        count = Int32(source.count)
        UnsafeMutableRawBufferPointer(start: start, count: source.count).copyMemory(from: source)
    }

    deinit { start.deallocate() }

    static func == (a: RawBytes, b: RawBytes) -> Bool {
        let first = UnsafeRawBufferPointer(start: a.start, count: Int(a.count))
        return first.elementsEqual(UnsafeRawBufferPointer(start: b.start, count: Int(b.count)))
    }
}
