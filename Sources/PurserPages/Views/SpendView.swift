package import PurserCore

/// What spending is stacked by on its page.
package enum SpendKey: String, Sendable, CaseIterable {
    case member, model, account
}

/// What was spent in a range of days.
package struct SpendView: Sendable {
    /// What was spent on a day for one member, model or account.
    package struct Row: Sendable, Equatable {
        package let day: CalendarDay
        /// The name of the member, model or account.
        package let label: String
        package let videos: Int
        package let charged: Credits
        package let refunded: Credits

        package init(
            day: CalendarDay,
            label: String,
            videos: Int,
            charged: Credits,
            refunded: Credits
        ) {
            self.day = day
            self.label = label
            self.videos = videos
            self.charged = charged
            self.refunded = refunded
        }
    }

    /// The first and the last day.
    package let from: CalendarDay
    package let to: CalendarDay
    package let key: SpendKey
    /// At most one for each day and label, in any order.
    package let rows: [Row]
    /// Why the range asked for is not shown.
    package let refusal: PageProblem?

    package init(
        from: CalendarDay,
        to: CalendarDay,
        key: SpendKey,
        rows: [Row],
        refusal: PageProblem? = nil
    ) {
        self.from = from
        self.to = to
        self.key = key
        self.rows = rows
        self.refusal = refusal
    }
}
