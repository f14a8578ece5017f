import GRDB
import GRDBSQLite
import PurserCore

/// What SQLite answered instead of doing it.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
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

    /// Whether a rollback journal has to be played back first, which a reader may not do.
    var isUnfinishedTransaction: Bool { code == SQLITE_READONLY | 3 << 8 }

    /// Whether nothing more may be written: a failed flush cannot be repeated safely.
    var isFatal: Bool {
        switch code & 0xFF {
        case SQLITE_IOERR, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN,
            SQLITE_READONLY:
            true
        default: false
        }
    }

    func storeError(path: String) -> StoreError {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged(message)
        case SQLITE_CONSTRAINT: .damaged("the books refuse: \(message)")
        case SQLITE_BUSY, SQLITE_LOCKED: .lockTimeout(path: path)
        default: .io(message)
        }
    }
}

extension SQLiteFailure {
    /// The error to show for `error`: failures of SQLite become the port's, the rest passes.
    static func translated(_ error: any Error, path: String) -> any Error {
        SQLiteFailure(error)?.storeError(path: path) ?? error
    }
}
