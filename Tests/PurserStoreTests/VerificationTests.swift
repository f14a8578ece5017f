import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

struct VerificationTests {
    /// Damage done past the schema, and the rule that must find it.
    static let damage: [(String, String)] = [
        ("L1", "DELETE FROM ledger_entry WHERE ledger_account = 1 AND seq = 3"),
        ("L2", "UPDATE ledger_entry SET detail = 'other' WHERE ledger_account = 1 AND seq = 2"),
        ("L2", "UPDATE ledger_entry SET op_id = x'00' WHERE ledger_account = 1 AND seq = 2"),
        ("L3", "UPDATE ledger_entry SET posted = posted + 1 WHERE ledger_account = 1 AND seq = 2"),
        ("L4", "UPDATE ledger_head SET posted = posted + 1 WHERE ledger_account = 1"),
        ("L5", "UPDATE ledger_entry SET kind = 'observe' WHERE ledger_account = 1 AND seq = 4"),
        ("L6", "UPDATE ledger_entry SET hold_seq = 77 WHERE kind = 'settle'"),
        (
            "L7",
            "DROP INDEX ledger_entry_terminal; UPDATE ledger_entry SET hold_seq = 2 WHERE kind = 'charge'"
        ),
        ("L8", "UPDATE ledger_entry SET d_held = -9 WHERE kind = 'settle'"),
        ("L9", "UPDATE ledger_entry SET kind = 'charge' WHERE kind = 'settle'"),
        ("L10", "UPDATE ledger_entry SET posted = 5 WHERE ledger_account = 1 AND kind = 'hold'"),
        ("L11", "UPDATE ledger_entry SET d_posted = 11 WHERE kind = 'refund'"),
        (
            "L12",
            "DROP INDEX ledger_entry_period; UPDATE ledger_entry SET kind = 'refill', detail = '2026-12-01' WHERE kind = 'observe'"
        ),
        ("L13", "UPDATE ledger_entry SET d_posted = -11 WHERE kind = 'settle'"),
        ("L14", "UPDATE ledger_entry SET observed = 1 WHERE kind = 'refund'"),
        ("L15", "UPDATE attempt SET hold_seq = 9 WHERE id = 1"),
        (
            "L15",
            "DROP INDEX ledger_entry_operation; UPDATE ledger_entry SET op_id = zeroblob(16) WHERE kind = 'settle'"
        ),
        ("L16", "UPDATE usage_day SET charged = charged + 1"),
        (
            "L17",
            "UPDATE ledger_entry SET posted = 9007199254740993 WHERE ledger_account = 1 AND seq = 2"
        ),
        (
            "L18",
            "UPDATE ledger_entry SET at_ms = at_ms - 600000 WHERE ledger_account = 1 AND seq = 3"
        ),
        (
            "L18",
            "UPDATE ledger_entry SET at_ms = at_ms - 200000 * (seq - 2) WHERE ledger_account = 1 AND seq IN (3, 4)"
        ),
        ("L15", "DELETE FROM job; DELETE FROM attempt WHERE id = 3"),
        ("L24", "UPDATE attempt SET charged = charged + 1 WHERE state = 'settled'"),
        ("L24", "UPDATE job SET refund = 'due' WHERE refund = 'refunded'"),
        ("L24", "UPDATE job SET refund = 'none' WHERE refund = 'refunded'"),
        ("L24", "UPDATE job SET refund_amount = 9 WHERE refund = 'refunded'"),
        ("L24", "DELETE FROM job WHERE refund = 'refunded'"),
        (
            "L16",
            "UPDATE ledger_entry SET kind = 'void' WHERE kind = 'settle' AND ledger_account = 2"
        ),
        (
            "L16",
            "UPDATE ledger_entry SET d_posted = -9 WHERE kind = 'settle' AND ledger_account = 2"
        ),
        (
            "L16",
            "UPDATE ledger_entry SET d_posted = 9 WHERE kind = 'refund' AND ledger_account = 2"
        ),
        (
            "L16",
            "INSERT INTO member (id, name, created_at_ms, has_budget) SELECT randomblob(16), 'other', 0, 0; UPDATE usage_day SET member_id = (SELECT id FROM member WHERE name = 'other')"
        ),
        ("L21", "UPDATE ledger_entry SET d_posted = -99 WHERE kind = 'settle'"),
        ("L24", "UPDATE attempt SET state = 'voided' WHERE state = 'settled'"),
        ("L24", "UPDATE ledger_head SET hash = zeroblob(32) WHERE ledger_account = 1"),
        ("L26", "UPDATE usage_day SET videos = videos + 1"),
        ("L26", "UPDATE usage_day SET day = day + 1"),
        ("L26", "UPDATE usage_day SET model_id = 'other'"),
        ("L26", "UPDATE usage_day SET refunded = refunded + 1"),
        ("L26", "DELETE FROM usage_day"),
        ("L26", "UPDATE usage_month SET charged = charged + 1"),
        ("L26", "DELETE FROM usage_month"),
        ("L27", "UPDATE spending_day SET charged = charged + 1"),
        ("L27", "UPDATE spending_day SET day = day + 1"),
        ("L27", "DELETE FROM spending_day WHERE owner = zeroblob(16)"),
        ("L27", "INSERT INTO spending_day VALUES (randomblob(16), 1, 5, 0)"),
        ("L28", "UPDATE usage_pair SET charged = charged + 1 WHERE over = 'account'"),
        ("L28", "UPDATE usage_pair SET videos = videos - 1 WHERE over = 'model'"),
        ("L28", "DELETE FROM usage_pair WHERE over = 'member'"),
        ("L28", "UPDATE movement_day SET amount = amount + 1 WHERE kind = 'refund'"),
        ("L28", "UPDATE movement_day SET entries = entries + 1 WHERE kind = 'open'"),
        ("L28", "DELETE FROM movement_day"),
        ("L28", "INSERT INTO movement_day VALUES (1, 1, 'adjust', 'manual', 1, 5)"),
        ("L28", "UPDATE failure_day SET price = price + 1"),
        ("L28", "UPDATE failure_day SET state = 'CANCELED'"),
        ("L28", "DELETE FROM failure_day"),
        (
            "L15",
            "UPDATE attempt SET hold_seq = (SELECT hold_seq FROM attempt WHERE id = 1), submission_id = (SELECT submission_id FROM attempt WHERE id = 1), number = 9 WHERE id = 2"
        ),
        ("L25", "UPDATE usage_day SET member_id = zeroblob(16)"),
    ]

