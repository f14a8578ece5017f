/// A chart as a value; `svg(_:)` draws it.
///
/// `nil` is unknown, and drawn as a gap with the word beside it in the table: never as 0.
package struct Chart: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// One bar a label, made of one piece a series.
        case stackedBars
        /// One lying bar a label; a single series.
        case bars
        /// One line a series.
        case line
        /// Three series, low, middle and high: a band with a line in it.
        case range
    }

    package struct Series: Sendable, Equatable {
        package let name: String
        /// One for each label.
        package let values: [Int64?]

        package init(_ name: String, _ values: [Int64?]) {
            self.name = name
            self.values = values
        }
    }

    package let kind: Kind
    package let title: String
    /// Along the axis: days, or names.
    package let labels: [String]
    package let series: [Series]

    private init(_ kind: Kind, _ title: String, _ labels: [String], _ series: [Series]) {
        self.kind = kind
        self.title = title
        self.labels = labels
        self.series = series
    }

    package static func stackedBars(title: String, labels: [String], series: [Series]) -> Chart {
        Chart(.stackedBars, title, labels, series)
    }

    package static func bars(title: String, labels: [String], values: Series) -> Chart {
        Chart(.bars, title, labels, [values])
    }

    package static func line(title: String, labels: [String], series: [Series]) -> Chart {
        Chart(.line, title, labels, series)
    }

    package static func range(
        title: String,
        labels: [String],
        low: Series,
        middle: Series,
        high: Series
    ) -> Chart {
        Chart(.range, title, labels, [low, middle, high])
    }
}
