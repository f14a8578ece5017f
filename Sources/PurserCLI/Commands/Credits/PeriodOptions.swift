import ArgumentParser
import PurserCore

/// The days a report is about; without any of them, all.
struct PeriodOptions: ParsableArguments {
    @OptionGroup var days: SpanOptions

    @Option(help: ArgumentHelp("This month (UTC).", valueName: "2026-11"))
    var month: String?

    @Option(help: ArgumentHelp("The last days or weeks, with today: 30d, 4w.", valueName: "30d"))
    var last: String?

    @Flag(help: "Each account from its last renewal on; from the 1st where its day is not known.")
    var cycle = false

    func validate() throws {
        let isSpan = days.from != nil || days.to != nil
        let ways = [isSpan, month != nil, last != nil, cycle].count { $0 }
        if ways > 1 {
            throw ValidationError(
                "--from with --to, --month, --last and --cycle exclude each other"
            )
        }
    }

    /// Whether any of them was told.
    var isTold: Bool {
        days.from != nil || days.to != nil || month != nil || last != nil || cycle
    }

    func span(now: Timestamp) throws -> ReportSpan {
        let today = CalendarDay(now)
        if cycle { return .cycles(on: today) }
        if let month {
            let first = try Self.firstDay(ofMonth: month)
            return .days(from: first, before: first.next(dayOfMonth: 1))
        }
        if let last {
            let days = try Self.days(last)
            let tomorrow = today.number + 1
            return .days(
                from: CalendarDay(number: tomorrow - days),
                before: CalendarDay(number: tomorrow)
            )
        }
        let (from, to) = try days.days
        return .days(from: from, before: to.map { CalendarDay(number: $0.number + 1) })
    }

    /// Reads `2026-11`.
    static func firstDay(ofMonth text: String) throws -> CalendarDay {
        guard let day = CalendarDay(text + "-01") else {
            throw CommandError.invalid(
                "--month: \(text.debugDescription) is no month",
                hint: "write 2026-11"
            )
        }
        return day
    }

    /// Reads `30d` and `4w`.
    private static func days(_ text: String) throws -> Int {
        let lengths = ["d": 1, "w": 7]
        guard let length = text.last.flatMap({ lengths[String($0)] }),
            let count = Int(text.dropLast()), (1...36_500).contains(count)
        else {
            throw CommandError.invalid(
                "--last: \(text.debugDescription) is no number of days or weeks",
                hint: "write 30d or 4w"
            )
        }
        return count * length
    }
}

extension ReportSpan {
    /// For people: `2026-11-01 to 2026-11-30 (UTC)`.
    var words: String {
        switch self {
        case .cycles(let today): "since each account's last renewal, to \(today) (UTC)"
        case .days(let from, let before):
            switch (from, before.map { CalendarDay(number: $0.number - 1) }) {
            case (nil, nil): "since the beginning"
            case (let first?, nil): "from \(first) on (UTC)"
            case (nil, let last?): "to \(last) (UTC)"
            case (let first?, let last?): "\(first) to \(last) (UTC)"
            }
        }
    }
}
