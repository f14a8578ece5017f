import GRDB
import Glibc
import PurserCore
import Synchronization

/// Group commit: operations that wait at the same time share one transaction and one flush.
///
/// GRDB's writer queue runs one batch at a time; what arrives while a batch commits forms the next. Nobody is
/// resumed before COMMIT has returned.
final class CommitQueue: Sendable {
    private struct Operation: Sendable {
        /// Does the work and answers what to call once it is durable.
        let perform: @Sendable (Books) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Operation] = []
        var isScheduled = false
        /// Why nothing more is written, not even what waits.
        var refusal: StoreError?
        /// Why nothing more is taken; what waits is still written.
        var closing: StoreError?
        var commits = 0
        /// Whether something deleted still lies in the write-ahead log.
        var owesCheckpoint = false
        /// When a reader last kept the log from being emptied.
        var checkpointRefused: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    /// `nil`: nothing was read yet, or a transaction failed.
    private let memory = Mutex<Memory?>(nil)
    private let pool: DatabasePool
    private let lock: FileLock
    private let surroundings: Surroundings

    init(pool: DatabasePool, lock: FileLock, surroundings: Surroundings) {
        self.pool = pool
        self.lock = lock
        self.surroundings = surroundings
    }

    /// How many transactions were committed; fewer than operations where these were grouped.
    var commits: Int { state.withLock(\.commits) }

    /// How many operations wait for the next transaction.
    var waiting: Int { state.withLock(\.waiting.count) }

    /// Whether the write-ahead log is still to be emptied, whatever its size.
    var owesCheckpoint: Bool { state.withLock(\.owesCheckpoint) }

    /// Runs `work` in the next transaction and returns its value once that is durable.
    ///
    /// `work` may run twice: when another operation of its batch fails halfway, the batch is
    /// repeated with a savepoint for each.
    func commit<Value: Sendable>(
        _ work: @escaping @Sendable (Books) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let operation = Operation(
                perform: { books in
                    let value = try work(books)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) }
            )
            enqueue([operation])
        }
    }

    /// The same for each of `works`, in that order and with nothing between them; each ends on its own.
    func commit<Value: Sendable>(
        each works: [@Sendable (Books) throws -> Value]
    ) async -> [Result<Value, any Error>] {
        guard !works.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let gathering = Gathering<Value>(works.count, continuation)
            enqueue(
                works.enumerated().map { index, work in
                    Operation(
                        perform: { books in
                            let value = try work(books)
                            return { gathering.put(.success(value), at: index) }
                        },
                        fail: { gathering.put(.failure($0), at: index) }
                    )
                }
            )
        }
    }

    /// Refuses further operations and returns when those before have ended.
    func stop(_ reason: StoreError) async {
        state.withLock { $0.closing = $0.closing ?? reason }
        await withCheckedContinuation { continuation in
            // It may run before the one that was just promised to what waits: so it writes that itself.
            pool.asyncWriteWithoutTransaction { database in
                self.drain(database)
                continuation.resume()
            }
        }
    }

    /// Ends all writing when `error` says that disk or file can no longer be trusted.
    func refuse(after error: any Error, ofReader: Bool = false) {
        guard let failure = SQLiteFailure(error),
            ofReader ? failure.isFatalToRead : failure.isFatal
        else { return }
        let reason = failure.storeError(path: lock.path)
        state.withLock { $0.refusal = $0.refusal ?? reason }
    }

    private func enqueue(_ operations: [Operation]) {
        let (refusal, mustSchedule) = state.withLock { state -> (StoreError?, Bool) in
            if let refusal = state.refusal ?? state.closing { return (refusal, false) }
            state.waiting += operations
            defer { state.isScheduled = true }
            return (nil, !state.isScheduled)
        }
        if let refusal { for operation in operations { operation.fail(refusal) } }
        guard mustSchedule else { return }
        if surroundings.options.blocksCallers {
            pool.writeWithoutTransaction { self.drain($0) }
        } else {
            pool.asyncWriteWithoutTransaction { self.drain($0) }
        }
    }

    /// Lets those whom the last batch answered come back before the next one begins.
    ///
    /// Without it callers split into two halves that take turns, and each flush serves half of them. A lone
    /// caller never waits, and nobody longer than an eighth of the last commit.
    private func waitForReturning(_ last: (count: Int, took: Duration)) {
        guard last.count > 1 else { return }
        let deadline = ContinuousClock.now + min(last.took / 8, .milliseconds(2))
        while waiting < last.count, ContinuousClock.now < deadline {
            usleep(20)
        }
    }

    /// Commits batch after batch until none waits.
    private func drain(_ database: Database) {
        var last = (count: 1, took: Duration.zero)
        while true {
            waitForReturning(last)
            let begun = ContinuousClock.now
            let batch = takeBatch()
            if batch.isEmpty { return }
            var unanswered = batch
            defer { last = (batch.count, ContinuousClock.now - begun) }
            do {
                try lock.withLock(within: surroundings.options.lockTimeout) {
                    let committed = try commitTogether(batch, on: database)
                    for finish in committed.finishes { finish() }
                    // These are durable: a checkpoint that fails concerns only those that follow.
                    unanswered = []
                    try checkpoint(database, isOwed: committed.wantsCheckpoint)
                }
            } catch {
                let failure = SQLiteFailure.translated(error, path: lock.path)
                refuse(after: error)
                for operation in unanswered { operation.fail(failure) }
            }
        }
    }
}

