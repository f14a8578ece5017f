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
        ("--plan 0", 78, "--plan 12500"), ("--without ultra-1", 78, "none is left"),
        ("--without ultra-1", 78, "or give --add"), ("--add tier-one", 78, "--monthly-credits N"),
        ("--demand +900% --demand +900% --demand +1%", 78, "several multiply"),
        ("--json --format csv", 64, "exclude each other"),
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
            #expect(result.output.isEmpty || options.contains("--json"))
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
            #expect(
                names == [
                    "pro-1", "added ultra 1", "added ultra 2", "ultra", "tier-one", "all",
                ]
            )
        }
    }

    @Test func `a paused account has the history it had`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            try await home.purser("send ~/capture.txt --wait --account ultra-1")
            home.skipped.add(.seconds(3 * 86_400))
            func days() async throws -> [Int?] {
                let rows = try await home.json("credits forecast")["forecast"]
                let own = (rows as? [[String: Any]])?.first { $0["name"] as? String == "ultra-1" }
                return ["history_days", "spending_days"].map { own?[$0] as? Int }
            }
            let before = try await days()
            #expect(before[0] ?? 0 >= 3 && before[1] == 1)
            try await home.purser("accounts pause ultra-1")
            #expect(try await days() == before)
        }
    }

    @Test(
        arguments: [
            (7400, 12_260), (0, 12_260), (12_001, 12_999), (0, 99), (101, 199), (999, 1000),
            (123_456, 9_876_543),
        ] as [(Int64, Int64)]
    )
    func `a round range never leaves the exact one`(_ low: Int64, _ high: Int64) {
        let told = ForecastReport.rounded(low, high)
        #expect(told.low >= low && told.high <= high && told.low <= told.high)
        #expect((told.high - told.low) * 10 >= (high - low) * 8)
    }

    @Test func `what is left never lapses beyond what there is`() throws {
        #expect(ForecastReport.rounded(11_480, 12_260).high == 12_260)
        #expect(ForecastReport.rounded(0, 12_260).high == 12_000)
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
