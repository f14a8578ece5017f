/// A day of the proleptic Gregorian calendar in UTC, counted from 1970-01-01.
///
/// The conversions are those of Howard Hinnant's "chrono-compatible low-level date algorithms": exact integer
/// arithmetic, no time zone, no locale.
package struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(number: Int) {
        self.number = number
    }

    package init(_ instant: Timestamp) {
        let day = Int64(86_400_000)
        let quotient = instant.milliseconds / day
        number = Int(instant.milliseconds % day < 0 ? quotient - 1 : quotient)
    }

    /// Fails for a day that does not exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        self.init(ofYear: year, month, day)
    }

    /// A day that exists, of any year.
    private init(ofYear year: Int, _ month: Int, _ day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    /// Reads `2026-11-30`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
            parts[2].utf8.count == 2, let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var components: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Midnight UTC at the day's beginning.
    package var start: Timestamp { Timestamp(milliseconds: Int64(number) * 86_400_000) }

    package var description: String {
        let (year, month, day) = components
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    package static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.number < b.number }

    /// The last day on or before `self` that is `dayOfMonth`, clamped to the month's length: an
    /// account that renews on the 31st renews on the 30th of November.
    package func latest(dayOfMonth: Int) -> CalendarDay {
        let (year, month, _) = components
        let here = Self.clamped(year: year, month: month, day: dayOfMonth)
        if here <= self { return here }
        return month == 1
            ? Self.clamped(year: year - 1, month: 12, day: dayOfMonth)
            : Self.clamped(year: year, month: month - 1, day: dayOfMonth)
    }

    /// The first day after `self` that is `dayOfMonth`, clamped likewise.
    package func next(dayOfMonth: Int) -> CalendarDay {
        let (year, month, _) = components
        let here = Self.clamped(year: year, month: month, day: dayOfMonth)
        if here > self { return here }
        return month == 12
            ? Self.clamped(year: year + 1, month: 1, day: dayOfMonth)
            : Self.clamped(year: year, month: month + 1, day: dayOfMonth)
    }

    /// The last Monday on or before `self`.
    package var monday: CalendarDay {
        // 1970-01-01 was a Thursday.
        CalendarDay(number: number - ((number + 3) % 7 + 7) % 7)
    }

    /// Of years beyond those that can be written too: what follows December 9999 must not come before it.
    private static func clamped(year: Int, month: Int, day: Int) -> CalendarDay {
        let clamped = min(max(day, 1), length(ofMonth: month, year: year))
        return CalendarDay(ofYear: year, month, clamped)
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
