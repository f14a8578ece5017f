/// What may be asked for on the days to come: the past told again from where things stand now.
///
/// Every path picks a day of the past and repeats what followed it, each day relative to the level that somebody would have
/// reckoned with on that day, taken to the level and the weekdays of now. So many paths spread as wide as the past surprised
/// that somebody: noise, busy stretches and levels that move are in them as they were. Half of the stretches are told
/// backwards: what rose might as well fall. (`Documentation/Forecast.md`)
struct DemandModel: Sendable {
    /// Fewer days tell too little about weekdays and noise.
    static let daysNeeded = 14
    static let spendingDaysNeeded = 5

    private static let unit: Int64 = 1 << 12
    /// The least and the most by which a level counts: what follows a long silence is no thousandfold.
    private static let levels = unit / 8...unit * 64
    /// A past day is a beginning only with so many days before it to reckon a level from.
    private static let daysBefore = 7
    private static let longestStretch = 28
    /// Enough weeks to begin on a day of the right weekday only.
    private static let daysForWeekdays = 56
    /// No day asks for more means than this.
    private static let mostRelative: Int64 = 128 * unit

    /// Thousandths of a credit.
    private let mean: Int64
    /// By `number mod 7` of a day, in units.
    private let weekdays: [Int64]
    /// Days of the past without their weekday, and the level before each of them and at the end: as it was, and
    /// told backwards week by week.
    private let told: [Told]

    private struct Told {
        /// The weekday that it begins with.
        let first: Int
        let days: [Int64]
        let level: [Int64]

        /// A day to begin from, where there are enough of them one of the weekday of the day `number`.
        func beginning(on number: Int, _ draws: inout Draws) -> Int {
            let begin = draws.below(days.count - daysBefore) + daysBefore
            guard days.count >= daysForWeekdays else { return begin }
            let same = begin - (first + begin - number).weekday
            return same < daysBefore ? same + 7 : same
        }
    }

    /// `nil`: the history is not enough.
    init?(_ history: SpendingHistory) {
        let days = history.days
        guard days.count >= Self.daysNeeded, history.spendingDays >= Self.spendingDaysNeeded else {
            return nil
        }
        let mean = max(1, history.total * 1000 / Int64(days.count))
        let relative = days.map {
            Int64(min(Int128($0) * 1000 * Int128(Self.unit) / Int128(mean), 1 << 21))
        }
        let first = history.start.number
        let weekdays = Self.weekdays(of: relative, from: first)
        let plain = relative.indices.map {
            relative[$0] * Self.unit / weekdays[(first + $0).weekday]
        }
        let plainMean = max(1, plain.reduce(0, +) / Int64(plain.count))
        let past = plain.map { $0 * Self.unit / plainMean }
        self.mean = mean
        // A stretch that keeps its weekdays comes to what was spent; one that does not, to as much in the mean.
        self.weekdays =
            past.count < Self.daysForWeekdays
            ? weekdays : weekdays.map { max(1, $0 * plainMean / Self.unit) }
        let memory = Self.memory(for: past)
        told = [past, Self.backwards(past)].map { days in
            Told(
                first: (first + past.count - days.count).weekday,
                days: days,
                level: Self.level(of: days, memory: memory)
            )
        }
    }

    /// Told from the end: week by week where there are enough weeks, so that weekdays stay in their order.
    private static func backwards(_ past: [Int64]) -> [Int64] {
        guard past.count >= daysForWeekdays else { return past.reversed() }
        let weeks = stride(from: past.count % 7, to: past.count, by: 7)
        return weeks.reversed().flatMap { past[$0..<($0 + 7)] }
    }

    /// How much of a mean day each weekday is, in units; drawn towards the mean where few weeks are known.
    private static func weekdays(of relative: [Int64], from first: Int) -> [Int64] {
        var sums = [Int64](repeating: unit, count: 7)
        var counts = [Int64](repeating: 1, count: 7)
        for (index, value) in relative.enumerated() {
            sums[(first + index).weekday] += value
            counts[(first + index).weekday] += 1
        }
        return zip(sums, counts).map { max($0 / $1, unit / 16) }
    }

    // MARK: The level

    /// Of some spans of memory, in days, the one that would have told the most of the weeks that followed.
    private static func memory(for past: [Int64]) -> Int64 {
        var best: (error: Int64, memory: Int64)?
        for memory in [56, 28, 14, 7] as [Int64] {
            let level = level(of: past, memory: memory)
            let error = error(of: level, about: past)
            // A shorter memory has to be better by a tenth: it follows noise as well.
            if best.map({ error * 10 < $0.error * 9 }) ?? true { best = (error, memory) }
        }
        return best?.memory ?? 28
    }

    /// A mean that forgets; it begins at the mean of everything, which counts for a week.
    private static func level(of past: [Int64], memory: Int64) -> [Int64] {
        let one: Int64 = 1 << 16
        var weight = 7 * one
        var sum = 7 * unit * one
        var level = [unit]
        for value in past {
            weight += one - weight / memory
            sum += value * one - sum / memory
            level.append(bounded(sum / weight))
        }
        return level
    }

    private static func error(of level: [Int64], about past: [Int64]) -> Int64 {
        let ahead = 14
        guard past.count >= daysBefore + ahead else { return 0 }
        var error: Int64 = 0
        for day in daysBefore...(past.count - ahead) {
            let mean = past[day..<(day + ahead)].reduce(0, +) / Int64(ahead)
            error += abs(mean - level[day])
        }
        return error
    }

    // MARK: Paths

    /// What is asked for on each of `count` days from `first` on, in thousandths of a credit.
    ///
    /// How often it draws depends on lengths alone, so that equal seeds compare like with like.
    func path(from first: CalendarDay, days count: Int, _ draws: inout Draws) -> [Int64] {
        var demand: [Int64] = []
        demand.reserveCapacity(count)
        var current = levelNow(&draws)
        while demand.count < count {
            let told = told[draws.below(2)]
            let length = told.days.count
            let begin = told.beginning(on: first.number + demand.count, &draws)
            let end = min(begin + Self.longestStretch, length, begin + count - demand.count)
            let scale = current * Self.unit / told.level[begin]
            for day in begin..<end {
                let weekday = weekdays[(first.number + demand.count).weekday]
                let relative = min(told.days[day] * scale / Self.unit, Self.mostRelative)
                demand.append(relative * weekday / Self.unit * mean / Self.unit)
            }
            current = Self.bounded(current * told.level[end] / told.level[begin])
        }
        return demand
    }

    /// The level at the end of the past; a short one knows it no better than a week's change of it.
    private func levelNow(_ draws: inout Draws) -> Int64 {
        let level = told[draws.below(2)].level
        let begin = draws.below(level.count - Self.daysBefore)
        let now = told[0].level[level.count - 1]
        guard draws.below(level.count) < Self.daysForWeekdays else { return now }
        return Self.bounded(now * level[begin + Self.daysBefore] / level[begin])
    }

    private static func bounded(_ level: Int64) -> Int64 {
        min(max(level, levels.lowerBound), levels.upperBound)
    }
}

extension Int {
    /// 0…6, the same for the same day of the week.
    fileprivate var weekday: Int { ((self % 7) + 7) % 7 }
}

/// Numbers that a seed decides (SplitMix64).
struct Draws: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// From 0 to before `bound`, which is at least 1; the bias of so small bounds is beyond any count of paths.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
