import GRDB
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// What one process writes without an entry, others see all the same.
struct SharingTests {
    private func pair() async throws -> (SmallBooks, SQLiteStore, LedgerFixture) {
        let books = try await SmallBooks()
        let other = try await books.home.open()
        return (books, other, LedgerFixture(other, seed: 7))
    }

    private func candidate(in store: SQLiteStore, of account: Account) async throws -> Candidate? {
        try await store.write { $0.memory.snapshot[account.id] }
    }

    @Test func `a claim without a hold takes its slot everywhere`() async throws {
        let (books, other, fixture) = try await pair()
        let account = try await books.fixture.addAccount("new", credits: nil)
        #expect(try await candidate(in: other, of: account)?.jobsInFlight == 0)
        let free = Model(
            id: ModelID("free"),
            title: "Free",
            endpoint: nil,
            offers: [.ultra: Offer(key: "free", price: .zero, source: "test")]
        )
        let order = ClaimOrder(
            submissionID: fixture.id(),
            attempt: 1,
            memberID: books.member.id,
            idempotencyKey: nil,
            fingerprint: [1],
            path: "video:test",
            request: RouteRequest(models: [free], only: account.id),
            mediaIDs: [],
            operation: fixture.id()
        )
        _ = try await books.fixture.claim(order)
        #expect(try await candidate(in: other, of: account)?.jobsInFlight == 1)
        try await other.close()
        try await books.store.close()
    }

    @Test func `a late settlement that writes no entry is seen everywhere`() async throws {
        let (books, other, _) = try await pair()
        let claim = try await books.fixture.claim(books.fixture.order(books.member))
        try await books.fixture.markUnknown(claim)
        let later = LedgerFixture.start + .seconds(1)
        _ = try await books.fixture.observe(books.account, 1000, at: later)
        let quiet = later + StoreConformance.quietAfter
        _ = try await books.fixture.observe(books.account, 1000, at: quiet)
        #expect(try await candidate(in: other, of: books.account)?.jobsInFlight == 0)
        try await books.fixture.settle(claim, at: quiet)
        #expect(try await candidate(in: other, of: books.account)?.jobsInFlight == 1)
        try await other.close()
        try await books.store.close()
    }

    @Test func `a glance sees what another store wrote last, and nothing once the store is closed`()
        async throws
    {
        let (books, other, _) = try await pair()
        let state = try await other.vaultState()
        let revision = try await other.memberDirectory(changedSince: nil)?.revision
        #expect(try await other.memberDirectory(changedSince: revision) == nil)
        for number in 1...3 {
            _ = try await books.fixture.addMember("n\(number)")
            let seen = try await other.memberDirectory(changedSince: revision)
            #expect(seen?.members.values.contains { $0.name == "n\(number)" } == true)
            _ = try await books.fixture.addAccount("b\(number)")
            let now = try await other.vaultState()
            #expect(now != state)
            #expect(try await now == books.store.vaultState())
        }
        try await other.close()
        await #expect(throws: StoreError.self) { try await other.vaultState() }
        try await books.store.close()
    }

    @Test func `what a store wrote itself it does not read again`() async throws {
        let (books, other, _) = try await pair()
        _ = try await books.fixture.claim(books.fixture.order(books.member))
        let newest = try await books.store.read { sql in
            try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) }
        }
        #expect(try await books.store.write { $0.memory.lastEntry } == newest)
        // An operation that is undone gives its numbers back.
        await #expect(throws: StoreError.self) {
            try await books.store.write { sql in
                try sql.bumpRevision(of: books.account.id)
                _ = try sql.append(
                    Draft(
                        ledgerAccount: .credits(books.account.id),
                        kind: .observe,
                        operation: books.fixture.id(),
                        at: LedgerFixture.start,
                        observed: .zero
                    )
                )
                throw StoreError.nameTaken("x")
            }
        }
        let (entry, revision) = try await books.store.write {
            ($0.memory.lastEntry, $0.memory.lastRevision)
        }
        #expect(entry == newest)
        let stored = try await books.store.read { sql in
            try sql.first("SELECT max(revision) FROM account") { $0.int(0) }
        }
        #expect(revision == stored)
        try await other.close()
        try await books.store.close()
    }

    @Test func `a deleted secret leaves the log as soon as no reader needs it`() async throws {
        let books = try await SmallBooks { $0.checkpointPause = .zero }
        try await changeVaultUnderReader(books)
        // The first lets the log be tried, the second is answered after that try.
        _ = try await books.store.sweep(at: LedgerFixture.start)
        _ = try await books.store.sweep(at: LedgerFixture.start)
        #expect(Checkpoint.logSize(of: books.home.database) == 0)
        try await books.store.close()
    }

    @Test func `closing empties a log that still holds a deleted secret`() async throws {
        let books = try await SmallBooks { $0.checkpointPause = .seconds(3600) }
        let other = try await books.home.open()
        try await changeVaultUnderReader(books)
        _ = try await books.store.sweep(at: LedgerFixture.start)
        // Within the pause nobody tries again.
        #expect(Checkpoint.logSize(of: books.home.database) > 0)
        try await books.store.close()
        #expect(Checkpoint.logSize(of: books.home.database) == 0)
        try await other.close()
    }

    /// Removes a record while a read transaction keeps the log from being emptied.
    private func changeVaultUnderReader(_ books: SmallBooks) async throws {
        // A claim first, so that there is a log to need.
        _ = try await books.fixture.claim(books.fixture.order(books.member))
        let reader = try books.store.pool.makeSnapshot()
        let address = RecordAddress(
            table: "t",
            id: .init(repeating: 1, count: 16),
            field: "f",
            version: 1
        )
        let change = books.fixture.vaultChange(remove: [address])
        let audit = AuditRecord(actor: LedgerFixture.actor, verb: "test", subject: "vault")
        try await books.store.applyVaultChange(change, audit: audit, at: LedgerFixture.start)
        // The log is tried after the change was answered; what is written next comes after that try.
        _ = try await books.store.sweep(at: LedgerFixture.start)
        #expect(books.store.queue.owesCheckpoint)
        #expect(Checkpoint.logSize(of: books.home.database) > 0)
        try reader.close()
    }

    /// Queries whose cost must not grow with the history, and the index each must take.
    static let plans: [(StaticString, String)] = [
        (Attempt.open, "attempt_open"),
        (Attempt.openOfAccount, "attempt_open"),
        (
            JobRow.query(for: JobFilter(submissionID: SubmissionID(high: 1, low: 1))),
            "job_submission"
        ),
        (JobRow.query(for: JobFilter(openOnly: true)), "job_open"),
        (JobRow.query(for: JobFilter(accountID: AccountID(high: 1, low: 1))), "job_account"),
        (JobRow.query(for: JobFilter(memberID: MemberID(high: 1, low: 1))), "job_member"),
        (JobRow.query(for: JobFilter()), "job_created"),
    ]

    @Test func `queries take the index made for them`() async throws {
        let books = try await SmallBooks()
        for (query, index) in Self.plans {
            let plan = try await books.store.pool.read { database in
                let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(query)")
                statement.setUncheckedArguments([])
                return try GRDB.Row.fetchAll(statement).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains(index) }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains(index) }, "\(plan)")
        }
        try await books.store.close()
    }
}
