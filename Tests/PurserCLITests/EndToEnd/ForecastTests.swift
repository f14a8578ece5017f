import Foundation
import PurserCore
import PurserEngine
import Testing

@testable import PurserCLI

struct ForecastTests {
    @Test func `what is not known is said in words`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt")
            let shown = try await home.purser("credits forecast")
            #expect(
                shown.output.contains("not enough data: 0 days of history, 14 are needed"),
                "\(shown.output)"
            )
            let rows = try await home.json("credits forecast --horizon 30d")["forecast"]
            let pool = try #require((rows as? [[String: Any]])?.last)
            #expect(pool["result"] as? String == "not_enough_data" && pool["chance"] is NSNull)
            #expect(pool["available"] as? Int == 680)
        }
    }

    @Test(arguments: [
        ("--horizon 3d", 78, "7 to 365"), ("--horizon soon", 78, "write 60d"),
        ("--demand 20", 78, "+20%"), ("--demand -200%", 78, "-100%"),
        ("--without nobody", 73, "accounts list"), ("--add tier-one", 78, "--plan"),
        ("--plan 0", 78, "--plan"), ("--without ultra-1", 78, "none is left"),
        ("--add gold", 64, "gold"), ("--plan 500", 78, "--add"),
        (String(repeating: "--add ultra ", count: 21) + "--plan 500", 78, "at most 20"),
    ])
    func `what cannot be reckoned with is refused with a hint`(
        _ options: String,
        _ status: Int32,
        _ says: String
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser("credits forecast " + options, expecting: status)
            #expect(result.messages.contains(says), "\(result.messages)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func `what-ifs combine`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            let options =
                "--without ultra-1 --add ultra --add ultra --plan 500 --demand +20% --demand -10%"
            let rows = try await home.json("credits forecast " + options)["forecast"]
            let names = try #require(rows as? [[String: Any]]).map { $0["name"] as? String }
            #expect(names == ["pro-1", "+ultra", "+ultra", "ultra", "tier-one", "all"])
        }
    }

    @Test func `ranges are told in days and in round numbers`() throws {
        let now = try #require(CalendarDay("2026-11-16")).start
        func shown(_ available: Int64, day: Int?, spent: (Int) -> Int64) throws -> String {
            let days = (1...60).map {
                (CalendarDay(number: CalendarDay(now).number - $0), spent($0))
            }
            let account = ForecastAccount(
                name: "a",
                tier: .ultra,
                available: Credits(unchecked: available),
                renewal: day.map { .init(day: $0, credits: Credits(unchecked: 4000)) },
                history: SpendingHistory(
                    Dictionary(uniqueKeysWithValues: days),
                    before: CalendarDay(now)
                )
            )
            let forecast = try CreditForecast([account], at: now, days: 60, paths: 60)
            return ForecastReport(forecast).report.rendered(as: .table)
        }
        #expect(try shown(1000, day: nil) { _ in 100 }.contains("in 9 days"))
        #expect(try shown(100, day: nil) { _ in 100 }.contains("today"))
        let ample = try shown(2345, day: 26) { _ in 100 }
        #expect(ample.contains("not within 60 days") && ample.contains("1,345 on 2026-11-26"))
        #expect(try shown(500, day: 26) { _ in 100 }.contains("nothing on 2026-11-26"))
        let noisy = try shown(1500, day: 26) { Int64($0 * 37 % 101) }
        #expect(noisy.contains("about ") && noisy.contains(" to "))
    }
}
