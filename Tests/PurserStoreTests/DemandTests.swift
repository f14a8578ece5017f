import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// What the router is told of the work on the days before.
struct DemandTests {
    private let day = Duration.seconds(86_400)

    @Test func `claims and explanations reckon with the work of the thirty days before`()
        async throws
    {
        let books = try await SmallBooks { $0.policy = .balanced }
        let fixture = books.fixture
        let settings = AccountSettings(
            maxInFlight: 1000,
            monthlyCredits: Credits(unchecked: 1000)
        )
        _ = try await fixture.addAccount("pro", tier: .tierOne, settings: settings)
        _ = try await fixture.addAccount("ultra", settings: settings)
        let fast = try #require(Catalogue.builtin.model(forKey: "veo_3_1_t2v_fast"))
        func order(videos: Int) -> ClaimOrder {
            fixture.order(books.member, videos: videos, model: fast.id.rawValue)
        }
        func shown(_ store: SQLiteStore, at now: Timestamp) async throws -> String? {
            let request = RouteRequest(models: [fast])
            return try await store.explain(request, mediaIDs: [], for: nil, at: now)
                .lines.first?.score
        }
        let usual = "10 credits at a worth of 1.30, ultra's premium included"
        let dearer = "10 credits at a worth of 1.60, ultra's premium included"

        let start = LedgerFixture.start
        let first = try await fixture.claim(order(videos: 10), at: start)
        #expect(first.decision.contains("at a worth of 1.30"))
        _ = try await fixture.settle(first, at: start)
        #expect(try await shown(books.store, at: start) == usual)

        let next = start + day
        let second = try await fixture.claim(order(videos: 1), at: next)
        #expect(second.decision.contains("at a worth of 1.60"))
        let other = try await books.home.open { $0.policy = .balanced }
        #expect(try await shown(other, at: next) == dearer)
        #expect(try await shown(other, at: start + day * 30) == dearer)
        #expect(try await shown(other, at: start + day * 31) == usual)
        let last = try await fixture.claim(order(videos: 1), at: start + day * 31)
        #expect(last.decision.contains("at a worth of 1.30"))
        try await other.close()
    }
}
