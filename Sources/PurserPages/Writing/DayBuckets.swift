import PurserCore

/// Days in as many equal stretches as a chart can show.
struct DayBuckets {
    let first: CalendarDay
    /// Days in each; the last one may reach beyond the end.
    let length: Int
    let count: Int

    /// A day each for up to a hundred, else weeks, else as many weeks as it takes.
    init(from first: CalendarDay, to last: CalendarDay) {
        let days = max(0, last.number - first.number + 1)
        self.first = first
        length = days <= Self.most ? 1 : (days + Self.most * 7 - 1) / (Self.most * 7) * 7
        count = (days + length - 1) / length
    }

    private static let most = 100

    /// The first day of each.
    var labels: [String] {
        (0..<count).map { CalendarDay(number: first.number + $0 * length).description }
    }

    /// Of each stretch: a day on which nothing is booked counts 0, which is known.
    ///
    /// What lies outside is left out.
    func sums(_ amounts: some Sequence<(CalendarDay, Int64)>) -> [Int64?] {
        var sums = [Int128](repeating: 0, count: count)
        for (day, amount) in amounts where day >= first {
            let index = (day.number - first.number) / length
            if index < count { sums[index] += Int128(amount) }
        }
        return sums.map { Int64(clamping: $0) }
    }
}
