package import PurserCore

/// What was spent in a span, by one key or as a cross table of two; its sums are those the store kept as entries were
/// written.
package struct CreditReport: Sendable, Equatable {
    package struct Amounts: Sendable, Equatable {
        package let videos: Int
        package let charged: Credits
        package let refunded: Credits
        /// Charged less refunded.
        package let spent: Credits
    }

    package struct Row: Sendable, Equatable {
        /// What people read: an account's name, `ultra`, `2026-11-21`, a week's Monday, `2026-11`.
        package let label: String
        package let amounts: Amounts
        /// One for each column of a cross table, else none.
        package let cells: [Amounts]

        package var videos: Int { amounts.videos }
        package var charged: Credits { amounts.charged }
        package var refunded: Credits { amounts.refunded }
        /// Charged less refunded.
        package var spent: Credits { amounts.spent }
    }

    package let keys: ReportKeys
    package let rows: [Row]
    /// The sums of a cross table's columns, else none.
    package let columns: [Row]
    package let total: Row

    /// Reads the sums of a span and groups them; `member`: only what was spent for them.
    package init(
        _ store: any Store,
        by keys: ReportKeys,
        over span: ReportSpan,
        of member: MemberID? = nil
    ) async throws {
        try self.init(try await store.usage(keys.dimensions, over: span, of: member), by: keys)
    }

    /// The same for the whole UTC days that hold `from` and everything before `to`.
    package init(
        _ store: any Store,
        by key: ReportKey,
        from: Timestamp?,
        to: Timestamp?,
        of member: MemberID? = nil
    ) async throws {
        let span = ReportSpan.days(holding: from, to)
        try await self.init(store, by: ReportKeys(key), over: span, of: member)
    }

    /// Groups sums that tell apart what `keys` ask for.
    ///
    /// Time comes in order, everything else by what was spent, most first.
    package init(_ usage: [UsageRow], by keys: ReportKeys) throws {
        self.keys = keys
        var rows: [ReportLabel: Sum] = [:]
        var columns: [ReportLabel: Sum] = [:]
        var cells: [ReportLabel: [ReportLabel: Sum]] = [:]
        var total = Sum()
        for row in usage {
            let group = ReportLabel(row, by: keys.rows)
            try rows[group, default: Sum()].add(row)
            try total.add(row)
            guard let key = keys.columns else { continue }
            let column = ReportLabel(row, by: key)
            try columns[column, default: Sum()].add(row)
            try cells[group, default: [:]][column, default: Sum()].add(row)
        }
        let order = Self.ordered(columns, by: keys.columns)
        let nothing = try Sum().amounts
        self.rows = try Self.ordered(rows, by: keys.rows).map { group, sum in
            let own = cells[group] ?? [:]
            let cells = try order.map { try own[$0.group]?.amounts ?? nothing }
            return Row(label: group.text(keys.rows), amounts: try sum.amounts, cells: cells)
        }
        self.columns = try order.map { group, sum in
            Row(label: group.text(keys.columns), amounts: try sum.amounts, cells: [])
        }
        self.total = Row(
            label: "total",
            amounts: try total.amounts,
            cells: self.columns.map(\.amounts)
        )
    }

    private static func ordered(
        _ sums: [ReportLabel: Sum],
        by key: ReportKey?
    ) -> [(group: ReportLabel, sum: Sum)] {
        sums.map { (group: $0.key, sum: $0.value) }.sorted { a, b in
            let spent = (a.sum.spent, b.sum.spent)
            return key?.isTime == true || spent.0 == spent.1 ? a.group < b.group : spent.0 > spent.1
        }
    }
}

private struct Sum {
    private var videos = 0
    private var charged = Credits.zero
    private var refunded = Credits.zero

    /// For the order alone.
    var spent: Int64 { charged.amount - refunded.amount }

    mutating func add(_ row: UsageRow) throws(CreditsOutOfRange) {
        videos += row.videos
        charged = try charged.plus(row.charged)
        refunded = try refunded.plus(row.refunded)
    }

    var amounts: CreditReport.Amounts {
        get throws(CreditsOutOfRange) {
            CreditReport.Amounts(
                videos: videos,
                charged: charged,
                refunded: refunded,
                spent: try charged.minus(refunded)
            )
        }
    }
}