    /// A settled and refunded hold, a charged one, one under way, and readings.
    private func books() async throws -> SmallBooks {
        let books = try await SmallBooks()
        let fixture = books.fixture
        let first = try await fixture.claim(fixture.order(books.member))
        let second = try await fixture.claim(fixture.order(books.member))
        let jobs = try await fixture.settle(first)
        try await fixture.record(jobs[0], .failed)
        try await fixture.markUnknown(second)
        for job in try await fixture.settle(second) {
            try await fixture.record(job, .successful)
        }
        let later = LedgerFixture.start + .seconds(600)
        for wait in [Duration.zero, .seconds(200), .seconds(300)] {
            _ = try await fixture.observe(books.account, 990, at: later + wait)
        }
        _ = try await fixture.claim(fixture.order(books.member), at: later + .seconds(400))
        #expect(try await fixture.findings(at: later) == [])
        return books
    }

    @Test func `every planted damage is found by its rule`() async throws {
        for (rule, sql) in Self.damage {
            let books = try await books()
            try books.home.tamper(sql)
            let found = try await books.fixture.findings(at: LedgerFixture.start + .seconds(1000))
            #expect(found.contains { $0.rule == rule }, "\(rule): \(sql)")
            #expect(found.allSatisfy { !$0.place.isEmpty && !$0.message.isEmpty })
            try await books.store.close()
        }
    }

    @Test func `a job name bound twice is found`() async throws {
        let books = try await books()
        try books.home.tamper(
            """
            DROP TABLE job_answer;
            CREATE TABLE loose AS SELECT * FROM job; DROP TABLE job; ALTER TABLE loose RENAME TO job;
            INSERT INTO job SELECT * FROM job;
            """
        )
        let found = try await books.fixture.findings()
        #expect(found.contains { $0.rule == "L23" })
        try await books.store.close()
    }

    @Test func `old holds of dead processes and old unknowns are warned of`() async throws {
        let books = try await SmallBooks()
        let dying = try await books.home.open()
        let theirs = LedgerFixture(dying, seed: 3)
        _ = try await theirs.claim(theirs.order(books.member))
        let claim = try await books.fixture.claim(books.fixture.order(books.member))
        try await books.fixture.markUnknown(claim)
        try await dying.close()
        #expect(try await books.fixture.findings() == [])
        let found = try await books.fixture.findings(
            at: LedgerFixture.start + .seconds(2 * 86_400)
        )
        #expect(found.map(\.rule) == ["L19", "L20"])
        #expect(found.allSatisfy { !$0.isViolation })
        try await books.store.close()
    }

