import Foundation
import GRDB
import PurserCore
import PurserTestSupport

@testable import PurserStore

/// A folder of its own for a test, removed afterwards.
final class TestHome: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/purser-store-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/" + SQLiteStore.databaseName }

    func open(_ change: (inout StoreOptions) -> Void = { _ in }) async throws -> SQLiteStore {
        var options = StoreOptions(
            policy: .mostCredits,
            quietAfter: StoreConformance.quietAfter,
            sha256: testSHA256
        )
        change(&options)
        return try await SQLiteStore.open(home: path, options: options)
    }

    /// Writes past the store, as a damaged or hostile program would.
    func tamper(_ sql: String, withoutTriggers: Bool = true) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF")
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            if withoutTriggers {
                let names = try String.fetchAll(
                    database,
                    sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
                )
                for name in names { try database.execute(sql: "DROP TRIGGER \(name)") }
            }
            try database.execute(sql: sql)
        }
        try queue.close()
    }
}

/// A store with a vault, one account of 1,000 credits and a member with a budget of 500.
struct SmallBooks {
    let home = TestHome()
    let store: SQLiteStore
    let fixture: LedgerFixture
    let account: Account
    let member: Member

    init(_ change: (inout StoreOptions) -> Void = { _ in }) async throws {
        store = try await home.open(change)
        fixture = LedgerFixture(store)
        try await fixture.createVault()
        account = try await fixture.addAccount("a")
        member = try await fixture.addMember("m", budget: 500)
    }
}
