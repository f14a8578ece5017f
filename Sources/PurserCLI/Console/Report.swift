import ArgumentParser
import PurserCore
import PurserEngine

/// The forms a report can take.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
    case markdown
}

/// Rows under columns: what every list and every report of the command line is.
///
/// A cell holds a value and may say how it is shown to people; `json` and `csv` take the value, so
/// that a program never meets a grouped number or `in 9 days`.
struct Report: Sendable, Equatable {
    struct Column: Sendable, Equatable {
        enum Alignment: Sendable {
            case left
            case right
        }

        /// The name in JSON and CSV: `spent`, `renews_on`.
        let key: String
        /// The heading for people.
        let title: String
        let alignment: Alignment
        /// May be cut where a terminal is too narrow for the whole table.
        let isFlexible: Bool
        /// Left out of tables for people where no row has anything to show in it.
        let isOptional: Bool

        init(
            _ key: String,
            _ title: String,
            _ alignment: Alignment = .left,
            isFlexible: Bool = false,
            isOptional: Bool = false
        ) {
            self.key = key
            self.title = title
            self.alignment = alignment
            self.isFlexible = isFlexible
            self.isOptional = isOptional
        }
    }

    struct Cell: Sendable, Equatable {
        let value: JSONOutput
        /// For people; it may hold text from outside.
        let shown: String
        let style: Style?

        /// Without `shown`: integers in groups, an absent value as `–`, everything else as it is.
        init(_ value: JSONOutput, shown: String? = nil, _ style: Style? = nil) {
            self.value = value
            self.shown = shown ?? value.shown
            self.style = style
        }
    }

    /// The name of the rows in JSON: `accounts`.
    let name: String
    let columns: [Column]
    /// Each as long as `columns`.
    var rows: [[Cell]]
    /// Below the rows for people, beside them in JSON; CSV leaves them out, for they are no row.
    var totals: [Cell]?
    /// For people, where there is no row.
    let emptyText: String

    init(
        _ name: String,
        columns: [Column],
        rows: [[Cell]] = [],
        totals: [Cell]? = nil,
        emptyText: String = "nothing to show"
    ) {
        self.name = name
        self.columns = columns
        self.rows = rows
        self.totals = totals
        self.emptyText = emptyText
        // A name has no blank: who is called total is not taken for the sum.
        if let sum = totals?.first, rows.contains(where: { $0.first?.shown == sum.shown }) {
            self.totals?[0] = Cell(sum.value, shown: "in \(sum.shown)", sum.style)
        }
    }

    /// The report as text that ends with a line end.
    ///
    /// `width` cuts the flexible columns of a table. What could act on a terminal is escaped in CSV only for one: a file
    /// keeps what there is.
    func rendered(
        as format: OutputFormat,
        color: Bool = false,
        width: Int? = nil,
        onTerminal isTerminal: Bool = false
    ) -> String {
        switch format {
        case .table: Table(shown, width: width).rendered(color: color)
        case .json: json.pretty + "\n"
        case .csv: csv { isTerminal ? visible($0) : $0 }
        case .markdown: shown.markdown
        }
    }

    /// As people see it: without the optional columns that are empty.
    var shown: Report {
        keeping(
            columns.indices.filter { index in
                !columns[index].isOptional || rows.contains { !$0[index].shown.isEmpty }
            }
        )
    }

    /// With these columns alone.
    func keeping(_ kept: [Int]) -> Report {
        Report(
            name,
            columns: kept.map { columns[$0] },
            rows: rows.map { row in kept.map { row[$0] } },
            totals: totals.map { row in kept.map { row[$0] } },
            emptyText: emptyText
        )
    }

    /// An object with the rows under the report's name, and the totals beside them.
    var json: JSONOutput {
        var fields = [JSONOutput.Field(name: name, value: .array(rows.map(object)))]
        if let totals { fields.append(.init(name: "totals", value: object(totals))) }
        return .object(fields)
    }

    private func csv(_ shown: (String) -> String) -> String {
        let heading = CSV.record(columns.map { CSV.field($0.key) })
        return rows.reduce(into: heading) { text, row in
            text += CSV.record(row.map { shown($0.value.csvField) })
        }
    }

    private var markdown: String {
        var lines = [
            columns.map { Markdown.cell($0.title) },
            columns.map { $0.alignment == .left ? "---" : "---:" },
        ]
        lines += rows.map { $0.map { Markdown.cell($0.shown) } }
        if let totals {
            lines.append(totals.map { $0.shown.isEmpty ? "" : "**\(Markdown.cell($0.shown))**" })
        }
        return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    private func object(_ cells: [Cell]) -> JSONOutput {
        .object(zip(columns, cells).map { .init(name: $0.key, value: $1.value) })
    }
}

extension Report.Cell {
    static let empty = Report.Cell(.null, shown: "")

    init(_ text: String?, _ style: Style? = nil) { self.init(JSONOutput(text), style) }
    init(_ credits: Credits?, _ style: Style? = nil) { self.init(JSONOutput(credits), style) }
    init(_ number: Int?, _ style: Style? = nil) { self.init(JSONOutput(number), style) }
    init(_ day: CalendarDay?, _ style: Style? = nil) { self.init(JSONOutput(day), style) }

    /// Shown as a date and time in UTC.
    init(_ instant: Timestamp?, _ style: Style? = nil) {
        self.init(JSONOutput(instant), shown: instant?.readable, style)
    }
}

extension JSONOutput {
    /// Text as a field of CSV; a list as its items with blanks between.
    var csvField: String {
        switch self {
        case .null: ""
        case .string(let value): CSV.field(value)
        // Numbers stand as they are: a negative one is no formula.
        case .bool, .integer: compact
        case .array(let items): CSV.field(items.map(\.shown).joined(separator: " "))
        case .object: CSV.field(compact)
        }
    }

    fileprivate var shown: String {
        switch self {
        case .null: "–"
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): value.grouped
        case .string(let value): value
        case .array(let items): items.map(\.shown).joined(separator: ", ")
        case .object: compact
        }
    }
}
