import GRDB
import GRDBSQLite
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// Lists are complete however long they are, and what is asked often does not read everything.
struct ManyRowsTests {
    @Test func `lists of more than a thousand rows are complete`() async throws {
        let books = try await SmallBooks { $0.batchLimit = 256 }
        let store = books.store
        let fixture = books.fixture
        let member = try await fixture.addMember("n")
        for number in 0..<1100 {
            _ = try await fixture.addAccount("account-\(number)", credits: 50)
        }
        let jobs = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1050 {
                group.addTask {
                    let claim = try await fixture.claim(fixture.order(member))
                    return try await fixture.settle(claim).count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(jobs == 1050)
        #expect(try await store.accounts().count == 1101)
        #expect(try await store.jobs(JobFilter()).count == 1050)
        #expect(try await store.jobs(JobFilter(openOnly: true)).count == 1050)
        let entries = try await store.entries(EntryFilter())
        #expect(entries.count == 3202)
        #expect(try await store.heads().count == 1102)
        #expect(try await store.audit().count > 1100)
        #expect(try await pages(of: store, EntryFilter(limit: 100)).map(\.entry) == entries)
        #expect(try await fixture.findings() == [])
        try await store.close()
    }

    @Test func `pages of one ledger account are its entries, with whose work they speak of`()
        async throws
    {
        let books = try await SmallBooks()
        let fixture = books.fixture
        for index in 0..<9 {
            let claim = try await fixture.claim(fixture.order(books.member, videos: 2))
            if index % 3 == 0 {
                try await fixture.void(claim)
            } else {
                let jobs = try await fixture.settle(claim)
                if index % 3 == 1 { try await fixture.record(jobs[0], .failed) }
            }
        }
        for account in [LedgerAccountID.credits(books.account.id), .budget(books.member.id)] {
            let filter = EntryFilter(ledgerAccount: account, limit: 4)
            let booked = try await pages(of: books.store, filter)
            let expected = try await books.store.entries(EntryFilter(ledgerAccount: account))
            #expect(booked.map(\.entry) == expected)
            for (first, second) in zip(booked, booked.dropFirst()) {
                #expect(second.previousHash == first.hash)
            }
            let work = booked.filter { $0.entry.submissionID != nil }
            #expect(work.allSatisfy { $0.memberID == books.member.id && !$0.elements.isEmpty })
            #expect(booked.first?.memberID == nil)
        }
        try await books.store.close()
    }

    private func pages(of store: SQLiteStore, _ filter: EntryFilter) async throws -> [BookedEntry] {
        var all: [BookedEntry] = []
        while true {
            let page = try await store.entryPage(filter, after: all.last?.position)
            if page.isEmpty { return all }
            all += page
        }
    }

    /// Every statement that work and lists have prepared is explained by SQLite itself.
    @Test func `what is asked often walks along an index`() async throws {
        let books = try await SmallBooks()
        try await useEverything(books)
        var plans = try await books.store.pool.unsafeRead { try Self.scans($0) }
        plans += try await books.store.pool.writeWithoutTransaction { try Self.scans($0) }
        #expect(plans.count > 30)
        let large = ["ledger_entry", "attempt", "job", "submission", "media", "audit_entry"]
        for (sql, plan) in plans {
            let scanned = plan.filter { step in
                large.contains { table in step.hasPrefix("SCAN \(table)") }
                    && !step.contains("USING")
            }
            // These read all there is, a page or the newest first.
            let isWhole = sql.contains("LIMIT") || sql.contains("max(id)")
            #expect(scanned.isEmpty || isWhole, "\(sql): \(plan)")
        }
        try await books.store.close()
    }

    private func useEverything(_ books: SmallBooks) async throws {
        let (store, fixture) = (books.store, books.fixture)
        let first = try await fixture.claim(fixture.order(books.member, key: "k"))
        let jobs = try await fixture.settle(first, observed: Credits(unchecked: 990))
        try await fixture.record(jobs[0], .failed)
        let second = try await fixture.claim(fixture.order(books.member, media: ["x"]))
        try await fixture.markUnknown(second)
        for wait in [0, 200, 400] {
            let now = LedgerFixture.start + .seconds(Int64(600 + wait))
            _ = try await fixture.observe(books.account, 1000, at: now)
        }
        _ = try await store.sweep(at: LedgerFixture.start)
        _ = try await store.accounts()
        _ = try await store.members()
        _ = try await store.unknownHolds(of: nil)
        _ = try await store.unknownHolds(of: books.account.id)
        _ = try await store.jobs(JobFilter(openOnly: true))
        _ = try await store.jobs(JobFilter(accountID: books.account.id))
        _ = try await store.jobs(JobFilter(memberID: books.member.id))
        _ = try await store.jobs(JobFilter(submissionID: first.submissionID))
        _ = try await store.usage(from: nil, to: nil)
        _ = try await store.heads()
        let account = LedgerAccountID.credits(books.account.id)
        _ = try await store.entries(EntryFilter(ledgerAccount: account))
        _ = try await store.entryPage(EntryFilter(ledgerAccount: account), after: 1)
        try await store.writeCheckpoint(at: LedgerFixture.start, epoch: 1) { testSHA256($0) }
        try await store.writeCheckpoint(at: LedgerFixture.start + .seconds(700), epoch: 1) {
            testSHA256($0)
        }
    }

    private static func scans(_ database: Database) throws -> [(sql: String, plan: [String])] {
        var statements: [String] = []
        var next = sqlite3_next_stmt(database.sqliteConnection, nil)
        while let statement = next {
            if let sql = sqlite3_sql(statement) { statements.append(String(cString: sql)) }
            next = sqlite3_next_stmt(database.sqliteConnection, statement)
        }
        return try statements.filter { !$0.hasPrefix("PRAGMA") && !$0.hasPrefix("EXPLAIN") }.map {
            let explain = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + $0)
            let count = Int(sqlite3_bind_parameter_count(explain.sqliteStatement))
            try explain.setArguments(
                StatementArguments(Array(repeating: nil as Int?, count: count))
            )
            return ($0, try GRDB.Row.fetchAll(explain).map { $0["detail"] })
        }
    }
}
