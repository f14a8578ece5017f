import PurserCore
import Testing

struct SpendingLimitTests {
    private func days(_ window: SpendingWindow, _ day: String) throws -> String {
        let now = try #require(CalendarDay(day)).start + .seconds(3600 * 13)
        guard let days = window.days(at: now) else { return "all" }
        return "\(days.lowerBound) to \(days.upperBound)"
    }

    @Test(
        arguments: [
            (.day, "2026-11-21", "2026-11-21 to 2026-11-22"),
            // A Saturday, a Sunday and a Monday.
            (.week, "2026-11-21", "2026-11-16 to 2026-11-23"),
            (.week, "2026-11-22", "2026-11-16 to 2026-11-23"),
            (.week, "2026-11-23", "2026-11-23 to 2026-11-30"),
            (.week, "1969-12-28", "1969-12-22 to 1969-12-29"),
            (.month, "2026-11-01", "2026-11-01 to 2026-12-01"),
            (.month, "2026-12-31", "2026-12-01 to 2027-01-01"),
            (.cycle(day: 28), "2026-11-27", "2026-10-28 to 2026-11-28"),
            (.cycle(day: 28), "2026-11-28", "2026-11-28 to 2026-12-28"),
            (.cycle(day: 15), "2027-01-03", "2026-12-15 to 2027-01-15"),
            (.total, "2026-11-21", "all"),
        ] as [(SpendingWindow, String, String)]
    )
    func `a window is whole days in UTC`(
        _ window: SpendingWindow,
        _ day: String,
        _ expected: String
    ) throws {
        #expect(try days(window, day) == expected)
    }

    @Test func `windows follow each other without a gap`() throws {
        let windows: [SpendingWindow] = [.day, .week, .month, .cycle(day: 1), .cycle(day: 28)]
        for window in windows {
            var days = try #require(window.days(at: Timestamp(milliseconds: 0)))
            for _ in 0..<1000 {
                let last = CalendarDay(number: days.upperBound.number - 1)
                #expect(window.days(at: last.start) == days)
                let next = try #require(window.days(at: days.upperBound.start))
                #expect(next.lowerBound == days.upperBound)
                days = next
            }
        }
    }

    private func status(spent: Int64, held: Int64, warnAt: Int?) -> SpendingStatus {
        SpendingStatus(
            owner: .team,
            limit: SpendingLimit(
                window: .day,
                credits: Credits(unchecked: 100),
                warnAt: warnAt
            ),
            spent: Credits(unchecked: spent),
            held: Credits(unchecked: held),
            resetsAt: nil
        )
    }

    @Test func `what is left is never below nothing, and more after a refund`() {
        #expect(status(spent: 60, held: 30, warnAt: nil).left == Credits(unchecked: 10))
        #expect(status(spent: 90, held: 30, warnAt: nil).left == .zero)
        #expect(status(spent: -20, held: 0, warnAt: nil).left == Credits(unchecked: 120))
    }

    @Test func `a warning begins at its percentage`() {
        #expect(!status(spent: 99, held: 1, warnAt: nil).warns())
        #expect(!status(spent: 40, held: 39, warnAt: 80).warns())
        #expect(status(spent: 40, held: 40, warnAt: 80).warns())
        #expect(status(spent: 40, held: 30, warnAt: 80).warns(after: Credits(unchecked: 10)))
    }
}
