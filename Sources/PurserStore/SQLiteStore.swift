import GRDB
import PurserCore
import Synchronization

/// The store in one SQLite file, shared by every process that works in the same home.
///
/// Writes go through one queue per process that commits together what waits together, under a lock file that all
/// processes share; reads run side by side and see one consistent state each.
package final class SQLiteStore: Store {
    /// The database's name in a home; the lock file adds `.lock`.
    package static let databaseName = "purser.db"

    let pool: DatabasePool
    let queue: CommitQueue
    let surroundings: Surroundings
    /// A reader for glances, opened by the first: the pool's may be busy with long reads.
    private let glances = Mutex<DatabaseQueue?>(nil)
    private let lock: FileLock
    private let isClosed = Mutex(false)

    private init(pool: DatabasePool, lock: FileLock, surroundings: Surroundings) {
        self.pool = pool
        self.lock = lock
        self.surroundings = surroundings
        queue = CommitQueue(pool: pool, lock: lock, surroundings: surroundings)
    }

    /// Opens the store of `home`, making folder, file and schema where they are missing.
    ///
    /// Throws `StoreError.notAHome` for a database that is not Purser's and for network file systems,
    /// `.newerSchema` for one of a later version, `.lockTimeout` when another process holds the lock too long.
    package static func open(home path: String, options: StoreOptions) async throws -> SQLiteStore {
        let home = Home(path: path)
        try home.prepare()
        let lock = try FileLock(path: home.database + ".lock")
        do {
            let pool = try lock.withLock(within: options.lockTimeout) {
                try openPool(of: home, makesHome: options.makesHome)
            }
            let surroundings = Surroundings(
                options: options,
                instance: InstanceFile(id: options.instance, folder: home.instances)
            )
            return SQLiteStore(pool: pool, lock: lock, surroundings: surroundings)
        } catch {
            throw SQLiteFailure.translated(error, path: lock.path)
        }
    }

    /// Waits for the writes under way, then closes.
    ///
    /// Holds that are still open will be seen as abandoned.
    package func close() async throws {
        guard
            isClosed.withLock({ isClosed in
                defer { isClosed = true }
                return !isClosed
            })
        else { return }
        await queue.stop(.io("the store is closed"))
        try closePool()
        surroundings.instance.release()
    }

    /// How many transactions this store has committed; fewer than its operations where these were grouped.
    package var commits: Int { queue.commits }

    private static func openPool(of home: Home, makesHome: Bool) throws -> DatabasePool {
        var configuration = ConnectionSettings.configuration()
        configuration.prepareDatabase { database in
            // The writer: it opens before the readers, and is told to write a log only after this.
            guard !database.configuration.readonly else { return }
            try Migrations.check(
                database,
                path: home.database,
                home: home.path,
                mayBeEmpty: makesHome
            )
        }
        let pool = try DatabasePool(path: home.database, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try ConnectionSettings.assertDurable(database)
            if try Migrations.run(database) { try Checkpoint.truncate(database) }
        }
        try home.sync()
        return pool
    }

    private func closePool() throws {
        do {
            try lock.withLock(within: surroundings.options.lockTimeout) {
                let size = Checkpoint.logSize(of: pool.path)
                if queue.owesCheckpoint || size > surroundings.options.checkpointAbove {
                    _ = try pool.writeWithoutTransaction { try Checkpoint.truncate($0) }
                }
                try glances.withLock { try $0?.close() }
                try pool.close()
            }
        } catch {
            throw SQLiteFailure.translated(error, path: lock.path)
        }
    }
}

extension SQLiteStore {
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (Books) throws -> Value
    ) async throws -> Value {
        try await queue.commit(work)
    }

    func read<Value: Sendable>(
        _ work: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        do {
            if surroundings.options.blocksCallers { return try readHere(work) }
            return try await pool.unsafeRead { try Self.reading($0, work) }
        } catch {
            queue.refuse(after: error, ofReader: true)
            throw SQLiteFailure.translated(error, path: pool.path)
        }
    }

    /// Reads on the caller's thread: for a row or two by their keys that every request asks for, where to change threads
    /// four times takes longer than the look.
    func glance<Value>(_ work: (Connection) throws -> Value) throws -> Value {
        do {
            return try glancing().unsafeRead { try Self.reading($0, work) }
        } catch {
            queue.refuse(after: error, ofReader: true)
            throw SQLiteFailure.translated(error, path: pool.path)
        }
    }

    private func glancing() throws -> DatabaseQueue {
        try glances.withLock { queue in
            if let queue { return queue }
            guard !isClosed.withLock({ $0 }) else { throw StoreError.io("the store is closed") }
            var configuration = ConnectionSettings.configuration()
            configuration.readonly = true
            let opened = try DatabaseQueue(path: pool.path, configuration: configuration)
            queue = opened
            return opened
        }
    }

    private func readHere<Value>(_ work: (Connection) throws -> Value) throws -> Value {
        try pool.unsafeRead { try Self.reading($0, work) }
    }

    /// In a transaction of the store's own, whose end needs no memory.
    private static func reading<Value>(
        _ database: Database,
        _ work: (Connection) throws -> Value
    ) throws -> Value {
        let sql = Connection(database)
        return try sql.reading { try work(sql) }
    }
}
