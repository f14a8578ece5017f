import GRDB
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// The database's own refusals, met by raw SQL that goes past every check in Swift.
struct SchemaTests {
    /// An insert of an entry that continues the chain of ledger account 1 in every way but those changed.
    static func entry(
        _ kind: String,
        posted: Int = 0,
        held: Int = 0,
        hold: String = "NULL",
        job: String = "NULL",
        operation: String = "randomblob(16)",
        observed: String = "NULL",
        cause: String = "NULL",
        detail: String = "x",
        sequence: String = "h.seq + 1",
        previous: String = "h.hash",
        balance: String = "h.posted"
    ) -> String {
        """
        INSERT INTO ledger_entry (ledger_account, seq, op_id, kind, d_posted, d_held, posted, held,
            hold_seq, job_id, at_ms, observed, cause, detail, prev_hash, hash)
        SELECT 1, \(sequence), \(operation), '\(kind)', \(posted), \(held), \(balance) + \(posted),
            h.held + \(held), \(hold), \(job), 0, \(observed), \(cause), '\(detail)', \(previous),
            randomblob(32)
        FROM ledger_head h WHERE ledger_account = 1
        """
    }

    /// Holds in the books: #2 settled for 10, #3 unknown, #4 open; each of 10 credits.
    static let refusals: [(String, String)] = [
        ("a hold above what is available", entry("hold", held: 971)),
        ("a second settlement", entry("settle", posted: -10, held: -10, hold: "2")),
        ("a void after the settlement", entry("void", held: -10, hold: "2")),
        ("a settlement of an unknown hold", entry("settle", posted: -10, held: -10, hold: "3")),
        (
            "a charge of a hold that is not unknown",
            entry("charge", posted: -10, held: -10, hold: "4")
        ),
        ("a free without evidence", entry("free", held: -10, hold: "3", detail: "")),
        ("a release of another amount", entry("void", held: -9, hold: "4")),
        ("an ending of no hold", entry("void", held: 0, hold: "1")),
        ("an ending of a hold to come", entry("void", held: 0, hold: "99")),
        ("a second unknown", entry("unknown", hold: "3")),
        ("an unknown after the ending", entry("unknown", hold: "2")),
        ("a refund above the charge", entry("refund", posted: 11, hold: "2", job: "zeroblob(16)")),
        (
            "a refund of what was not charged",
            entry("refund", posted: 1, hold: "4", job: "zeroblob(16)")
        ),
        ("a refund without a job", entry("refund", posted: 1, hold: "2")),
        (
            "a refund due twice for one job",
            entry(
                "refund_due",
                hold: "2",
                job: "(SELECT job_id FROM ledger_entry WHERE kind = 'refund_due')"
            )
        ),
        ("a gap in the sequence", entry("observe", observed: "1", sequence: "h.seq + 2")),
        ("a repeated sequence", entry("observe", observed: "1", sequence: "h.seq")),
        ("a broken chain", entry("observe", observed: "1", previous: "zeroblob(32)")),
        ("a broken balance", entry("observe", observed: "1", balance: "1 + h.posted")),
        ("a second open", entry("open", posted: 5)),
        ("an unknown kind", entry("gift", posted: 5)),
        ("an adjustment without a cause", entry("adjust", posted: 5)),
        ("an observation that moves", entry("observe", posted: 1, observed: "1")),
        ("a number above 2^53", entry("adjust", posted: 9_007_199_254_740_992, cause: "'manual'")),
        (
            "an operation id used before",
            entry(
                "observe",
                operation: "(SELECT op_id FROM ledger_entry WHERE id = 1)",
                observed: "1"
            )
        ),
        ("a change of an entry", "UPDATE ledger_entry SET detail = 'y'"),
        ("a delete of an entry", "DELETE FROM ledger_entry WHERE id = 1"),
        (
            "a replaced entry",
            entry(
                "observe",
                operation: "(SELECT op_id FROM ledger_entry WHERE id = 1)",
                observed: "1"
            ).replacing("INSERT", with: "INSERT OR REPLACE")
        ),
        ("a delete of a head", "DELETE FROM ledger_head"),
        ("a change of the audit trail", "UPDATE audit_entry SET actor = 'nobody'"),
        ("a delete from the audit trail", "DELETE FROM audit_entry"),
        ("a change of the header log", "UPDATE header_log SET bytes = x'00'"),
        ("a delete from the header log", "DELETE FROM header_log"),
        ("a delete of a member's key", "DELETE FROM member_key"),
        ("a key that is another's", "UPDATE member_key SET digest = randomblob(32)"),
        ("a revoked key that works again", "UPDATE member_key SET revoked_at_ms = NULL"),
        (
            "a limit on no window",
            "INSERT INTO spending_limit VALUES (zeroblob(16), 'hour', NULL, 1, NULL)"
        ),
        (
            "a cycle without a day",
            "INSERT INTO spending_limit VALUES (zeroblob(16), 'cycle', NULL, 1, NULL)"
        ),
        ("an ended job that goes back", "UPDATE job SET state = 'ACTIVE' WHERE ended_at_ms > 0"),
        (
            "a job name bound twice",
            "INSERT INTO job SELECT randomblob(16), operation_name, shape, scene_id, project_id, account_id, member_id, submission_id, attempt_id, credential_version, model_id, model_key, price, created_at_ms, state, ended_at_ms, failure, media, refund, refund_amount, refund_due_ms, alias FROM job"
        ),
    ]

    private func books() async throws -> SmallBooks {
        let books = try await SmallBooks()
        let fixture = books.fixture
        let claims = [
            try await fixture.claim(fixture.order(books.member)),
            try await fixture.claim(fixture.order(books.member)),
            try await fixture.claim(fixture.order(books.member)),
        ]
        let jobs = try await fixture.settle(claims[0])
        try await fixture.record(jobs[0], .failed)
        try await fixture.markUnknown(claims[1])
        try await fixture.revoke(try await fixture.addMember("k", key: "A"))
        return books
    }

    @Test func `every break of a rule is refused by the schema`() async throws {
        let books = try await books()
        for (rule, sql) in Self.refusals {
            #expect(throws: DatabaseError.self, "\(rule) was accepted") {
                try books.store.pool.write { try $0.execute(sql: sql) }
            }
        }
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `what the rules allow is accepted`() async throws {
        let books = try await books()
        let allowed = [
            Self.entry("hold", held: 970), Self.entry("charge", posted: -10, held: -10, hold: "3"),
            Self.entry("refund", posted: 10, hold: "2", job: "zeroblob(16)"),
            Self.entry("refill", posted: 5, detail: "2026-12-01"),
        ]
        try await books.store.pool.write { database in
            for sql in allowed { try database.execute(sql: sql) }
        }
        for sql in [
            Self.entry("refill", posted: 5, detail: "2026-12-01 again"),
            Self.entry("refund", posted: 1, hold: "2", job: "zeroblob(16)"),
        ] {
            #expect(throws: DatabaseError.self) {
                try books.store.pool.write { try $0.execute(sql: sql) }
            }
        }
        try await books.store.close()
    }
}
