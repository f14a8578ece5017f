import GRDB
import PurserTestSupport
import Testing

@testable import PurserStore

/// What is asked at each settlement must not grow with what the books already hold.
struct QueryPlanTests {
    @Test(arguments: ["\(Candidates.one)", "\(Candidates.all)"])
    func `open work of an account is found without walking through its past`(
        statement: String
    ) async throws {
        let home = TestHome()
        let store = try await home.open()
        let plan = try await store.pool.read { database in
            try GRDB.Row.fetchAll(
                database,
                sql: "EXPLAIN QUERY PLAN " + statement.replacing("?", with: "x'00'")
            ).map { $0["detail"] as String }
        }
        try await store.close()
        #expect(plan.contains { $0.contains("USING INDEX job_open") })
        #expect(plan.contains { $0.contains("INDEX attempt_open") })
        #expect(!plan.contains { $0.contains("job_account") || $0.contains("SCAN j ") })
    }

    @Test func `the attempt of an entry is found by its submission`() async throws {
        let home = TestHome()
        let store = try await home.open()
        let statement = "\(Attempt.byHold)".replacing("?", with: "x'00'")
        let plan = try await store.pool.read { database in
            try GRDB.Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + statement)
                .map { $0["detail"] as String }
        }
        try await store.close()
        #expect(plan.count == 1)
        #expect(plan.allSatisfy { $0.contains("(submission_id=?)") })
    }
}
