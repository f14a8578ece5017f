import GRDB
import Glibc
package import PurserCore

extension SQLiteStore {
    package func backUp(to path: String) async throws -> BackupContents {
        guard size(of: path) == 0 else { throw StoreError.io("\(path) is not an empty file") }
        let before = try await heads()
        do {
            // Outside a transaction of ours: VACUUM INTO takes one state by itself, and leaves out what was deleted.
            try await pool.unsafeRead { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [path])
            }
            try flush(path)
            let contents = try Self.inspectCopy(path)
            let reached = Dictionary(
                contents.heads.map { ($0.name, $0.sequence) },
                uniquingKeysWith: { max($0, $1) }
            )
            guard try await missing(contents.heads).isEmpty,
                before.allSatisfy({ reached[$0.name] ?? 0 >= $0.sequence })
            else { throw StoreError.damaged("the copy's ledger is not the one that was copied") }
            return contents
        } catch {
            truncate(path, 0)
            throw SQLiteFailure.translated(error, path: path)
        }
    }

    /// Whether a file that lies by itself is a home's database and whole, and what it holds; nothing is written to it.
    package static func inspectCopy(_ path: String) throws -> BackupContents {
        do {
            var configuration = ConnectionSettings.configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let contents = try queue.read { database in
                try Migrations.check(database, path: path, home: path, mayBeEmpty: false)
                return try read(Connection(database), path)
            }
            try queue.close()
            return contents
        } catch {
            throw SQLiteFailure.translated(error, path: path)
        }
    }

    private static func read(_ sql: Connection, _ path: String) throws -> BackupContents {
        for line in try sql.all("PRAGMA integrity_check", read: { $0.text(0) }) where line != "ok" {
            throw StoreError.damaged("\(path): \(line)")
        }
        for table in try sql.all("PRAGMA foreign_key_check", read: { $0.text(0) }) {
            throw StoreError.damaged("\(path): a row of \(table) refers to one that is not there")
        }
        guard let vault = try VaultRows.image(sql) else {
            throw StoreError.notAHome(path: path, reason: "it holds no vault")
        }
        func count(_ query: StaticString) throws -> Int {
            try sql.first(query) { Int($0.int(0)) } ?? 0
        }
        return BackupContents(
            vault: vault,
            accounts: try count("SELECT count(*) FROM account WHERE removed_at_ms IS NULL"),
            entries: try count("SELECT count(*) FROM ledger_entry"),
            auditLines: try count("SELECT count(*) FROM audit_entry"),
            heads: try LedgerHead.all(sql)
        )
    }

    /// Puts the database at `file`, which is used up, in place of that of `home`, whose own is kept at `aside`.
    ///
    /// `seen` is how far the home was when it was decided what may be lost; `nil`, it could not be read. Throws
    /// `StoreError.homeInUse` when another process has the home open, `homeMoved` when one had since. A crash leaves the
    /// one or the other in place, whole. A database that is damaged is kept as it is, with its log beside it.
    package static func replaceDatabase(
        of home: String,
        with file: String,
        keeping aside: String,
        seen: HomeMark?,
        lockTimeout: Duration = .seconds(10)
    ) throws {
        let home = Home(path: home)
        try home.prepare()
        let lock = try FileLock(path: home.database + ".lock")
        try lock.withLock(within: lockTimeout) {
            guard try !InstanceFile.isAnyAlive(in: home.instances) else {
                throw StoreError.homeInUse(path: home.path)
            }
            try foldLog(of: file, home: home.path)
            do {
                try foldLog(of: home.database, home: home.path)
                if let seen, try mark(of: home.database) != seen {
                    throw StoreError.homeMoved(path: home.path)
                }
            } catch let error as StoreError where error.kind == .damaged {
                for suffix in ["-wal", "-shm"] { rename(home.database + suffix, aside + suffix) }
            }
            guard link(home.database, aside) == 0 else {
                throw StoreError.io("\(aside): \(systemErrorText())")
            }
            try home.sync()
            guard rename(file, home.database) == 0 else {
                throw StoreError.io("\(home.database): \(systemErrorText())")
            }
            try home.sync()
        }
    }

    /// Of a database that nobody has open.
    private static func mark(of path: String) throws -> HomeMark {
        guard size(of: path) ?? 0 > 0 else { return .none }
        do {
            var configuration = ConnectionSettings.configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let mark = try queue.read { database in
                let sql = Connection(database)
                return HomeMark(
                    vault: try VaultRows.state(sql),
                    heads: try LedgerHead.all(sql),
                    lastLine: try AuditEntry.newest(sql)
                )
            }
            try queue.close()
            return mark
        } catch {
            throw SQLiteFailure.translated(error, path: path)
        }
    }

    /// Brings the write-ahead log into the database file and takes it away, which SQLite does for the only user of a
    /// file and refuses to everybody else.
    private static func foldLog(of path: String, home: String) throws {
        guard size(of: path) ?? 0 > 0 else { return }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(1)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let mode = try queue.writeWithoutTransaction {
                try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
            }
            try queue.close()
            guard mode == "delete" else { throw StoreError.homeInUse(path: home) }
            try flush(path)
        } catch {
            guard let failure = SQLiteFailure(error) else { throw error }
            let translated = failure.storeError(path: path)
            if case .lockTimeout = translated { throw StoreError.homeInUse(path: home) }
            throw translated
        }
    }
}

/// `nil` where there is no file.
private func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
}

private func flush(_ path: String) throws {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw StoreError.io("\(path): \(systemErrorText())") }
    defer { close(file) }
    guard fsync(file) == 0 else { throw StoreError.io("\(path): \(systemErrorText())") }
}
