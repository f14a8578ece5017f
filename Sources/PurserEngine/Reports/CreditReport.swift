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
        let rows = try Groups(usage, by: keys.rows)
        let columns = try keys.columns.map { try Groups(usage, by: $0) }
        let cells = try columns.map { try rows.crossed(with: $0, usage) }
        let order = columns?.order ?? []
        self.rows = try rows.order.map { row in
            let cells = try cells.map { cells in try order.map { try cells[row][$0].amounts } }
            return Row(
                label: rows.labels[row].text(keys.rows),
                amounts: try rows.sums[row].amounts,
                cells: cells ?? []
            )
        }
        self.columns = try order.compactMap { column in
            try columns.map {
                Row(
                    label: $0.labels[column].text(keys.columns),
                    amounts: try $0.sums[column].amounts,
                    cells: []
                )
            }
        }
        self.total = Row(
            label: "total",
            amounts: try rows.sums.reduce(into: Sum()) { try $0.add($1) }.amounts,
            cells: self.columns.map(\.amounts)
        )
    }
}

/// What rows of usage are grouped into by one key.
///
/// Groups go by number: a cross table of a year has more cells than dictionaries fill in the time a report may take.
private struct Groups {
    private let key: ReportKey
    private(set) var labels: [ReportLabel] = []
    private(set) var sums: [Sum] = []
    /// The group of each row of usage.
    private var numbers: [Int] = []

    init(_ usage: [UsageRow], by key: ReportKey) throws(CreditsOutOfRange) {
        self.key = key
        var known: [ReportLabel: Int] = [:]
        for row in usage {
            let label = ReportLabel(row, by: key)
            let number = known[label] ?? labels.count
            if number == labels.count {
                known[label] = number
                labels.append(label)
                sums.append(Sum())
            }
            numbers.append(number)
            try sums[number].add(Sum(row))
        }
    }

    /// For each group, the sums of each of the other key's groups.
    func crossed(
        with other: Groups,
        _ usage: [UsageRow]
    ) throws(CreditsOutOfRange) -> [[Sum]] {
        let nothing = [Sum](repeating: Sum(), count: other.labels.count)
        var cells = [[Sum]](repeating: nothing, count: labels.count)
        for (index, row) in usage.enumerated() {
            try cells[numbers[index]][other.numbers[index]].add(Sum(row))
        }
        return cells
    }

    /// Time comes in order, everything else by what was spent, most first.
    var order: [Int] {
        labels.indices.sorted { a, b in
            let spent = (sums[a].spent, sums[b].spent)
            return key.isTime || spent.0 == spent.1 ? labels[a] < labels[b] : spent.0 > spent.1
        }
    }
}

private struct Sum {
    private var videos = 0
    private var charged = Credits.zero
    private var refunded = Credits.zero

    init() {}

    init(_ row: UsageRow) {
        (videos, charged, refunded) = (row.videos, row.charged, row.refunded)
    }

    /// For the order alone.
    var spent: Int64 { charged.amount - refunded.amount }

    mutating func add(_ other: Sum) throws(CreditsOutOfRange) {
        videos += other.videos
        charged = try charged.plus(other.charged)
        refunded = try refunded.plus(other.refunded)
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
