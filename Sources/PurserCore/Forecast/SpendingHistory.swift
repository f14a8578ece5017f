/// What was spent on each whole UTC day, oldest first.
///
/// It begins with the first day on which anything was spent, within the ``window``, and ends before the day that is not
/// over yet.
package struct SpendingHistory: Sendable, Equatable {
    /// Days further back say nothing of now.
    package static let window = 364
    /// No day counts for more: whole sums stay far from where numbers end.
    private static let mostADay: Int64 = 1_000_000_000

    /// The first day that is not in it.
    package let end: CalendarDay
    /// Whole credits, never negative.
    package let days: [Int64]

    package var start: CalendarDay { CalendarDay(number: end.number - days.count) }
    /// On how many days something was spent.
    package var spendingDays: Int { days.count { $0 > 0 } }
    package var total: Int64 { days.reduce(0, +) }

    /// `spent`: what was charged less what was refunded, by day.
    ///
    /// A refund beyond a day's charges counts for the days before: it gives back what these had spent.
    package init(_ spent: [CalendarDay: Int64], before end: CalendarDay) {
        self.end = end
        let known = spent.filter { $0.key < end && $0.value != 0 }
        guard let first = known.keys.min() else {
            days = []
            return
        }
        let start = max(first.number, end.number - Self.window)
        var days: [Int64] = []
        var owed: Int64 = 0
        for number in (start..<end.number).reversed() {
            let net = (known[CalendarDay(number: number)] ?? 0).clamped + owed
            owed = min(net, 0).clamped
            days.append(min(max(net, 0), Self.mostADay))
        }
        self.days = Array(days.reversed().drop { $0 == 0 })
    }

    private init(days: [Int64], before end: CalendarDay) {
        self.end = end
        self.days = Array(days.suffix(Self.window).drop { $0 == 0 })
    }

    /// The sums of histories that end on the same day.
    package static func sum(
        _ histories: [SpendingHistory],
        before end: CalendarDay
    ) -> SpendingHistory {
        var sums = [Int64](repeating: 0, count: histories.map(\.days.count).max() ?? 0)
        for history in histories {
            let offset = sums.count - history.days.count
            for (index, spent) in history.days.enumerated() {
                sums[offset + index] = min(sums[offset + index] + spent, mostADay)
            }
        }
        return SpendingHistory(days: sums, before: end)
    }

    /// Cut into shares in proportion to `weights`, day by day; together they are the whole to the credit.
    func divided(by weights: [Int64]) -> [SpendingHistory] {
        let whole = Int128(weights.reduce(0, +))
        guard whole > 0 else { return [] }
        let heaviest = weights.indices.max { weights[$0] < weights[$1] } ?? 0
        var shares = weights.map { _ in [Int64]() }
        // What each has had so far, and not each day alone, is kept in proportion: nothing is lost to rounding.
        var given = weights.map { _ in Int128(0) }
        var soFar: Int128 = 0
        for spent in days {
            soFar += Int128(spent)
            var rest = Int128(spent)
            for index in weights.indices {
                let due = soFar * Int128(weights[index]) / whole - given[index]
                let share = min(max(due, 0), rest)
                shares[index].append(Int64(share))
                given[index] += share
                rest -= share
            }
            shares[heaviest][shares[heaviest].count - 1] += Int64(rest)
            given[heaviest] += rest
        }
        return shares.map { SpendingHistory(days: $0, before: end) }
    }
}

extension Int64 {
    /// Within ±2^53, so that the sum of two fits.
    fileprivate var clamped: Int64 { Swift.min(Swift.max(self, -Credits.limit), Credits.limit) }
}
