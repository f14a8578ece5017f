/// Credits that several accounts have together, and when they lapse and come again.
///
/// Accounts that renew on the same day of the month are one source. Demand takes from the source that renews next, those
/// without a renewal last: what `balanced` comes to, too. At a renewal what is left lapses and the plan takes its place.
struct CreditPool: Sendable {
    struct Source: Sendable {
        /// What routing may spend now.
        var spendable: Int64
        /// What it leaves untouched; lapses with the rest.
        var reserve: Int64
        /// What there is to spend after each renewal; `nil`, it does not renew.
        var grant: Int64?
        let renewals: [Int]
    }

    /// What one path comes to.
    struct Course {
        /// Days from today to the first at whose end nothing is left.
        var runsOut: Int?
        /// What lapses at the next renewal of each source.
        var unused: Int64 = 0
    }

    private let sources: [Source]
    /// For each day from today, which sources take from first, and which renew as it begins.
    private let order: [[Int]]
    private let renewing: [[Int]]
    /// Days from today to the last of the sources' next renewals; `nil` where none renews within the horizon.
    let lastRenewal: Int?

    init(_ accounts: [ForecastAccount], from today: CalendarDay, days: Int) {
        var byDay: [Int: Source] = [:]
        for account in accounts {
            guard let available = account.available else { continue }
            let key = account.renewal?.day ?? 0
            let reserve = min(max(available.amount, 0), account.reserve.amount)
            var source =
                byDay[key]
                ?? Source(
                    spendable: 0,
                    reserve: 0,
                    grant: account.renewal.map { _ in 0 },
                    renewals: account.renewal.map { today.renewals(on: $0.day, within: days) } ?? []
                )
            // Who is overdrawn has nothing, and takes nothing from the others.
            source.spendable = Self.sum(source.spendable, max(0, available.amount - reserve))
            source.reserve = Self.sum(source.reserve, reserve)
            if let plan = account.renewal?.credits {
                let grant = max(0, plan.amount - account.reserve.amount)
                source.grant = Self.sum(source.grant ?? 0, grant)
            }
            byDay[key] = source
        }
        let sources = byDay.sorted { $0.key < $1.key }.map(\.value)
        var order: [[Int]] = []
        var renewing: [[Int]] = []
        for day in 0..<days {
            renewing.append(sources.indices.filter { sources[$0].renewals.contains(day) })
            let next = sources.map { source in
                source.grant == nil ? Int.max : source.renewals.first { $0 > day } ?? Int.max - 1
            }
            order.append(sources.indices.sorted { (next[$0], $0) < (next[$1], $1) })
        }
        self.sources = sources
        self.order = order
        self.renewing = renewing
        lastRenewal = sources.compactMap(\.renewals.first).max()
    }

    /// More than any team has, and still a number in thousandths.
    private static let most: Int64 = 100_000_000_000_000

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 { min(max(a + b, -most), most) }

    /// Serves `demand` (thousandths of a credit, by day) as long as there are credits.
    func course(of demand: [Int64]) -> Course {
        var course = Course()
        var left = sources.map { $0.spendable * 1000 }
        var total = left.reduce(0, +)
        var hasLapsed = sources.map { _ in false }
        for (day, wanted) in demand.enumerated() {
            for index in renewing[day] {
                if !hasLapsed[index] {
                    hasLapsed[index] = true
                    course.unused += left[index] / 1000 + sources[index].reserve
                }
                total -= left[index]
                left[index] = (sources[index].grant ?? 0) * 1000
                total += left[index]
            }
            var open = wanted
            for index in order[day] where left[index] > 0 {
                let taken = min(left[index], open)
                left[index] -= taken
                open -= taken
                if open == 0 { break }
            }
            total -= wanted - open
            // Less than a credit buys nothing.
            if course.runsOut == nil, open > 0 || total < 1000 { course.runsOut = day }
            if course.runsOut != nil, day >= lastRenewal ?? 0 { break }
        }
        return course
    }
}

extension CalendarDay {
    /// Days from here to each renewal within so many days.
    fileprivate func renewals(on dayOfMonth: Int, within days: Int) -> [Int] {
        var renewals: [Int] = []
        var day = next(dayOfMonth: dayOfMonth)
        while day.number - number < days {
            renewals.append(day.number - number)
            day = day.next(dayOfMonth: dayOfMonth)
        }
        return renewals
    }
}
