import PurserCore
import Testing

/// A pool of two accounts from the first of November on, which renew on the 11th.
private func pool(_ tierOne: Int64, _ ultra: Int64, slots: Int = 4) -> [Candidate] {
    func settings(_ plan: Int64) -> AccountSettings {
        AccountSettings(
            maxInFlight: slots,
            monthlyCredits: Credits(unchecked: plan),
            renewsOnDay: 11
        )
    }
    return [
        .sample("pro", .tierOne, credits: tierOne, settings: settings(100)),
        .sample("ultra", .ultra, credits: ultra, settings: settings(200)),
    ]
}

private func day(_ number: Int, _ minute: Int64 = 0) -> Timestamp {
    (CalendarDay(year: 2026, month: 11, day: number)?.start ?? Timestamp(milliseconds: 0))
        + .seconds(minute * 60)
}

private func replay(_ requests: [Trace.Request], over pool: [Candidate]) -> Replay {
    Replay(of: Trace(requests), over: pool, from: day(1), to: day(21))
}

struct ReplayTests {
    private let exclusive = Model.sample("exclusive", [.ultra: 100])

    @Test(arguments: PolicyName.allCases)
    func `a renewal wipes out what is left and grants the plan`(policy: PolicyName) {
        let outcome = replay([], over: pool(40, 50)).outcome(of: policy)
        #expect(outcome.granted == 40 + 50 + 100 + 200)
        #expect(outcome.wasted == 90)
        #expect(outcome.left == 300)
    }

    @Test(arguments: PolicyName.allCases)
    func `a video counts as its list price, whoever makes it`(policy: PolicyName) {
        let request = Trace.Request(at: day(2), model: .fast, count: 2)
        let outcome = replay([request], over: pool(0, 50)).outcome(of: policy)
        #expect(outcome.videos == 2)
        #expect(outcome.value == 40)
        #expect(outcome.spent == 20)
    }

    @Test(arguments: PolicyName.allCases)
    func `what no account has the credits for is refused, and nothing else is`(policy: PolicyName) {
        let requests = [
            Trace.Request(at: day(2), model: exclusive, count: 1),
            Trace.Request(at: day(2, 1), model: .fast, count: 1),
            Trace.Request(at: day(11), model: exclusive, count: 2),
        ]
        let outcome = replay(requests, over: pool(0, 50)).outcome(of: policy)
        #expect(outcome.videos == 3)
        #expect(outcome.refusedVideos == 1)
        #expect(outcome.refusedValue == 100)
    }

    @Test(arguments: PolicyName.allCases)
    func `who finds every slot taken waits for a job to end`(policy: PolicyName) {
        let requests = (0..<9).map { _ in Trace.Request(at: day(12), model: .fast, count: 1) }
        let outcome = replay(requests, over: pool(0, 0, slots: 1)).outcome(of: policy)
        #expect(outcome.videos == 9)
    }

    @Test(arguments: PolicyName.allCases)
    func `an account that is paused serves nothing`(policy: PolicyName) {
        let paused = Candidate.sample("ultra", state: .paused(reason: "x"))
        let history = replay([Trace.Request(at: day(2), model: .fast, count: 1)], over: [paused])
        #expect(history.outcome(of: policy).videos == 0)
        #expect(history.bound().value == 0)
    }

    @Test func `balanced learns from what was served on the thirty days before`() {
        var accounts = pool(1000, 1000)
        // Without a day of renewal a credit is worth 1.00 throughout.
        for place in accounts.indices { accounts[place].account.settings.renewsOnDay = nil }
        let near = Model.sample("near", [.tierOne: 15, .ultra: 10])
        let asked = [(2, exclusive), (2, near), (3, near), (33, near)]
        let requests = asked.enumerated().map { place, request in
            let at = day(1) + .seconds((request.0 - 1) * 86_400 + place * 60)
            return Trace.Request(at: at, model: request.1, count: 1)
        }
        let history = Replay(
            of: Trace(requests),
            over: accounts,
            from: day(1),
            to: day(1) + .seconds(60 * 86_400)
        )
        // On the second day nothing was known, on the third ultra was dear; on the 33rd only the third counts.
        #expect(history.outcome(of: .balanced).spent == 100 + 10 + 15 + 10)
    }

    @Test func `renewals end with the calendar`() throws {
        let last = try #require(CalendarDay(year: 9999, month: 12, day: 31))
        for (month, renewals) in [(10, 2), (12, 0)] as [(Int, Int64)] {
            let first = try #require(CalendarDay(year: 9999, month: month, day: 20))
            let history = Replay(
                of: Trace([]),
                over: pool(40, 50),
                from: first.start,
                to: CalendarDay(number: last.number + 1).start
            )
            #expect(history.outcome(of: .balanced).granted == 40 + 50 + renewals * (100 + 200))
        }
    }

    @Test(arguments: PolicyName.allCases)
    func `numbers at the ends of what there may be stop nothing`(policy: PolicyName) {
        var accounts = pool(Credits.limit, Credits.limit, slots: 100)
        for place in accounts.indices {
            accounts[place].account.settings.monthlyCredits = Credits(unchecked: Credits.limit)
        }
        let prices = [1, Replay.highestPrice, Replay.highestPrice + 1, Credits.limit]
        let requests = prices.flatMap { price in
            [price, 1].map { ultra in
                let model = Model.sample("\(price) \(ultra)", [.tierOne: price, .ultra: ultra])
                return Trace.Request(at: day(12), model: model, count: 100)
            }
        }
        let history = replay(requests, over: accounts)
        #expect(history.trace.videos == 400 && history.leftOutVideos == 400)
        let outcome = history.outcome(of: policy)
        #expect(outcome.value == history.bound(pieces: 4).value)
        #expect(outcome.granted == outcome.spent + outcome.wasted + outcome.left)
    }

