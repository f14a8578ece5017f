/// Lays a report out for people: a heading, aligned columns, the totals below a rule.
struct Table {
    private static let gap = "  "

    private let report: Report
    private let widths: [Int]

    /// Flexible columns shrink, the widest first, until the table fits into `width` columns.
    init(_ report: Report, width: Int? = nil) {
        self.report = report
        let lines = report.rows + (report.totals.map { [$0] } ?? [])
        var widths = report.columns.enumerated().map { index, column in
            lines.reduce(column.title.columns) { max($0, visible($1[index].shown).columns) }
        }
        let gaps = Self.gap.columns * max(widths.count - 1, 0)
        let flexible = report.columns.indices.filter { report.columns[$0].isFlexible }
        while let width, widths.reduce(gaps, +) > width,
            let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8
        {
            widths[widest] -= 1
        }
        self.widths = widths
    }

    func rendered(color: Bool) -> String {
        guard !report.rows.isEmpty else { return report.emptyText + "\n" }
        var lines = [line(report.columns.map { ($0.title, Style.bold) }, color: color)]
        lines += report.rows.map { row in line(row.map { ($0.shown, $0.style) }, color: color) }
        if let totals = report.totals {
            lines.append(
                line(widths.map { (String(repeating: "─", count: $0), Style.dim) }, color: color)
            )
            lines.append(line(totals.map { ($0.shown, $0.style ?? .bold) }, color: color))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ cells: [(text: String, style: Style?)], color: Bool) -> String {
        // Up to the last cell that says something: no line ends in spaces.
        let end = (cells.lastIndex { !$0.text.isEmpty } ?? -1) + 1
        var line = ""
        for index in 0..<end {
            if index > 0 { line += Self.gap }
            let text = visible(cells[index].text).truncated(to: widths[index])
            let padding = String(repeating: " ", count: max(0, widths[index] - text.columns))
            let painted = cells[index].style.painted(text, color: color)
            switch report.columns[index].alignment {
            case .left: line += index == end - 1 ? painted : painted + padding
            case .right: line += padding + painted
            }
        }
        return line
    }
}
