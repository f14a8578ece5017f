import PurserCore
import Testing

struct ForecastTests {
    private static let today = CalendarDay(.midNovember)

    /// `spent` of each day, the last being yesterday.
    private func history(_ spent: [Int64]) -> SpendingHistory {
        let first = Self.today.number - spent.count
        let days = spent.enumerated().map { (CalendarDay(number: first + $0), $1) }
        return SpendingHistory(Dictionary(uniqueKeysWithValues: days), before: Self.today)
    }

    /// Some 100 credits a day with noise.
    private func noisy(_ count: Int, seed: UInt64 = 1, mean: Int64 = 100) -> SpendingHistory {
        var generator = SplitMix(state: seed)
        return history(
            (0..<count).map { _ in Int64.random(in: mean / 2...mean * 3 / 2, using: &generator) }
        )
    }

    private func account(
        _ name: String = "a",
        _ tier: Tier = .ultra,
        has credits: Int64?,
        renews: (day: Int, plan: Int64)? = nil,
        reserve: Int64 = 0,
        state: ForecastAccount.State = .working,
        _ history: SpendingHistory
    ) -> ForecastAccount {
        ForecastAccount(
            name: name,
            tier: tier,
            available: credits.map { Credits(unchecked: $0) },
            reserve: Credits(unchecked: reserve),
            renewal: renews.map { .init(day: $0.day, credits: Credits(unchecked: $0.plan)) },
            state: state,
            history: history
        )
    }

    private func forecast(
        _ accounts: [ForecastAccount],
        _ changes: ForecastChanges = ForecastChanges(),
        days: Int = 60,
        seed: UInt64 = 1
    ) throws -> CreditForecast {
        try CreditForecast(accounts, changes, at: .midNovember, days: days, seed: seed, paths: 50)
    }

    private func outlook(_ row: CreditForecast.Row) throws -> Outlook {
        guard case .outlook(let outlook) = row.result else {
            throw CommentedError("\(row.scope): \(row.result)")
        }
        return outlook
    }

    private struct CommentedError: Error {
        let comment: String
        init(_ comment: String) { self.comment = comment }
    }

    /// A day as a number; none within the horizon is later than all.
    private func number(_ day: CalendarDay?) -> Int { day?.number ?? .max }

    // MARK: What must hold of every forecast

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `more credits never run out earlier, and more demand never later`(_ seed: UInt64) throws {
        let past = noisy(14 + Int(seed) * 9, seed: seed)
        let renews = seed.isMultiple(of: 2) ? (day: 28, plan: Int64(2500)) : nil
        var before: Outlook?
        for credits in stride(from: 0, through: 9000, by: 900) as StrideThrough<Int64> {
            let account = account(has: credits, renews: renews, past)
            let now = try outlook(try forecast([account], seed: seed).pool)
            if let before {
                for point in [\Spread<CalendarDay?>.low, \.median, \.high] {
                    #expect(
                        number(before.runsOut[keyPath: point])
                            <= number(now.runsOut[keyPath: point])
                    )
                }
                #expect(before.chance >= now.chance, "seed \(seed)")
                if let one = before.unused, let other = now.unused {
                    #expect(one.credits.median <= other.credits.median, "seed \(seed)")
                }
            }
            before = now
        }
        let some = account(has: 3000, renews: renews, past)
        let demands = try [500, 900, 1000, 1010, 1500, 4000].map { permille in
            try outlook(try forecast([some], ForecastChanges(demand: permille), seed: seed).pool)
        }
        for (less, more) in zip(demands, demands.dropFirst()) {
            #expect(number(less.runsOut.low) >= number(more.runsOut.low), "seed \(seed)")
            #expect(number(less.runsOut.high) >= number(more.runsOut.high), "seed \(seed)")
            #expect(less.perDay.median <= more.perDay.median, "seed \(seed)")
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `a range is in order, within the horizon, and the same for the same seed`(
        _ seed: UInt64
    )
        throws
    {
        let accounts = [
            account("a", has: 2000, renews: (1, 3000), noisy(40, seed: seed)),
            account("b", .tierOne, has: 900, noisy(90, seed: seed + 50)),
        ]
        let one = try forecast(accounts, days: 30, seed: seed)
        #expect(one == (try forecast(accounts, days: 30, seed: seed)))
        for row in one.accounts + one.tiers + [one.pool] {
            let outlook = try outlook(row)
            let points = [outlook.runsOut.low, outlook.runsOut.median, outlook.runsOut.high]
            #expect(points.map(number) == points.map(number).sorted(), "seed \(seed)")
            #expect(points.compactMap(\.self).allSatisfy { $0 >= Self.today })
            #expect(points.compactMap(\.self).allSatisfy { $0.number < Self.today.number + 30 })
            #expect((0...100).contains(outlook.chance))
            if let unused = outlook.unused?.credits {
                #expect(unused.low <= unused.median && unused.median <= unused.high)
                #expect(unused.low >= .zero)
            }
        }
    }

    @Test func `what is spent evenly runs out on the day that arithmetic says`() throws {
        let even = history(Array(repeating: 100, count: 60))
        let outlook = try outlook(try forecast([account(has: 1000, even)]).pool)
        let tenth = CalendarDay(number: Self.today.number + 9)
        #expect(outlook.runsOut == Spread(low: tenth, median: tenth, high: tenth))
        #expect(outlook.chance == 100 && outlook.unused == nil)
        // 16 November to the 26th: ten days.
        let lasting = account(has: 1500, renews: (26, 1500), reserve: 200, even)
        let unused = try #require(try self.outlook(try forecast([lasting]).pool).unused)
        #expect(unused.on.description == "2026-11-26" && unused.credits.median.amount == 500)
    }

    @Test func `weekends are seen`() throws {
        // 16 November 2026 is a Monday: of every seven days the last two are a weekend.
        let past = history((0..<70).map { $0 % 7 < 5 ? 100 : 0 })
        let outlook = try outlook(try forecast([account(has: 450, past)]).pool)
        // Five working days: Friday the 20th, where a plain mean says Sunday.
        #expect(outlook.runsOut.median?.description == "2026-11-20")
    }

    @Test func `a renewal fills up again, and the reserve is not spent`() throws {
        let even = history(Array(repeating: 100, count: 60))
        let enough = account(has: 1200, renews: (26, 3200), even)
        #expect(try outlook(try forecast([enough]).pool).chance == 0)
        let reserved = account(has: 1200, renews: (26, 3200), reserve: 300, even)
        let outlook = try outlook(try forecast([reserved]).pool)
        #expect(outlook.runsOut.median?.description == "2026-11-24")
        #expect(outlook.unused?.credits.median.amount == 300)
    }

    // MARK: What is not known

    @Test func `too little of the past is said and not guessed over`() throws {
        for (past, days, spending) in [
            (history([]), 0, 0), (history(Array(repeating: 9, count: 13)), 13, 13),
            (history([50] + Array(repeating: 0, count: 30) + [50]), 32, 2),
        ] {
            let row = try forecast([account(has: 500, past)]).accounts[0]
            guard case .notEnoughHistory(let history) = row.result else {
                Issue.record("\(row.result)")
                continue
            }
            #expect(history.days == days && history.spendingDays == spending)
        }
        #expect(throws: Never.self) {
            try outlook(try forecast([account(has: 500, noisy(14))]).pool)
        }
    }

