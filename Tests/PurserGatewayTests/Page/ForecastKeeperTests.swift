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
        let keeper = ForecastKeeper(now: now) {
            tries.add()
            return nil
        }
        #expect(await keeper.views().isEmpty)
        #expect(await keeper.views().isEmpty)
        #expect(tries.count == 1)
        minutes.add()
        #expect(await keeper.views().isEmpty)
        #expect(tries.count == 2)
    }

    @Test func `a request that goes away does not wait for the reckoning`() async {
        let (words, end) = AsyncStream.makeStream(of: Void.self)
        defer { end.finish() }
        let begun = Timestamp.now
        let now = { @Sendable in begun }
        let keeper = ForecastKeeper(now: now) {
            for await _ in words {}
            return nil
        }
        let request = Task { await keeper.views() }
        request.cancel()
        #expect(await request.value.isEmpty)
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() {
        value.withLock { $0 += 1 }
    }
}
