import ArgumentParser
import PurserCore
import PurserEngine
import PurserPages

/// The forms a report about credits can take.
enum ReportFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
    case markdown
    /// One file that needs nothing else, with charts, to be read in a browser or printed.
    case html
}

/// The choice of a form, as the commands of `purser credits` have it.
struct ReportFormatOption: ParsableArguments {
    @Option(help: "How to print it: table unless told, json with --json.")
    var format: ReportFormat?

    func format(on context: Context) -> ReportFormat {
        format ?? (context.isJSON ? .json : .table)
    }
}

/// A part of a report under a heading.
struct ReportSection {
    let heading: String
    /// What people are shown.
    let report: Report
    /// What CSV has, where people are shown something narrower.
    var records: Report?
    /// What JSON has, where it is not the report's own.
    var document: JSONOutput?
    var note: String?
    var chart: Chart?
}

extension Console {
    /// A section in the form that was asked for.
    func out(
        _ section: ReportSection,
        as format: ReportFormat,
        over span: String,
        at now: Timestamp
    )
        throws
    {
        switch format {
        case .table:
            out(section.report, as: .table)
            if let note = section.note, !section.report.rows.isEmpty { self.note("\(note)") }
        case .markdown: out(section.report, as: .markdown)
        case .csv: out(section.records ?? section.report, as: .csv)
        case .json: out(section.document ?? section.report.json)
        case .html: try out([section], titled: section.heading, over: span, at: now)
        }
    }

    /// All sections as one HTML file.
    func out(
        _ sections: [ReportSection],
        titled title: String,
        over span: String,
        at now: Timestamp
    )
        throws
    {
        let view = ReportView(
            title: title,
            span: span,
            madeAt: now,
            sections: sections.map { section in
                ReportView.Section(
                    heading: section.heading,
                    note: section.note,
                    tables: section.report.views(captioned: section.heading),
                    chart: section.report.rows.isEmpty ? nil : section.chart
                )
            }
        )
        outVerbatim(try Pages().report(view))
    }
}

extension Report {
    /// More columns than this do not fit onto a printed page.
    private static let mostColumns = 11
    /// Of a table that is cut, so many stand beside the names.
    private static let columnsOfPart = 8

    /// The same rows for a page: as one table, or as several beside the names where there are too many columns for one.
    fileprivate func views(captioned caption: String) -> [TableView] {
        let table = shown
        let columns = table.columns
        guard columns.count > Self.mostColumns, !rows.isEmpty else {
            return [table.view(captioned: caption)]
        }
        return stride(from: 1, to: columns.count, by: Self.columnsOfPart).map { start in
            let end = min(start + Self.columnsOfPart, columns.count)
            let part = [0] + Array(start..<end)
            let ends = [columns[start].title, columns[end - 1].title]
            let titles = start == end - 1 ? ends[0] : ends.joined(separator: " to ")
            return table.keeping(part).view(captioned: "\(caption): \(titles)")
        }
    }

    private func view(captioned caption: String) -> TableView {
        TableView(
            caption: rows.isEmpty ? "\(caption): \(emptyText)" : caption,
            columns: columns.map { TableView.Column($0.title, isNumber: $0.alignment == .right) },
            rows: rows.map { $0.map(\.view) },
            total: totals.map { $0.map(\.view) }
        )
    }
}

extension Report.Cell {
    fileprivate var view: PurserPages.Cell {
        switch value {
        case .integer(let number) where shown == number.grouped: .number(number)
        case .null where shown.isEmpty || shown == "–": .none
        default: .text(visible(shown))
        }
    }
}
