import PurserCore
import Testing

struct RestRuleTests {
    private let now = Timestamp.midNovember

    private func rest(
        _ cause: RefusalCause,
        retryAfter: Duration? = nil,
        models: [ModelID] = [ModelID("fast")],
        earlier: [Rest] = []
    ) -> [Rest] {
        RestRule.rests(
            for: cause,
            retryAfter: retryAfter,
            of: .sample("a"),
            models: models,
            price: Credits(unchecked: 10),
            earlier: earlier,
            at: now
        )
    }

    private func earlier(strikes: Int, endedAgo span: Duration, successes: Int = 0) -> Rest {
        Rest(
            accountID: .sample("a"),
            modelID: nil,
            until: now - span,
            reason: .throttled,
            strikes: strikes,
            successes: successes
        )
    }

    @Test func `each throttling doubles the rest, from a minute to half an hour`() {
        var spans: [Duration] = []
        for strikes in 0...8 {
            let last = strikes == 0 ? [] : [earlier(strikes: strikes, endedAgo: .zero)]
            spans += rest(.throttled, earlier: last).map { $0.until - now }
        }
        let minutes = [1, 2, 4, 8, 16, 30, 30, 30, 30]
        #expect(spans == minutes.map { .seconds(60 * $0) })
    }

    @Test(arguments: [(0, 5), (5, 5), (90, 90), (1800, 1800), (100_000, 1800)])
    func `a Retry-After is obeyed between a floor and a cap`(asked: Int, given: Int) {
        let rests = rest(.throttled, retryAfter: .seconds(asked))
        #expect(rests.map { $0.until - now } == [.seconds(given)])
    }

    @Test func `strikes are forgotten one by one`() {
        let last = earlier(strikes: 3, endedAgo: .zero)
        #expect(last.strikes(at: now - .seconds(1)) == 3)
        #expect(last.strikes(at: now + RestRule.forgetting - .milliseconds(1)) == 3)
        #expect(last.strikes(at: now + RestRule.forgetting) == 2)
        #expect(last.strikes(at: now + RestRule.forgetting * 3) == 0)
        #expect(last.strikes(at: Timestamp(milliseconds: .max)) == 0)
        let ended = earlier(strikes: 3, endedAgo: RestRule.forgetting * 2)
        #expect(rest(.throttled, earlier: [ended]).map(\.strikes) == [2])
    }

    @Test func `an account comes back with one job, and with twice as many after each success`() {
        for (successes, width) in [(0, 1), (1, 2), (2, 4), (3, nil)] {
            let rest = earlier(strikes: 1, endedAgo: .seconds(1), successes: successes)
            let settings = AccountSettings(maxInFlight: 8)
            let candidate = Candidate.sample("a", rests: [rest], settings: settings)
            #expect(candidate.comeback(at: now)?.width == width)
        }
        let forgotten = earlier(strikes: 1, endedAgo: RestRule.forgetting)
        #expect(Candidate.sample("a", rests: [forgotten]).comeback(at: now) == nil)
    }

    @Test func `after a rest of every account one comes back, then two more, then four`() {
        let waves = (0...7).map { RestRule.delay(ofPlace: $0) }
        #expect(waves == [0, 1, 1, 2, 2, 2, 2, 3].map { RestRule.wave * $0 })
    }

    @Test func `a daily quota rests each model of the request until midnight`() {
        let rests = rest(.dailyModelQuota, models: [ModelID("b"), ModelID("a"), ModelID("b")])
        #expect(rests.map(\.modelID) == [ModelID("a"), ModelID("b")])
        #expect(Set(rests.map { $0.until - now }) == [.seconds(86_400)])
        #expect(rest(.dailyModelQuota, models: []).isEmpty)
    }

    @Test(arguments: RefusalCause.allCases)
    func `only limits make an account rest`(_ cause: RefusalCause) {
        let limits: Set<RefusalCause> = [
            .throttled, .limited, .dailyModelQuota, .outOfCredits, .concurrencyLimit,
            .tooMuchTraffic, .networkRefused,
        ]
        #expect(rest(cause).isEmpty != limits.contains(cause))
    }
}
