import PurserCore
import PurserEngine
import PurserTestSupport
import Testing

struct ForecastDeskTests {
    @Test func `a forecast is made of the books, and of nothing that is not over`() async throws {
        try await withEngine { home in
            let first = try await home.add("a", .ultra, credits: 5000)
            try await home.add("unread", .tierOne, credits: nil)
            let books = LedgerFixture(home.engine.store, seed: 7)
            let member = try await books.addMember("m")
            let start = CalendarDay(home.clock.now)
            for day in 1...21 {
                let now = CalendarDay(number: start.number + day).start + .seconds(3600)
                let claim = try await books.claim(books.order(member, videos: 1 + day % 2), at: now)
                for job in try await books.settle(claim, at: now) {
                    try await books.record(job, .successful, at: now)
                }
            }
            let now = CalendarDay(number: start.number + 21).start + .seconds(7200)
            let desk = ForecastDesk(store: home.engine.store, now: { now })
            let forecast = try await desk.forecast(days: 30)
            #expect(forecast == (try await desk.forecast(days: 30)))
            let rows = forecast.accounts
            #expect(rows.map(\.scope) == [.account("a", .ultra), .account("unread", .tierOne)])
            #expect(rows[0].history.days.count == 20 && rows[0].history.end == CalendarDay(now))
            #expect(rows[0].history.total == 300)
            #expect(rows[1].result == .unknownBalance)
            guard case .outlook(let outlook) = forecast.pool.result else {
                Issue.record("\(forecast.pool.result)")
                return
            }
            #expect(outlook.chance == 0 && (10...20).contains(outlook.perDay.median.amount))

            try await home.engine.store.updateAccount(
                first,
                AccountChange(state: .paused(reason: "test")),
                audit: AuditRecord(
                    actor: Actor("test"),
                    verb: "account.pause",
                    subject: "a",
                    detail: ""
                ),
                at: now
            )
            #expect(try await desk.forecast().accounts[0].result == .stopped)
        }
    }
}
