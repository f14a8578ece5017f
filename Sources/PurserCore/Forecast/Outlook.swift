/// Three points of what may come: one in ten is below `low`, one in two below `median`, nine in ten up to `high`.
package struct Spread<Value: Sendable & Equatable>: Sendable, Equatable {
    package let low: Value
    package let median: Value
    package let high: Value

    package init(low: Value, median: Value, high: Value) {
        self.low = low
        self.median = median
        self.high = high
    }

    /// Of values in order, at least one.
    init(ofSorted values: [Value]) {
        low = values[values.count / 10]
        median = values[values.count / 2]
        high = values[values.count - 1 - values.count / 10]
    }

    func map<Other>(_ transform: (Value) -> Other) -> Spread<Other> {
        Spread<Other>(low: transform(low), median: transform(median), high: transform(high))
    }
}

/// What is to be expected of credits.
package struct Outlook: Sendable, Equatable {
    /// The day at whose end nothing is left that routing may spend, for the first time; `nil`: not within the horizon.
    package let runsOut: Spread<CalendarDay?>
    /// How likely that is within the horizon, in per cent.
    package let chance: Int
    /// What lapses at the next renewal, the reserve included; `nil`: nothing renews within the horizon.
    package let unused: Lapse?
    /// What a day of the horizon asks for in the mean.
    package let perDay: Spread<Credits>

    /// What a renewal wipes out.
    package struct Lapse: Sendable, Equatable {
        /// The day of that renewal; of several accounts, of the last.
        package let on: CalendarDay
        package let credits: Spread<Credits>
    }

    /// Reckons from `now` on: of today, what is left of it.
    init(
        of pool: CreditPool,
        asked model: DemandModel,
        times permille: Int,
        at now: Timestamp,
        days: Int,
        seed: UInt64,
        paths: Int
    ) {
        let today = CalendarDay(now)
        let left = today.start.milliseconds + 86_400_000 - now.milliseconds
        var draws = Draws(seed: seed)
        var runsOut: [Int] = []
        var unused: [Int64] = []
        var perDay: [Int64] = []
        for _ in 0..<paths {
            var demand = model.path(from: today, days: days, &draws).map {
                Self.scaled($0, by: permille)
            }
            perDay.append(demand.reduce(0, +) / Int64(days) / 1000)
            demand[0] = Int64(Int128(demand[0]) * Int128(left) / 86_400_000)
            let course = pool.course(of: demand)
            runsOut.append(course.runsOut ?? .max)
            unused.append(course.unused)
        }
        self.runsOut = Spread(ofSorted: runsOut.sorted()).map {
            $0 == .max ? nil : CalendarDay(number: today.number + $0)
        }
        chance = runsOut.count { $0 != .max } * 100 / paths
        self.perDay = Spread(ofSorted: perDay.sorted()).map { Credits(clamping: $0) }
        self.unused = pool.lastRenewal.map { renewal in
            Lapse(
                on: CalendarDay(number: today.number + renewal),
                credits: Spread(ofSorted: unused.sorted()).map { Credits(clamping: $0) }
            )
        }
    }
}

extension Outlook {
    /// A year of such days is still a number.
    private static let mostADay: Int64 = 1_000_000_000_000_000

    private static func scaled(_ demand: Int64, by permille: Int) -> Int64 {
        guard permille != 1000 else { return min(demand, mostADay) }
        return Int64(min(Int128(demand) * Int128(permille) / 1000, Int128(mostADay)))
    }
}

extension Credits {
    fileprivate init(clamping amount: Int64) {
        self.init(unchecked: min(max(amount, -Self.limit), Self.limit))
    }
}
