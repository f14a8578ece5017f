import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

struct AuditTests {
    private func record(
        _ verb: String,
        by actor: String,
        _ store: SQLiteStore,
        _ seconds: Int64
    )
        async throws
    {
        try await store.recordAudit(
            AuditRecord(actor: Actor(actor), verb: verb, subject: "s", detail: "d"),
            at: LedgerFixture.start + .seconds(seconds)
        )
    }

    @Test func `the trail is filtered by time, actor and verb, and the newest are kept`()
        async throws
    {
        let books = try await SmallBooks()
        let store = books.store
        let before = try await store.audit().count
        for (index, verb) in ["account.add", "account.pause", "token.reveal", "accounts"]
            .enumerated()
        {
            try await record(
                verb,
                by: index % 2 == 0 ? "cli:a" : "cli:b",
                store,
                Int64(index) * 100
            )
        }
        func verbs(_ filter: AuditFilter) async throws -> [String] {
            try await store.audit(filter).map(\.record.verb)
        }
        #expect(try await store.audit().count == before + 4)
        #expect(try await verbs(AuditFilter(actor: "cli:b")) == ["account.pause", "accounts"])
        #expect(try await verbs(AuditFilter(actor: "cli:a", verb: "account.")) == ["account.add"])
        #expect(try await verbs(AuditFilter(verb: "token.reveal")) == ["token.reveal"])
        #expect(try await verbs(AuditFilter(limit: 2)) == ["token.reveal", "accounts"])
        let from = LedgerFixture.start + .seconds(100)
        #expect(
            try await verbs(AuditFilter(from: from, to: from + .seconds(101)))
                == ["account.pause", "token.reveal"]
        )
        try await store.close()
    }

    @Test func `a verb that was written with a hyphen is found and shown as it is written today`()
        async throws
    {
        let books = try await SmallBooks()
        try await record("account.token-dead", by: "cli:a", books.store, 0)
        try await record("account.token_dead", by: "cli:a", books.store, 1)
        for verb in ["account.token_dead", "account.token-dead"] {
            let found = try await books.store.audit(AuditFilter(verb: verb)).map(\.record)
            #expect(found.map(\.verb) == ["account.token-dead", "account.token_dead"])
            #expect(Set(found.map(\.verbToday)) == ["account.token_dead"])
        }
        try await books.store.close()
    }

    @Test func `a changed, missing or inserted line breaks the chain`() async throws {
        for sql in [
            "UPDATE audit_entry SET detail = 'other' WHERE seq = 2",
            "UPDATE audit_entry SET actor = 'cli:nobody' WHERE seq = 2",
            "DELETE FROM audit_entry WHERE seq = 2",
            "UPDATE audit_entry SET hash = zeroblob(32) WHERE seq = 2",
        ] {
            let books = try await SmallBooks()
            for index in 0..<3 { try await record("x.\(index)", by: "cli:a", books.store, 0) }
            #expect(try await books.store.verifyAudit(checkpointMAC: nil).findings == [])
            try books.home.tamper(sql)
            let found = try await books.store.verifyAudit(checkpointMAC: nil)
            #expect(found.findings.contains { $0.rule == "A1" }, "\(sql)")
            try await books.store.close()
        }
    }

    /// Who can write the file can compute every hash anew; what a checkpoint saw cannot be written again.
    @Test func `a trail that was written anew is seen by its checkpoints`() async throws {
        let books = try await SmallBooks()
        let store = books.store
        let mac: @Sendable ([UInt8]) -> [UInt8] = { testSHA256([1] + $0) }
        try await record("token.reveal", by: "cli:thief", store, 0)
        try await store.writeCheckpoint(at: LedgerFixture.start, epoch: 1, mac: mac)
        #expect(try await store.verifyAudit(checkpointMAC: mac).notAuthenticated == nil)
        let kept = try await store.audit().filter { $0.record.verb != "token.reveal" }
        try books.home.tamper("DELETE FROM audit_entry")
        for entry in kept { try await store.recordAudit(entry.record, at: entry.at) }
        try await record("token.list", by: "cli:thief", store, 0)
        let structure = try await store.verifyAudit(checkpointMAC: nil)
        #expect(structure.findings.map(\.rule) == ["A2"])
        try books.home.tamper(
            "UPDATE ledger_checkpoint SET audit_hash = (SELECT hash FROM audit_entry ORDER BY seq DESC LIMIT 1)"
        )
        #expect(try await store.verifyAudit(checkpointMAC: nil).findings == [])
        #expect(try await store.verifyAudit(checkpointMAC: mac).findings.map(\.rule) == ["A3"])
        try await store.close()
    }
}
