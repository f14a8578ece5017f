/// A pool and a history to replay over it, made up by a recipe and a seed.
package struct Scenario: Sendable {
    /// What `purser-bench routing` calls it.
    package let name: String
    package let replay: Replay

    /// The first day of every scenario.
    package static let firstDay = CalendarDay(number: 20_727)
    /// How many days each lasts.
    package static let days = 60
}

extension Scenario {
    /// An account of a recipe.
    struct Plan: Sendable {
        let tier: Tier
        let monthly: Int64
        /// What it begins with, in hundredths of its plan.
        let opening: Int64
        let renewsOn: Int
    }

    /// One kind of work, and how much of the value that is asked for falls to it.
    struct Share: Sendable {
        let model: Model
        let weight: Int64
    }

    /// How much is asked for on a day, against other days.
    struct Rhythm: Sendable {
        var weekend: Int64 = 35
        /// By how many hundredths a day may be above or below its like.
        var noise: Int64 = 40
        /// How much more the end asks for than the beginning, in hundredths.
        var growth: Int64 = 0
        /// The last days of each month against the others, in hundredths.
        var monthEnd: Int64 = 100
    }

    /// Makes the requests of a history: `demand` hundredths of what the credits cover.
    init(
        _ name: String,
        plans: [Plan],
        shares: [Share],
        demand: Int64,
        rhythm: Rhythm = Rhythm(),
        using generator: inout some RandomNumberGenerator
    ) {
        let covered = Coverage(of: plans, for: shares).value
        let weights = Self.weights(of: rhythm, using: &generator)
        let total = shares.reduce(0) { $0 + $1.weight }
        var requests: [Trace.Request] = []
        for share in shares where share.weight > 0 {
            let count = covered * demand / 100 * share.weight / total / share.model.listPrice
            for _ in 0..<count {
                let day = Self.draw(weights, using: &generator)
                let minute = Int64.random(in: 8 * 60..<20 * 60, using: &generator)
                let start = CalendarDay(number: Self.firstDay.number + day).start
                let at = start + .seconds(minute * 60)
                requests.append(Trace.Request(at: at, model: share.model, count: 1))
            }
        }
        self.name = name
        replay = Replay(
            of: Trace(requests),
            over: plans.enumerated().map { Self.candidate($1, place: $0) },
            from: Self.firstDay.start,
            to: CalendarDay(number: Self.firstDay.number + Self.days).start
        )
    }

    private static func candidate(_ plan: Plan, place: Int) -> Candidate {
        let account = Account(
            id: AccountID(high: 0, low: UInt64(place + 1)),
            createdAt: firstDay.start,
            name: "\(plan.tier.rawValue)-\(place + 1)",
            tier: plan.tier,
            settings: AccountSettings(
                monthlyCredits: Credits(unchecked: plan.monthly),
                renewsOnDay: plan.renewsOn
            )
        )
        let opening = Credits(unchecked: plan.monthly * plan.opening / 100)
        return Candidate(account: account, balance: Balance(posted: opening, held: .zero))
    }

    private static func weights(
        of rhythm: Rhythm,
        using generator: inout some RandomNumberGenerator
    ) -> [Int64] {
        (0..<days).map { day in
            let date = CalendarDay(number: firstDay.number + day)
            // Day 0 of the calendar was a Thursday.
            let isWeekend = (date.number + 3) % 7 >= 5
            let isMonthEnd = date.next(dayOfMonth: 1).number - date.number <= 6
            let noise = Int64.random(in: -rhythm.noise...rhythm.noise, using: &generator)
            let grown = 100 + rhythm.growth * Int64(day) / Int64(days)
            let size = (isWeekend ? rhythm.weekend : 100) * (isMonthEnd ? rhythm.monthEnd : 100)
            return max(1, size * (100 + noise) * grown / 1_000_000)
        }
    }

    private static func draw(
        _ weights: [Int64],
        using generator: inout some RandomNumberGenerator
    ) -> Int {
        var left = Int64.random(in: 0..<weights.reduce(0, +), using: &generator)
        for (place, weight) in weights.enumerated() {
            if left < weight { return place }
            left -= weight
        }
        return weights.count - 1
    }
}

/// How much work of one mix the credits of a pool are enough for, whenever it is asked for.
///
/// A plan that is granted within the last month counts by the days that are left to spend it in. Work that one tier alone can do is
/// taken from it first, then what is sold to ultra for the smallest part of its price elsewhere.
private struct Coverage {
    /// At list prices.
    let value: Int64

    init(of plans: [Scenario.Plan], for shares: [Scenario.Share]) {
        let ultra = Self.credits(of: plans.filter { $0.tier == .ultra })
        let others = Self.credits(of: plans.filter { $0.tier != .ultra })
        let parts = shares.filter { $0.weight > 0 }.map(Part.init).sorted { $0.order < $1.order }
        let total = parts.reduce(0) { $0 + $1.weight }
        func isCovered(_ value: Int64) -> Bool {
            var left = ultra
            var needed: Int64 = 0
            for part in parts {
                let videos = value * part.weight / total / part.listPrice
                let onUltra = part.ultra.map { $0 == 0 ? videos : min(videos, left / $0) } ?? 0
                left -= onUltra * (part.ultra ?? 0)
                guard onUltra < videos else { continue }
                guard let price = part.other else { return false }
                needed += (videos - onUltra) * price
            }
            return needed <= others
        }
        var low: Int64 = 0
        var high = 4 * (ultra + others) + 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if isCovered(middle) { low = middle } else { high = middle }
        }
        value = low
    }

    private static func credits(of plans: [Scenario.Plan]) -> Int64 {
        let end = CalendarDay(number: Scenario.firstDay.number + Scenario.days)
        return plans.reduce(0) { sum, plan in
            var sum = sum + plan.monthly * plan.opening / 100
            var day = Scenario.firstDay.next(dayOfMonth: plan.renewsOn)
            while day < end {
                let next = day.next(dayOfMonth: plan.renewsOn)
                let used = min(next.number, end.number) - day.number
                sum += plan.monthly * Int64(used) / Int64(next.number - day.number)
                day = next
            }
            return sum
        }
    }

    private struct Part {
        let weight: Int64
        let listPrice: Int64
        let ultra: Int64?
        let other: Int64?

        init(_ share: Scenario.Share) {
            weight = share.weight
            listPrice = max(share.model.listPrice, 1)
            ultra = share.model.offers[.ultra]?.price?.amount
            other = share.model.offers[.tierOne]?.price?.amount
        }

        /// What ultra pays of the price elsewhere, in thousandths; the least is taken first.
        var order: Int64 {
            guard let other else { return -1 }
            return ultra.map { $0 * 1000 / max(other, 1) } ?? .max
        }
    }
}