// MARK: - One batch

extension CommitQueue {
    /// What to write next; nothing when nothing waits, or when what waits was refused.
    private func takeBatch() -> [Operation] {
        let (batch, refused, refusal) = state.withLock {
            state -> ([Operation], [Operation], StoreError?) in
            let limit = state.refusal == nil ? surroundings.options.batchLimit : .max
            let taken = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(taken.count)
            state.isScheduled = state.refusal == nil && !taken.isEmpty
            return state.refusal == nil ? (taken, [], nil) : ([], taken, state.refusal)
        }
        if let refusal { for operation in refused { operation.fail(refusal) } }
        return batch
    }

    private typealias Finish = @Sendable () -> Void
    private typealias Committed = (finishes: [Finish], wantsCheckpoint: Bool)

    /// Commits `batch` and answers what to call for each operation.
    private func commitTogether(_ batch: [Operation], on database: Database) throws -> Committed {
        do {
            return try transact(batch, on: database, withSavepoints: false)
        } catch is HalfDone {
            return try transact(batch, on: database, withSavepoints: true)
        }
    }

    /// An operation failed after it had written, in a transaction without savepoints.
    private struct HalfDone: Error {}

    /// A savepoint copies every page its operation changes, so the first try has none: most
    /// operations that fail do so before they write, and for the others the batch is repeated.
    private func transact(
        _ batch: [Operation],
        on database: Database,
        withSavepoints: Bool
    ) throws -> Committed {
        let sql = Connection(database)
        let books = Books(sql: sql, memory: takeMemory(), surroundings: surroundings)
        try sql.beginWriting()
        do {
            try books.catchUp()
            let finishes = try batch.map { operation -> Finish in
                try attempt(operation, in: books, withSavepoint: withSavepoints)
            }
            try sql.run("COMMIT")
            state.withLock { $0.commits += 1 }
            memory.withLock { $0 = books.memory }
            return (finishes, books.wantsCheckpoint)
        } catch {
            try sql.rollBack()
            throw error
        }
    }

    /// Takes the memory out, so that a failed transaction leaves none behind.
    private func takeMemory() -> Memory {
        memory.withLock { memory in
            defer { memory = nil }
            return memory ?? Memory(policy: surroundings.options.policy)
        }
    }

    private func attempt(
        _ operation: Operation,
        in books: Books,
        withSavepoint: Bool
    ) throws -> Finish {
        let changes = books.sql.totalChanges
        if withSavepoint { try books.sql.run("SAVEPOINT operation") }
        do {
            let finish = try operation.perform(books)
            if withSavepoint { try books.sql.run("RELEASE operation") }
            books.touched.removeAll(keepingCapacity: true)
            return finish
        } catch {
            if SQLiteFailure(error)?.endsTransaction == true || !books.sql.isInTransaction {
                throw error
            }
            let hasWritten = books.sql.totalChanges != changes
            if withSavepoint {
                try books.sql.run("ROLLBACK TO operation")
                try books.sql.run("RELEASE operation")
            } else if hasWritten {
                throw HalfDone()
            }
            if hasWritten { try books.forgetOperation() }
            let failure = SQLiteFailure.translated(error, path: lock.path)
            return { operation.fail(failure) }
        }
    }

    /// Empties the write-ahead log when it has grown large or holds what was deleted, still under the lock.
    ///
    /// A reader that needs the log makes each try wait in vain, so after one there is a pause.
    private func checkpoint(_ database: Database, isOwed: Bool) throws {
        let options = surroundings.options
        let now = ContinuousClock.now
        let (owes, mustPause) = state.withLock { state in
            state.owesCheckpoint = state.owesCheckpoint || isOwed
            let pause = state.checkpointRefused.map { now - $0 < options.checkpointPause }
            return (state.owesCheckpoint, pause ?? false)
        }
        let limit = owes ? 0 : options.checkpointAbove
        guard !mustPause, Checkpoint.logSize(of: pool.path) > limit else { return }
        let isEmptied = try Checkpoint.truncate(database)
        state.withLock { state in
            state.owesCheckpoint = owes && !isEmptied
            state.checkpointRefused = isEmptied ? nil : ContinuousClock.now
        }
    }
}
