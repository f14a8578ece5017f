import Glibc
import PurserCore
import PurserTestSupport
import Synchronization
import Testing

@testable import PurserStore

/// Set once, and seen by whoever waits for it.
private final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}

struct CrashTests {
    @Test func `holds of a process that is gone become unknown, others stay`() async throws {
        let books = try await SmallBooks()
        let dying = try await books.home.open()
        let theirs = LedgerFixture(dying, seed: 5)
        let order = theirs.order(books.member, key: "k")
        _ = try await theirs.claim(order)
        _ = try await books.fixture.claim(books.fixture.order(books.member))
        #expect(try await books.store.sweep(at: LedgerFixture.start) == 0)
        // Closing gives the lock file up, as the kernel does when a process dies.
        try await dying.close()
        #expect(try await books.store.sweep(at: LedgerFixture.start) == 1)
        #expect(try await books.store.sweep(at: LedgerFixture.start) == 0)
        let unknown = try await books.store.unknownHolds(of: books.account.id)
        #expect(unknown.map(\.submissionID) == [order.submissionID])
        let record = try await books.fixture.repeated(books.fixture.order(books.member, key: "k"))
        #expect(record.state == .unknown)
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `a repeat after a crash is answered as unknown before anyone swept`() async throws {
        let books = try await SmallBooks()
        let dying = try await books.home.open()
        let theirs = LedgerFixture(dying, seed: 5)
        _ = try await theirs.claim(theirs.order(books.member, key: "k"))
        try await dying.close()
        let order = books.fixture.order(books.member, key: "k")
        let answer = try await books.store.claim(order, at: LedgerFixture.start)
        guard case .repeated(let record) = answer else {
            throw LedgerFixture.Unexpected(what: "claimed a second time")
        }
        #expect(record.state == .unknown)
        try await books.store.close()
    }

    @Test func `a settlement that was decided meanwhile keeps its jobs and charges no more`()
        async throws
    {
        let books = try await SmallBooks()
        let claim = try await books.fixture.claim(books.fixture.order(books.member))
        try await books.fixture.markUnknown(claim)
        let later = LedgerFixture.start + .seconds(1)
        _ = try await books.fixture.observe(books.account, 1000, at: later)
        let quiet = later + StoreConformance.quietAfter
        _ = try await books.fixture.observe(books.account, 1000, at: quiet)
        try await books.fixture.settle(claim, at: quiet)
        #expect(try await books.store.jobs(JobFilter()).count == 1)
        let balance = try await books.fixture.overview(of: books.account).balance
        #expect(balance == Balance(posted: Credits(unchecked: 1000), held: .zero))
        #expect(try await books.store.audit().last?.record.verb == "ledger.late_settlement")
        #expect(try await books.fixture.findings(at: quiet) == [])
        try await books.store.close()
    }

    @Test func `after an error of the disk nothing more is written`() async throws {
        let books = try await SmallBooks()
        await #expect(throws: StoreError.self) {
            try await books.store.write { _ in
                throw SQLiteFailure(code: 10, message: "disk I/O error")
            }
        }
        let error = await #expect(throws: StoreError.self) {
            _ = try await books.fixture.claim(books.fixture.order(books.member))
        }
        #expect(error?.kind == .io)
        #expect(try await books.store.accounts().count == 1)
        try await books.store.close()
    }

    @Test func `a full disk refuses what waits, and the next write is tried again`() async throws {
        let books = try await SmallBooks()
        for failure in [
            SQLiteFailure(code: 13, message: "database or disk is full"),
            SQLiteFailure(code: 778, message: "disk I/O error", systemCode: EDQUOT),
        ] {
            let error = await #expect(throws: StoreError.self) {
                try await books.store.write { books in
                    try books.bumpRevision(of: AccountID(high: 1, low: 1))
                    throw failure
                }
            }
            guard case .noRoom = error else {
                throw LedgerFixture.Unexpected(what: "\(String(describing: error))")
            }
            #expect(error?.kind == .io)
        }
        _ = try await books.fixture.claim(books.fixture.order(books.member))
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `what waits when the disk fails is refused, not written`() async throws {
        let books = try await SmallBooks { $0.batchLimit = 1 }
        let queue = books.store.queue
        let isRunning = Flag()
        async let failing: Void = queue.commit { _ in
            isRunning.raise()
            while queue.waiting < 2 { usleep(100) }
            throw SQLiteFailure(code: 10, message: "disk I/O error")
        }
        while !isRunning.isRaised { try await Task.sleep(for: .milliseconds(1)) }
        let record = AuditRecord(actor: LedgerFixture.actor, verb: "late", subject: "x")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    await #expect(throws: StoreError.self) {
                        try await books.store.recordAudit(record, at: LedgerFixture.start)
                    }
                }
            }
        }
        do {
            try await failing
            Issue.record("the disk's error was not told")
        } catch is StoreError {}
        #expect(try await books.store.audit().allSatisfy { $0.record.verb != "late" })
        try await books.store.close()
    }

    @Test func `closing still writes what waits`() async throws {
        let books = try await SmallBooks { $0.batchLimit = 1 }
        let queue = books.store.queue
        let (isRunning, mayEnd) = (Flag(), Flag())
        async let first: Void = queue.commit { _ in
            isRunning.raise()
            while !mayEnd.isRaised { usleep(100) }
        }
        while !isRunning.isRaised { try await Task.sleep(for: .milliseconds(1)) }
        let record = AuditRecord(actor: LedgerFixture.actor, verb: "late", subject: "x")
        async let second: Void = books.store.recordAudit(record, at: LedgerFixture.start)
        async let third: Void = books.store.recordAudit(record, at: LedgerFixture.start)
        while queue.waiting < 2 { try await Task.sleep(for: .milliseconds(1)) }
        async let closed: Void = books.store.close()
        try await Task.sleep(for: .milliseconds(5))
        mayEnd.raise()
        try await closed
        _ = try await (first, second, third)
        let again = try await books.home.open()
        #expect(try await again.audit().count { $0.record.verb == "late" } == 2)
        try await again.close()
    }

    @Test func `an error of the disk in a read ends the writing too`() async throws {
        let books = try await SmallBooks()
        await #expect(throws: StoreError.self) {
            try await books.store.read { _ in
                throw SQLiteFailure(code: 11, message: "malformed")
            }
        }
        let error = await #expect(throws: StoreError.self) {
            _ = try await books.fixture.claim(books.fixture.order(books.member))
        }
        #expect(error?.kind == .damaged)
        try await books.store.close()
    }
}
