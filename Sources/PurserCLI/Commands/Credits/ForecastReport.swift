import PurserCore
import PurserEngine

/// A forecast in rows, with words that say no more than is known.
struct ForecastReport {
    private let forecast: CreditForecast

    init(_ forecast: CreditForecast) {
        self.forecast = forecast
    }

    var report: Report {
        Report(
            "forecast",
            columns: [
                .init("scope", "OF"), .init("name", "NAME"), .init("tier", "TIER"),
                .init("result", "", isOptional: true), .init("available", "AVAILABLE", .right),
                .init("unknown_balances", "UNKNOWN", .right, isOptional: true),
                .init("history_days", "", isOptional: true),
                .init("spending_days", "", isOptional: true),
                .init("a_day_low", "", isOptional: true),
                .init("a_day_median", "A DAY", .right, isOptional: true),
                .init("a_day_high", "", isOptional: true),
                .init("chance", "", isOptional: true),
                .init("runs_out_low", "RUNS OUT"),
                .init("runs_out_median", "", isOptional: true),
                .init("runs_out_high", "", isOptional: true),
                .init("renews_on", "", isOptional: true),
                .init("unused_low", "UNUSED AT RENEWAL", isOptional: true),
                .init("unused_median", "", isOptional: true),
                .init("unused_high", "", isOptional: true),
            ],
            rows: forecast.rows.map(cells)
        )
    }

    /// The values of the row's document; a range is told in the first of its columns.
    private func cells(_ row: CreditForecast.Row) -> [Report.Cell] {
        guard case .object(let fields) = row.document else { return [] }
        let style: Style? = row.scope == .pool ? .bold : nil
        return fields.map { field in
            let value = field.value
            switch field.name {
            case "scope", "name", "tier": return .init(value, style)
            case "available": return .init(value, shown: row.available?.grouped ?? "unknown", style)
            case "a_day_median":
                return .init(value, shown: value == .null ? "" : Report.Cell(value).shown)
            case "unknown_balances" where row.unknownBalances > 0 && row.scope == .pool:
                return .init(value)
            case "runs_out_low": return .init(value, shown: runsOut(row.result), style)
            case "unused_low": return .init(value, shown: unused(row.result), style)
            default: return .init(value, shown: "")
            }
        }
    }

    // MARK: Words

    private func runsOut(_ result: CreditForecast.Result) -> String {
        switch result {
        case .unknownBalance: "balance unknown"
        case .stopped: "takes no work"
        case .notEnoughHistory(let history):
            history.days < history.daysNeeded
                ? "not enough data: \(history.days.counted("day")) of history, \(history.daysNeeded) are needed"
                : "not enough data: spending on \(history.spendingDays.counted("day")), \(history.spendingDaysNeeded) are needed"
        case .outlook(let outlook): runsOut(outlook)
        }
    }

    private func runsOut(_ outlook: Outlook) -> String {
        func days(_ day: CalendarDay) -> Int { day.number - CalendarDay(forecast.at).number }
        guard let low = outlook.runsOut.low.map(days) else {
            let chance = outlook.chance > 0 ? " (\(outlook.chance) % chance)" : ""
            return "not within \(forecast.days) days\(chance)"
        }
        guard let high = outlook.runsOut.high.map(days) else {
            let first = low == 0 ? "today" : "in \(low.counted("day"))"
            return "\(first) or later (\(outlook.chance) % within \(forecast.days) days)"
        }
        if high == 0 { return "today" }
        guard low < high else { return "in \(low.counted("day"))" }
        let middle = outlook.runsOut.median.map { " (median \(days($0)))" } ?? ""
        return low == 0
            ? "within \(high.counted("day"))\(middle)" : "in \(low) to \(high) days\(middle)"
    }

    private func unused(_ result: CreditForecast.Result) -> String {
        guard case .outlook(let outlook) = result, let unused = outlook.unused else { return "" }
        let low = unused.credits.low.amount
        let high = unused.credits.high.amount
        let day = "on \(unused.on)"
        if high == 0 { return "nothing \(day)" }
        if low == high { return "\(high.grouped) \(day)" }
        let told = Self.rounded(low, high)
        return "about \(told.low.grouped) to \(told.high.grouped) \(day)"
    }

    /// Both ends in steps of which the range has ten or more, rounded inward: what is told never leaves what may be.
    static func rounded(_ low: Int64, _ high: Int64) -> (low: Int64, high: Int64) {
        var step: Int64 = 1
        while (high - low) / step >= 100 { step *= 10 }
        return ((low + step - 1) / step * step, high / step * step)
    }
}
