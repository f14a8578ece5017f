import PurserCore
import Testing

struct CalendarDayTests {
    private func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

    @Test func `every day of four hundred years comes back from its parts`() throws {
        let first = try day("1800-01-01")
        let last = try day("2200-01-01")
        #expect(last.number - first.number == 146_097)
        var expected = (year: 1800, month: 1, day: 1)
        for number in first.number..<last.number {
            let (year, month, date) = CalendarDay(number: number).components
            guard (year, month, date) == expected,
                CalendarDay(year: year, month: month, day: date)?.number == number
            else {
                Issue.record("day \(number): \(year)-\(month)-\(date), expected \(expected)")
                return
            }
            let following = CalendarDay(year: year, month: month, day: date + 1)
            expected =
                following != nil
                ? (year, month, date + 1) : month == 12 ? (year + 1, 1, 1) : (year, month + 1, 1)
        }
    }

    @Test func `the epoch is day 0, and an instant belongs to the day it lies in`() throws {
        #expect(CalendarDay(number: 0).description == "1970-01-01")
        #expect(CalendarDay(Timestamp(milliseconds: 86_399_999)).number == 0)
        #expect(CalendarDay(Timestamp(milliseconds: 86_400_000)).number == 1)
        #expect(CalendarDay(Timestamp(milliseconds: -1)).number == -1)
        #expect(CalendarDay(Timestamp(milliseconds: -86_400_000)).number == -1)
        #expect(CalendarDay(Timestamp(milliseconds: -86_400_001)).number == -2)
        #expect(try day("2026-11-16").start == .midNovember)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-01", "2026-11-31", "0000-01-01", "26-11-30",
        "2026-1-1", "2026-11-30T00", "2026--1-01", "2026-11-", "1900-02-29", "", "2026/11/30",
    ])
    func `a day that does not exist or is not written so is refused`(text: String) {
        #expect(CalendarDay(text) == nil)
    }

    @Test(arguments: ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2026-11-30"])
    func `a day is written as it is read`(text: String) {
        #expect(CalendarDay(text)?.description == text)
    }

    @Test(arguments: [
        ("2026-11-30", 31, "2026-11-30", "2026-12-31"),
        ("2026-11-29", 31, "2026-10-31", "2026-11-30"),
        ("2027-02-28", 29, "2027-02-28", "2027-03-29"),
        ("2028-02-28", 29, "2028-01-29", "2028-02-29"),
        ("2027-03-01", 30, "2027-02-28", "2027-03-30"),
        ("2027-01-15", 20, "2026-12-20", "2027-01-20"),
        ("2026-12-31", 31, "2026-12-31", "2027-01-31"),
        ("2026-12-01", 1, "2026-12-01", "2027-01-01"),
        ("9999-12-05", 4, "9999-12-04", "10000-01-04"),
        ("0001-01-03", 4, "0000-12-04", "0001-01-04"),
    ])
    func `a day of the month is clamped to the month's length`(
        today: String,
        dayOfMonth: Int,
        latest: String,
        next: String
    ) throws {
        #expect(try day(today).latest(dayOfMonth: dayOfMonth).description == latest)
        #expect(try day(today).next(dayOfMonth: dayOfMonth).description == next)
    }

    @Test func `a billing period holds every one of its days and has 28 to 31 of them`() throws {
        let first = try day("2026-01-01").number
        for number in first..<first + 1500 {
            for dayOfMonth in [1, 15, 28, 29, 30, 31] {
                let today = CalendarDay(number: number)
                let (start, end) = (
                    today.latest(dayOfMonth: dayOfMonth), today.next(dayOfMonth: dayOfMonth)
                )
                let fits =
                    start <= today && today < end && (28...31).contains(end.number - start.number)
                guard fits,
                    CalendarDay(number: end.number - 1).latest(dayOfMonth: dayOfMonth) == start
                else {
                    Issue.record("\(today), renewing on \(dayOfMonth): \(start) to \(end)")
                    return
                }
            }
        }
    }
}
