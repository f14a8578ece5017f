import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

struct GroupCommitTests {
    @Test func `claims that wait together are committed together`() async throws {
        let books = try await SmallBooks()
        let before = books.store.commits
        let claims = try await withThrowingTaskGroup(of: Claim.self) { group in
            for _ in 0..<50 {
                let order = books.fixture.order(books.member)
                group.addTask { try await books.fixture.claim(order) }
            }
            return try await group.reduce(into: [Claim]()) { $0.append($1) }
        }
        #expect(Set(claims.map(\.holdSequence)).count == 50)
        #expect(books.store.commits - before < 50)
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `a member of a batch that fails halfway harms nobody`() async throws {
        let books = try await SmallBooks()
        let before = books.store.commits
        let results = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<30 {
                group.addTask {
                    do {
                        try await books.store.write { sql in
                            try sql.writeAudit(
                                AuditRecord(
                                    actor: LedgerFixture.actor,
                                    verb: "test",
                                    subject: "\(index)"
                                ),
                                at: LedgerFixture.start
                            )
                            if index % 3 == 0 { throw StoreError.nameTaken("\(index)") }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.count { $0 } == 20)
        let audit = try await books.store.audit()
        #expect(audit.count { $0.record.verb == "test" } == 20)
        #expect(try await books.store.verifyAudit(checkpointMAC: nil).findings == [])
        #expect(books.store.commits - before < 30)
        // What was remembered of the failed ones is gone too.
        _ = try await books.fixture.claim(books.fixture.order(books.member))
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `stores of several processes share one account without overspending`() async throws {
        let books = try await SmallBooks()
        let others = [try await books.home.open(), try await books.home.open()]
        let fixtures = ([books.store] + others).enumerated().map {
            LedgerFixture($1, seed: UInt64(100 + $0))
        }
        let held = await withTaskGroup(of: Int.self) { group in
            for fixture in fixtures {
                for _ in 0..<4 {
                    group.addTask {
                        var taken = 0
                        for _ in 0..<10 {
                            let order = fixture.order(books.member)
                            guard let claim = try? await fixture.claim(order) else { continue }
                            taken += 1
                            if taken % 2 == 0 { try? await fixture.void(claim) }
                        }
                        return taken
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(held > 50)
        let budget = try await books.store.members().first?.budget
        #expect(budget.map { $0.available >= .zero } == true)
        #expect(try await books.fixture.findings() == [])
        for store in others { try await store.close() }
        try await books.store.close()
    }

    @Test func `a store sees at once what another one committed`() async throws {
        let books = try await SmallBooks()
        let other = try await books.home.open()
        let fixture = LedgerFixture(other, seed: 7)
        _ = try await fixture.claim(fixture.order(books.member, videos: 48))
        let refused = try await fixture.claim(fixture.order(books.member))
        let rest = Rest(
            accountID: books.account.id,
            modelID: nil,
            until: LedgerFixture.start + .seconds(60),
            reason: .concurrencyLimit,
            strikes: 1
        )
        try await fixture.end(refused, .voided, rests: [rest])
        await #expect(throws: RoutingRefusal.self) {
            _ = try await books.fixture.claim(books.fixture.order(books.member))
        }
        let later = LedgerFixture.start + .seconds(60)
        await #expect(throws: StoreError.self) {
            _ = try await books.fixture.claim(
                books.fixture.order(books.member, videos: 3),
                at: later
            )
        }
        _ = try await books.fixture.claim(books.fixture.order(books.member), at: later)
        try await other.close()
        try await books.store.close()
    }
}
