package import PurserCore

/// A report as one file that needs no server.
package struct ReportView: Sendable {
    package struct Section: Sendable {
        package let heading: String
        package let note: String?
        package let table: TableView?
        package let chart: Chart?

        package init(
            heading: String,
            note: String? = nil,
            table: TableView? = nil,
            chart: Chart? = nil
        ) {
            self.heading = heading
            self.note = note
            self.table = table
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
