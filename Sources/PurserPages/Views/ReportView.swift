package import PurserCore

/// A report as one file that needs no server.
package struct ReportView: Sendable {
    package struct Section: Sendable {
        package let heading: String
        package let note: String?
        /// More than one where a table has more columns than a page has room for.
        package let tables: [TableView]
        package let chart: Chart?

        package init(
            heading: String,
            note: String? = nil,
            tables: [TableView] = [],
            chart: Chart? = nil
        ) {
            self.heading = heading
            self.note = note
            self.tables = tables
            self.chart = chart
        }
    }

    package let language: Language
    package let title: String
    /// The days it is for, in words.
    package let span: String
    package let madeAt: Timestamp
    package let sections: [Section]

    package init(
        language: Language = .english,
        title: String,
        span: String,
        madeAt: Timestamp,
        sections: [Section]
    ) {
        self.language = language
        self.title = title
        self.span = span
        self.madeAt = madeAt
        self.sections = sections
    }
}