    @Test func `an unknown balance is unknown, and left out of the pool`() throws {
        let accounts = [
            account("a", has: nil, noisy(50)), account("b", has: 900, noisy(50, seed: 2)),
        ]
        let both = try forecast(accounts)
        #expect(both.accounts[0].result == .unknownBalance && both.accounts[0].available == nil)
        #expect(both.pool.unknownBalances == 1 && both.pool.available?.amount == 900)
        let alone = try forecast([accounts[1]])
        #expect(both.pool.result == alone.pool.result)
        #expect(try forecast([accounts[0]]).pool.result == .unknownBalance)
    }

    @Test func `an account that takes no work leaves it to the others`() throws {
        let past = noisy(60)
        let paused = account("p", has: 800, state: .stopped, past)
        let forecast = try forecast([paused, account("w", has: 800, past)])
        #expect(forecast.accounts.map(\.result)[0] == .stopped)
        #expect(forecast.pool.available?.amount == 800)
        #expect(forecast.accounts[1].history.total == 2 * past.total)
        #expect(forecast.accounts[0].history == past)
        let stopped = try self.forecast([paused, account("u", has: nil, state: .stopped, past)])
        #expect(stopped.pool.result == .stopped && stopped.pool.unknownBalances == 1)
        #expect(stopped.pool.available?.amount == 800)
        let unread = try self.forecast([account("u", has: nil, state: .stopped, past)])
        #expect(unread.pool.result == .stopped && unread.pool.available == nil)
    }

    @Test func `who is overdrawn takes nothing from the others`() throws {
        let even = history(Array(repeating: 100, count: 60))
        let none = history([])
        let accounts = [account(has: 1000, even), account("b", has: -500, reserve: 50, none)]
        let tenth = CalendarDay(number: Self.today.number + 9)
        #expect(try outlook(try forecast(accounts).pool).runsOut.median == tenth)
    }
}

struct ForecastChangeTests {
    private static let today = CalendarDay(.midNovember)

    private func account(
        _ name: String,
        _ tier: Tier,
        _ credits: Int64,
        plan: Int64?,
        seed: UInt64
    )
        -> ForecastAccount
    {
        var generator = SplitMix(state: seed)
        let days = (1...80).map { day in
            (
                CalendarDay(number: Self.today.number - day),
                Int64.random(in: 0...77, using: &generator)
            )
        }
        return ForecastAccount(
            name: name,
            tier: tier,
            available: Credits(unchecked: credits),
            renewal: plan.map { .init(day: 3, credits: Credits(unchecked: $0)) },
            history: SpendingHistory(Dictionary(uniqueKeysWithValues: days), before: Self.today)
        )
    }

    private var team: [ForecastAccount] {
        [
            account("u1", .ultra, 1000, plan: 2000, seed: 1),
            account("u2", .ultra, 1500, plan: 2000, seed: 2),
            account("t1", .tierOne, 700, plan: nil, seed: 3),
        ]
    }

