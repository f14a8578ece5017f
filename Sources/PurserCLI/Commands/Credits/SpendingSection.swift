import PurserCore
import PurserEngine
import PurserPages

/// What was spent, as every form shows it.
struct SpendingSection {
    private static let barWidth = 20

    let report: CreditReport

    /// All columns, but for a terminal: it gets bars, and no more columns than it has room for.
    ///
    /// `output`: where a table goes, and `nil` for every other form.
    func section(on output: Console.Stream? = nil) -> ReportSection {
        let keys = report.keys
        let names = [keys.rows, keys.columns].compactMap { $0?.rawValue }
        let isTerminal = output?.isTerminal == true
        return ReportSection(
            heading: "Spent by " + names.joined(separator: " and "),
            report: keys.columns == nil
                ? single(hasBars: isTerminal)
                : cross(hasTrend: isTerminal, isTerminal ? output?.width : nil),
            records: keys.columns == nil ? nil : records,
            document: report.document,
            chart: chart
        )
    }

    // MARK: One key

    private func single(hasBars: Bool) -> Report {
        let key = report.keys.rows.rawValue
        var table = Report(
            "spending",
            columns: [.init(key, key.uppercased())] + Self.amountColumns,
            rows: report.rows.map { [.init($0.label)] + Self.cells($0.amounts) },
            totals: report.rows.isEmpty
                ? nil : [.init(report.total.label, .bold)] + Self.cells(report.total.amounts),
            emptyText: "nothing was spent in this span"
        )
        guard hasBars else { return table }
        let most = report.rows.map(\.spent.amount).max() ?? 0
        table = table.adding(
            .init("bar", ""),
            report.rows.map { row in
                .init(
                    .null,
                    shown: Bar(left: row.spent.amount, of: most, width: Self.barWidth).text,
                    .cyan
                )
            }
        )
        return table
    }

    private static let amountColumns: [Report.Column] = [
        .init("videos", "VIDEOS", .right), .init("charged", "CHARGED", .right),
        .init("refunded", "REFUNDED", .right), .init("spent", "SPENT", .right),
    ]

    private static func cells(_ amounts: CreditReport.Amounts) -> [Report.Cell] {
        [
            .init(amounts.videos), .init(amounts.charged), .init(amounts.refunded),
            .init(amounts.spent, .bold),
        ]
    }

    // MARK: Two keys

    /// One record for each cell in which something was done.
    private var records: Report {
        let keys = [report.keys.rows, report.keys.columns].compactMap { $0 }
        return Report(
            "spending",
            columns: keys.map { .init($0.rawValue, $0.rawValue.uppercased()) } + Self.amountColumns,
            rows: report.rows.flatMap { row in
                zip(report.columns, row.cells).filter { !$1.isNothing }.map { column, amounts in
                    [.init(row.label), .init(column.label)] + Self.cells(amounts)
                }
            }
        )
    }

    /// What was spent, a column for each of the second key; `width`: of a terminal.
    private func cross(hasTrend: Bool, _ width: Int?) -> Report {
        let key = report.keys.rows.rawValue
        let shown = FoldedColumns(report, atMost: width.map(columnsThatFit) ?? .max)
        func cells(_ row: CreditReport.Row, _ style: Style?) -> [Report.Cell] {
            [.init(row.label, style)] + shown.amounts(of: row).map { .init(JSONOutput($0), style) }
                + [.init(row.spent, .bold)]
        }
        let table = Report(
            "spending",
            columns: [.init(key, key.uppercased())]
                + shown.labels.map { .init($0, $0, .right) } + [.init("spent", "SPENT", .right)],
            rows: report.rows.map { cells($0, nil) },
            totals: report.rows.isEmpty ? nil : cells(report.total, .bold),
            emptyText: "nothing was spent in this span"
        )
        guard hasTrend, let across = report.keys.columns, across.isTime else { return table }
        let trends = report.rows.map { row in
            let values = zip(report.columns, row.cells).map { ($0.label, $1.spent.amount) }
            return Report.Cell(.null, shown: Sparkline.text(values, by: across), .cyan)
        }
        return table.adding(.init("trend", "TREND"), trends)
    }

    private func columnsThatFit(_ width: Int) -> Int {
        let names = report.rows.reduce(10) { max($0, visible($1.label).columns) }
        let trend = report.keys.columns?.isTime == true ? Sparkline.mostValues + 2 : 0
        // The column of what is left over and that of sums.
        let room = width - names - trend - 24
        let column = report.columns.reduce(8) { max($0, visible($1.label).columns) } + 2
        return max(1, room / column)
    }

    // MARK: Chart

    private var chart: Chart? {
        guard let across = report.keys.columns else {
            let top = report.rows.prefix(report.keys.rows.isTime ? report.rows.count : 12)
            let labels = top.map(\.label)
            let values = Chart.Series("spent", top.map(\.spent.amount))
            let title = "Credits spent by \(report.keys.rows.rawValue)"
            return report.keys.rows.isTime
                ? .stackedBars(title: title, labels: labels, series: [values])
                : .bars(title: title, labels: labels, values: values)
        }
        let shown = FoldedColumns(report, atMost: 6)
        let top = report.keys.rows.isTime ? report.rows[...] : report.rows.prefix(12)
        let amounts = top.map { shown.amounts(of: $0) }
        return .stackedBars(
            title: "Credits spent by \(report.keys.rows.rawValue) and \(across.rawValue)",
            labels: top.map(\.label),
            series: shown.labels.enumerated().map { index, label in
                Chart.Series(label, amounts.map { $0[index].amount })
            }
        )
    }
}

/// The columns of a cross table, of which those beyond some number are added up: of time the earlier ones, else the
/// smaller ones.
private struct FoldedColumns {
    let labels: [String]
    private let kept: Range<Int>
    private let isFoldedFirst: Bool

    init(_ report: CreditReport, atMost count: Int) {
        let all = report.columns.map(\.label)
        guard all.count > count else {
            (labels, kept, isFoldedFirst) = (all, 0..<all.count, false)
            return
        }
        isFoldedFirst = report.keys.columns?.isTime == true
        kept = isFoldedFirst ? all.count - count..<all.count : 0..<count
        let others = "\(isFoldedFirst ? "earlier" : "others") (\(all.count - count))"
        labels = isFoldedFirst ? [others] + all[kept] : all[kept] + [others]
    }

    func amounts(of row: CreditReport.Row) -> [Credits] {
        let shown = row.cells[kept].map(\.spent)
        guard shown.count < row.cells.count else { return shown }
        let rest = row.spent.amount - shown.reduce(0) { $0 + $1.amount }
        let others = Credits(unchecked: rest)
        return isFoldedFirst ? [others] + shown : shown + [others]
    }
}

extension Report {
    /// With one more column, which sums have no part in.
    fileprivate func adding(_ column: Column, _ cells: [Cell]) -> Report {
        Report(
            name,
            columns: columns + [column],
            rows: zip(rows, cells).map { $0 + [$1] },
            totals: totals.map { $0 + [.empty] },
            emptyText: emptyText
        )
    }
}
