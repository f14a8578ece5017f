import PurserCore
import PurserEngine

/// Amounts along time, drawn with characters for a terminal: `▁▃··█`.
enum Sparkline {
    /// The most values that a sparkline shows: the last ones.
    static let mostValues = 40

    private static let levels = Array("▁▂▃▄▅▆▇█")

    /// The last values, a dot for none; what lies between two labels of a report had none.
    static func text(_ values: [(label: String, value: Int64)], by key: ReportKey) -> String {
        let known = values.compactMap { label, value in
            CalendarDay(key == .month ? label + "-01" : label).map { ($0, value) }
        }
        guard let first = known.first?.0, let last = known.last?.0 else { return "" }
        let byDay = Dictionary(known) { first, _ in first }
        var line: [Int64] = []
        var day = first
        while day <= last {
            line.append(byDay[day] ?? 0)
            day = next(after: day, key)
        }
        let shown = line.suffix(mostValues)
        let most = max(shown.max() ?? 0, 1)
        return String(
            shown.map { value in
                value <= 0 ? "·" : levels[Int(Double(value) / Double(most) * 7.0)]
            }
        )
    }

    private static func next(after day: CalendarDay, _ key: ReportKey) -> CalendarDay {
        switch key {
        case .month: day.next(dayOfMonth: 1)
        case .week: CalendarDay(number: day.number + 7)
        default: CalendarDay(number: day.number + 1)
        }
    }
}
