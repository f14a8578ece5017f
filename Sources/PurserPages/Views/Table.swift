package import PurserCore

/// A table as a value: the page, the report file and whatever else prints it draw the same cells.
package struct TableView: Sendable {
    package struct Column: Sendable {
        package let title: String
        /// Numbers stand at the right.
        package let isNumber: Bool

        package init(_ title: String, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    /// What a screen reader says of it first; shown too.
    package let caption: String
    package let columns: [Column]
    /// The first cell of a row is its heading.
    package let rows: [[Cell]]
    /// The row of sums below the others.
    package let total: [Cell]?

    package init(caption: String, columns: [Column], rows: [[Cell]], total: [Cell]? = nil) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.total = total
    }
}

/// What stands in one place of a table.
package indirect enum Cell: Sendable {
    case text(String)
    /// With thousands separators; `nil` is the word "unknown", never 0.
    case number(Int64?)
    case day(CalendarDay?)
    case time(Timestamp?)
    /// Nothing to say here: a dash.
    case none
    /// A state, drawn with a mark beside its word.
    case state(String, Mark)
    /// `label` says more than the words for who hears one link at a time, and begins with them.
    case link(String, to: String, label: String)
    /// One below the other.
    case lines([Cell])
    /// A part of a whole as a bar; the words say the same.
    case meter(Meter, words: String)

    package enum Mark: String, Sendable {
        case good, waiting, bad, quiet
    }
}

/// How much of a whole is used, and set aside.
package struct Meter: Sendable, Equatable {
    package let whole: Int64
    package let filled: Int64
    package let held: Int64

    package init(whole: Int64, filled: Int64, held: Int64 = 0) {
        self.whole = whole
        self.filled = filled
        self.held = held
    }
}