    @Test func `a scarce credit may have the highest price`() {
        let models = [
            Model.sample("dear", [.tierOne: Replay.highestPrice, .ultra: 1]),
            Model.sample("even", [.tierOne: 1, .ultra: Replay.highestPrice]),
        ]
        let requests = (0..<8).map {
            Trace.Request(at: day(12, $0), model: models[Int($0) % 2], count: 100)
        }
        let history = replay(requests, over: pool(0, 0, slots: 100))
        let bound = history.bound(pieces: 24).value
        for policy in PolicyName.allCases {
            #expect(history.outcome(of: policy).value <= bound)
        }
    }

    @Test
    func
        `credits are conserved, what was asked for is delivered or refused, and it is so every time`()
    {
        for seed in 0..<UInt64(3) {
            var generator = SplitMix(state: seed)
            let scenario = Scenario.drawn("random", using: &generator)
            let history = scenario.replay
            let bound = history.bound(pieces: 4).value
            for policy in PolicyName.allCases {
                let outcome = history.outcome(of: policy)
                #expect(outcome.granted == outcome.spent + outcome.wasted + outcome.left)
                #expect(outcome.videos + outcome.refusedVideos == history.trace.videos)
                #expect(outcome.value + outcome.refusedValue == history.trace.value)
                #expect(outcome.value <= bound, "\(policy) seed \(seed)")
            }
            #expect(history.outcome(of: .balanced) == history.outcome(of: .balanced))
        }
    }

    @Test func `balanced delivers no less than taking turns, in every scenario with a name`() {
        var generator = SplitMix(state: 1)
        for scenario in Scenario.shipped(using: &generator) {
            let balanced = scenario.replay.outcome(of: .balanced).value
            let turns = scenario.replay.outcome(of: .roundRobin).value
            #expect(balanced >= turns, "\(scenario.name)")
        }
    }
}

struct HindsightBoundTests {
    /// The best that any choice, refusals included, can do: every choice is tried.
    private func optimum(
        _ requests: ArraySlice<Trace.Request>,
        _ balances: [(tier: Tier, first: Int64, second: Int64)],
        renewal: Timestamp
    ) -> Int64 {
        guard let request = requests.first else { return 0 }
        let rest = requests.dropFirst()
        var best = optimum(rest, balances, renewal: renewal)
        for place in balances.indices {
            guard let price = request.model.offers[balances[place].tier]?.price?.amount else {
                continue
            }
            var next = balances
            let cost = price * Int64(request.count)
            if request.at < renewal {
                next[place].first -= cost
            } else {
                next[place].second -= cost
            }
            guard next[place].first >= 0, next[place].second >= 0 else { continue }
            best = max(best, request.value + optimum(rest, next, renewal: renewal))
        }
        return best
    }

    @Test func `nothing beats the bound, and on small pools it is near what can be done`() {
        let models: [Model] = [
            .fast, .free, .sample("exclusive", [.ultra: 30]),
            .sample("lite", [.tierOne: 10, .ultra: 5]),
            .sample("same", [.tierOne: 12, .ultra: 12]),
        ]
        var (bounds, optima): (Int64, Int64) = (0, 0)
        for seed in 0..<20 {
            var generator = SplitMix(state: UInt64(seed))
            let requests = Trace(
                (0..<7).map { _ in
                    Trace.Request(
                        at: day(Int.random(in: 1...20, using: &generator)),
                        model: models[Int.random(in: models.indices, using: &generator)],
                        count: Int.random(in: 1...2, using: &generator)
                    )
                }
            ).requests
            let opening = (0..<2).map { _ in Int64.random(in: 0...60, using: &generator) }
            var accounts = pool(opening[0], opening[1])
            accounts[0].account.settings.monthlyCredits = Credits(unchecked: 40)
            accounts[1].account.settings.monthlyCredits = Credits(unchecked: 50)
            let history = replay(requests, over: accounts)
            let bound = history.bound(pieces: 8).value
            let best = optimum(
                requests[...],
                [(.tierOne, opening[0], 40), (.ultra, opening[1], 50)],
                renewal: day(11)
            )
            #expect(bound >= best, "seed \(seed)")
            for policy in PolicyName.allCases {
                #expect(history.outcome(of: policy).value <= best, "seed \(seed) \(policy)")
            }
            bounds += bound
            optima += best
        }
        // What is left is that videos cannot be cut in pieces: much, where there are seven.
        #expect(bounds * 100 <= optima * 125)
    }

    @Test func `credits that no price fits into are not counted`() {
        let requests = (0..<9).map { _ in Trace.Request(at: day(12), model: .fast, count: 1) }
        let accounts = [
            Candidate.sample(
                "pro",
                .tierOne,
                credits: 0,
                settings: AccountSettings(
                    monthlyCredits: Credits(unchecked: 99),
                    renewsOnDay: 11
                )
            )
        ]
        #expect(replay(requests, over: accounts).bound().value == 80)
    }

    @Test func `where everything can be served the bound is all of it`() {
        let request = Trace.Request(at: day(2), model: .fast, count: 2)
        #expect(replay([request], over: pool(0, 50)).bound().value == 40)
        #expect(replay([request], over: []).bound().value == 0)
    }
}
