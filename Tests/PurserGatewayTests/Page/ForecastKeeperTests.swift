import PurserCore
import Synchronization
import Testing

@testable import PurserGateway

@Suite(.timeLimit(.minutes(1)))
struct ForecastKeeperTests {
    @Test func `after a reckoning that failed the next waits a minute`() async {
        let (minutes, tries) = (Counter(), Counter())
        let begun = Timestamp.now
        let now = { @Sendable in begun + .seconds(60 * minutes.count) }
        let keeper = ForecastKeeper(now: now) { _ in
            tries.add()
            return nil
        }
        #expect(await keeper.forecast(of: []) == nil)
        #expect(await keeper.forecast(of: []) == nil)
        #expect(tries.count == 1)
        minutes.add()
        #expect(await keeper.forecast(of: []) == nil)
        #expect(tries.count == 2)
    }

    @Test func `a request that goes away does not wait for the reckoning`() async {
        let (words, end) = AsyncStream.makeStream(of: Void.self)
        defer { end.finish() }
        let begun = Timestamp.now
        let now = { @Sendable in begun }
        let keeper = ForecastKeeper(now: now) { _ in
            for await _ in words {}
            return nil
        }
        let request = Task { await keeper.forecast(of: []) }
        request.cancel()
        #expect(await request.value == nil)
    }

    /// Spending moves balances alone.
    @Test func `one is kept for the very accounts it is of, and ten minutes at most`() async throws
    {
        let (minutes, tries) = (Counter(), Counter())
        let begun = CalendarDay(Timestamp.now).start + .seconds(3600)
        let now = { @Sendable in begun + .seconds(60 * minutes.count) }
        let keeper = ForecastKeeper(now: now) { _ in
            tries.add()
            return try? CreditForecast([], at: now(), days: 30)
        }
        #expect(await keeper.forecast(of: [overview(1, posted: 100)])?.at == begun)
        minutes.add()
        #expect(await keeper.forecast(of: [overview(1, posted: 90)])?.at == begun)
        #expect(tries.count == 1)
        var settings = AccountSettings()
        settings.renewsOnDay = 3
        settings.monthlyCredits = Credits(unchecked: 100)
        for others in [
            [overview(2)], [overview(2, .paused(reason: "why"))], [overview(2, posted: nil)],
            [overview(2, tier: .ultra)], [overview(2, settings: settings)], [],
            [overview(2), overview(1)], [overview(2, name: "renamed")],
        ] {
            let before = tries.count
            #expect(await keeper.forecast(of: others)?.at == now())
            #expect(tries.count == before + 1)
        }
        for _ in 0..<10 { minutes.add() }
        #expect(await keeper.forecast(of: [overview(2, name: "renamed")])?.at == now())
    }

    /// The same name each time.
    private func overview(
        _ id: UInt64,
        _ state: AccountState = .enabled,
        name: String = "ultra",
        tier: Tier = .tierOne,
        posted: Int64? = 100,
        settings: AccountSettings = AccountSettings()
    ) -> AccountOverview {
        let account = Account(
            id: AccountID(high: 7, low: id),
            createdAt: Timestamp(milliseconds: 0),
            name: name,
            tier: tier,
            state: state,
            settings: settings
        )
        let balance = posted.map { Balance(posted: Credits(unchecked: $0), held: .zero) }
        return AccountOverview(
            candidate: Candidate(account: account, balance: balance),
            lastObserved: nil,
            unknown: .zero,
            refundsDue: .zero,
            drift: nil
        )
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() {
        value.withLock { $0 += 1 }
    }
}