    private func forecast(_ changes: ForecastChanges) throws -> CreditForecast {
        try CreditForecast(team, changes, at: .midNovember, days: 60, paths: 20)
    }

    private func total(_ row: CreditForecast.Row) -> Int64 { row.history.total }

    @Test(arguments: [
        ForecastChanges(), .init(without: ["u1"]), .init(without: ["u1", "u2"]),
        .init(adding: [.ultra]), .init(adding: [.free, .ultra], plan: Credits(unchecked: 50)),
        .init(without: ["t1", "u2"], adding: [.ultra, .ultra], demand: 1300),
    ])
    func `what there is to do stays the same, whoever does it`(_ changes: ForecastChanges) throws {
        let before = try forecast(ForecastChanges())
        let after = try forecast(changes)
        #expect(total(after.pool) == total(before.pool))
        #expect(after.accounts.map(total).reduce(0, +) == total(before.pool))
        #expect(after.tiers.map(total).reduce(0, +) == total(before.pool))
        #expect(after.pool.history == before.pool.history)
    }

    @Test func `without an account its tier does its work, and it has no row`() throws {
        let before = try forecast(ForecastChanges())
        let after = try forecast(ForecastChanges(without: ["u1"]))
        #expect(after.accounts.map(\.scope) == [.account("u2", .ultra), .account("t1", .tierOne)])
        #expect(total(after.tiers[0]) == total(before.tiers[0]))
        #expect(after.accounts[1].history == before.accounts[2].history)
        #expect(after.pool.available?.amount == 2200)
    }

    @Test func `one account more has the usual plan and a fair part of the work`() throws {
        let after = try forecast(ForecastChanges(adding: [.ultra]))
        let added = try #require(after.accounts.last)
        #expect(added.scope == .account("added ultra 1", .ultra) && added.available?.amount == 2000)
        let whole = total(after.tiers[0])
        #expect(abs(total(added) - whole / 3) < 3)
        #expect(after.pool.available?.amount == 5200)
    }

    @Test func `what cannot be reckoned with is an error with a next step`() throws {
        let name = #expect(throws: ForecastError.self) {
            try forecast(ForecastChanges(without: ["u9"]))
        }
        #expect(name?.message.contains("\"u9\"") == true && name?.kind == .notFound)
        let plan = #expect(throws: ForecastError.self) {
            try forecast(ForecastChanges(adding: [.tierOne]))
        }
        #expect(
            plan?.hint?.contains("--plan") == true && plan?.message.contains("tier-one") == true
        )
        let none = #expect(throws: ForecastError.self) {
            try forecast(ForecastChanges(without: ["u1", "u2", "t1"]))
        }
        #expect(none?.kind == .invalidInput)
        let most = Array(repeating: Tier.ultra, count: 20)
        let many = #expect(throws: ForecastError.self) {
            try forecast(ForecastChanges(adding: most + [.ultra]))
        }
        #expect(many?.message.contains("at most 20") == true && many?.kind == .invalidInput)
        let vain = #expect(throws: ForecastError.self) {
            try forecast(ForecastChanges(plan: Credits(unchecked: 500)))
        }
        #expect(vain?.message.contains("plan") == true && vain?.kind == .invalidInput)
    }

    @Test func `a refund counts for the days that had spent it`() throws {
        func day(_ before: Int) -> CalendarDay { CalendarDay(number: Self.today.number - before) }
        let spent: [CalendarDay: Int64] = [
            day(6): 30, day(5): 100, day(4): 20, day(2): -50, day(1): 10, day(0): 99, day(-1): 9,
        ]
        let history = SpendingHistory(spent, before: Self.today)
        #expect(history.days == [30, 70, 0, 0, 0, 10] && history.start == day(6))
        #expect(SpendingHistory([day(3): -5], before: Self.today).days == [])
        let extreme = SpendingHistory([day(2): .max, day(1): .min], before: Self.today)
        #expect(extreme.days.allSatisfy { $0 >= 0 })
    }

    @Test func `numbers at the ends of what an account may have stop nothing`() throws {
        for amount in [0, 1, Credits.limit] {
            let days = (1...400).map { (CalendarDay(number: Self.today.number - $0), amount) }
            let history = SpendingHistory(
                Dictionary(uniqueKeysWithValues: days),
                before: Self.today
            )
            let accounts = [-Credits.limit, 0, Credits.limit].map { credits in
                ForecastAccount(
                    name: "a\(credits)",
                    tier: .ultra,
                    available: Credits(unchecked: credits),
                    reserve: Credits(unchecked: 5),
                    renewal: .init(day: 31, credits: Credits(unchecked: Credits.limit)),
                    history: history
                )
            }
            for demand in [0, 1000, 100_000] {
                let changes = ForecastChanges(adding: [.ultra], demand: demand)
                let forecast = try CreditForecast(
                    accounts,
                    changes,
                    at: .midNovember,
                    days: 365,
                    paths: 5
                )
                #expect(forecast.accounts.count == 4)
            }
        }
    }
}
