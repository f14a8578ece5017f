import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// Several gateways on one home, and one that starts again.
struct AlertStoreTests {
    private static let rule = AlertRule(lowCredits: [2000], tokenDays: [])

    private static func judge(_ store: SQLiteStore, _ fixture: LedgerFixture) async throws -> Int {
        try await store.judgeAlerts(
            by: rule,
            newID: { fixture.id() },
            at: LedgerFixture.start
        ).count
    }

    private static func takeAll(from store: SQLiteStore) async throws -> [AlertID] {
        let start = LedgerFixture.start
        var taken: [AlertID] = []
        for _ in 0..<10 {
            let alert = try await store.takeAlert(until: start + .seconds(60), at: start)
            if let alert { taken.append(alert.id) }
        }
        return taken
    }

    @Test func `of several gateways one raises an alert, and one sends it`() async throws {
        let books = try await SmallBooks()
        for name in ["b", "c", "d"] { _ = try await books.fixture.addAccount(name) }
        var stores: [SQLiteStore] = []
        for _ in 0..<4 { stores.append(try await books.home.open()) }
        let raised = try await withThrowingTaskGroup { group in
            for (place, store) in stores.enumerated() {
                let fixture = LedgerFixture(store, seed: UInt64(100 + place))
                group.addTask { try await Self.judge(store, fixture) }
            }
            return try await group.reduce(0, +)
        }
        #expect(raised == 4)
        let ids = try await withThrowingTaskGroup { group in
            for store in stores { group.addTask { try await Self.takeAll(from: store) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(ids.count == 4 && Set(ids).count == 4)
        for store in stores { try await store.close() }
        try await books.store.close()
    }

    @Test func `what was raised before a restart is not raised after it, and still sent`()
        async throws
    {
        let books = try await SmallBooks()
        #expect(try await Self.judge(books.store, books.fixture) == 1)
        let lease = LedgerFixture.start + .seconds(60)
        let first = try await books.store.takeAlert(until: lease, at: LedgerFixture.start)
        try await books.store.close()

        let store = try await books.home.open()
        let fixture = LedgerFixture(store, seed: 9)
        #expect(try await Self.judge(store, fixture) == 0)
        #expect(try await store.takeAlert(until: lease, at: LedgerFixture.start) == nil)
        let second = try await store.takeAlert(until: lease, at: lease)
        #expect(second?.id == first?.id)
        #expect(second?.attempts == 2)
        try await store.close()
    }

    @Test func `where nothing changes nothing is written`() async throws {
        let books = try await SmallBooks()
        _ = try await Self.judge(books.store, books.fixture)
        let commits = books.store.commits
        for _ in 0..<5 {
            #expect(try await Self.judge(books.store, books.fixture) == 0)
            _ = try await books.store.takeAlert(
                until: LedgerFixture.start,
                at: LedgerFixture.start - .seconds(1)
            )
        }
        #expect(books.store.commits == commits)
        try await books.store.close()
    }
}
