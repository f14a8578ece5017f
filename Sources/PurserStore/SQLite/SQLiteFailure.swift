import GRDB
import GRDBSQLite
import Glibc
import PurserCore

/// What SQLite answered instead of doing it.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    let message: String
    /// The `errno` behind it; 0 where there is none.
    let systemCode: Int32

    init(code: Int32, message: String, systemCode: Int32 = 0) {
        self.code = code
        self.message = message
        self.systemCode = systemCode
    }

    /// What the call on a connection that has just returned failed with.
    init(_ connection: OpaquePointer?) {
        // SQLite keeps it for some calls only, and not for a COMMIT.
        let systemCode = errno
        self.init(
            code: sqlite3_extended_errcode(connection),
            message: String(cString: sqlite3_errmsg(connection)),
            systemCode: systemCode
        )
    }

    /// Reads both the store's own failures and GRDB's.
    init?(_ error: any Error) {
        switch error {
        case let failure as SQLiteFailure: self = failure
        case let error as DatabaseError:
            self.init(
                code: error.extendedResultCode.rawValue,
                message: error.message ?? "code \(error.extendedResultCode.rawValue)"
            )
        default: return nil
        }
    }

    var isUniqueness: Bool {
        code == SQLITE_CONSTRAINT | 8 << 8 || code == SQLITE_CONSTRAINT | 6 << 8
    }

    /// Whether there was no room, as a disk, a quota or a limit on files says it.
    ///
    /// What was to be written is taken back whole, so that writing goes on when there is room again.
    var isOutOfSpace: Bool {
        code & 0xFF == SQLITE_FULL
            || code == SQLITE_IOERR | 3 << 8 && [ENOSPC, EDQUOT, EFBIG].contains(systemCode)
    }

    /// Whether nothing more may be written: a failed flush cannot be repeated safely.
    var isFatal: Bool {
        if isOutOfSpace { return false }
        return switch code & 0xFF {
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN,
            SQLITE_READONLY:
            true
        default: false
        }
    }

    /// Whether what a reader met says that file or disk can no longer be trusted.
    ///
    /// A reader that could not be opened says nothing of them: the process may have run out of file descriptors.
    var isFatalToRead: Bool { isFatal && code & 0xFF != SQLITE_CANTOPEN }

    /// Whether the others of a batch cannot go on either.
    var endsTransaction: Bool { isFatal || isOutOfSpace }

    func storeError(path: String) -> StoreError {
        if isOutOfSpace { return .noRoom(path: path) }
        let database = path.hasSuffix(".lock") ? String(path.dropLast(5)) : path
        return switch code & 0xFF {
        // An ordinary error of SQL that is known to be right: the schema is not the one it was written for.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR: .damaged("\(database): \(message)")
        case SQLITE_CONSTRAINT: .damaged("the books refuse: \(message)")
        case SQLITE_BUSY, SQLITE_LOCKED: .lockTimeout(path: path)
        default: .io("\(database): \(message) (SQLite code \(code))")
        }
    }
}

extension SQLiteFailure {
    /// The error to show for `error`: failures of SQLite become the port's, the rest passes.
    static func translated(_ error: any Error, path: String) -> any Error {
        SQLiteFailure(error)?.storeError(path: path) ?? error
    }
}