    @Test func `checkpoints are written when due, and authenticated when the vault is open`()
        async throws
    {
        let books = try await books()
        let store = books.store
        let now = LedgerFixture.start
        let mac: @Sendable ([UInt8]) -> [UInt8] = { testSHA256([1] + $0) }
        let before = try await store.verify(at: now, checkpointMAC: mac)
        #expect(before.notChecked == ["L22": "no checkpoint was written yet"])
        try await store.writeCheckpoint(at: now, epoch: 1, mac: mac)
        try await store.writeCheckpoint(at: now + .seconds(601), epoch: 1, mac: mac)
        let locked = try await store.verify(at: now, checkpointMAC: nil)
        #expect(locked.notChecked == ["L22": "the vault is locked"])
        let open = try await store.verify(at: now, checkpointMAC: mac)
        #expect(open.notChecked == [:])
        #expect(open.findings == [])
        #expect(open.checked.count == 28)
        let forged = try await store.verify(at: now, checkpointMAC: { testSHA256([2] + $0) })
        // Nothing was booked in between, so the second one was not due.
        #expect(forged.findings.map(\.rule) == ["L22"])
        try books.home.tamper("UPDATE ledger_checkpoint SET heads = replace(heads, 'a', 'b')")
        let tampered = try await store.verify(at: now, checkpointMAC: mac)
        #expect(Set(tampered.findings.map(\.rule)) == ["L22", "L24"])
        try await store.close()
    }

    @Test func `a checkpoint names what moved, and holds on to the one before`() async throws {
        let books = try await books()
        let store = books.store
        let mac: @Sendable ([UInt8]) -> [UInt8] = { testSHA256([1] + $0) }
        for index in 0..<4 {
            let now = LedgerFixture.start + .seconds(Int64(index + 2) * 1000)
            _ = try await books.fixture.observe(books.account, 990 - Int64(index), at: now)
            try await store.writeCheckpoint(at: now, epoch: 1, mac: mac)
        }
        let sizes = try await store.read { sql in
            try sql.all(CheckpointRow.all) { CheckpointRow.read($0).lines.count }
        }
        #expect(sizes == [2, 1, 1, 1])
        #expect(
            try await store.verify(at: .init(milliseconds: 0), checkpointMAC: mac).findings == []
        )
        #expect(try await store.verifyAudit(checkpointMAC: mac).heads == 4)
        try books.home.tamper("DELETE FROM ledger_checkpoint WHERE id = 2")
        let found = try await store.verify(at: .init(milliseconds: 0), checkpointMAC: mac)
        #expect(found.findings.map(\.place) == ["checkpoint 3"])
        #expect(found.findings.map(\.rule) == ["L22"])
        try await store.close()
    }

    @Test func `checkpoints of the first schema still count`() async throws {
        let books = try await books()
        let store = books.store
        let mac: @Sendable ([UInt8]) -> [UInt8] = { testSHA256([1] + $0) }
        let now = LedgerFixture.start
        let heads = CheckpointRow.text(try await store.heads())
        let row = CheckpointRow(
            id: 1,
            at: now,
            lastEntry: 5,
            heads: heads,
            mac: [],
            firstMAC: [],
            auditSequence: nil,
            auditHash: [],
            previous: nil
        )
        let tag = mac(row.message)
        try await store.write { books in
            try books.sql.run(
                "INSERT INTO ledger_checkpoint (at_ms, last_entry, heads, mac) VALUES (?, ?, ?, ?)",
                .time(now),
                .int(5),
                .text(heads),
                .blob(tag)
            )
        }
        let alone = try await store.verify(at: now, checkpointMAC: mac)
        #expect(alone.notChecked == [:])
        #expect(alone.findings == [])
        let forged = try await store.verify(at: now, checkpointMAC: { testSHA256([2] + $0) })
        #expect(forged.findings.map(\.rule) == ["L22"])
        try await store.writeCheckpoint(at: now + .seconds(700), epoch: 1, mac: mac)
        let followed = try await store.verify(at: now, checkpointMAC: mac)
        #expect(followed.notChecked == [:])
        #expect(followed.findings == [])
        try await store.close()
    }
}
