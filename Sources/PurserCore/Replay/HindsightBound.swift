/// No policy can deliver more than this, not even one that knows the whole history beforehand.
///
/// Any prices of a credit, one for each account and span between two of its renewals, give such a bound: what all credits would
/// fetch at these prices, and for each request what it is worth above the cheapest account that can take it. Whoever serves
/// requests pays at least that cheapest price with each, and has no more than all credits to pay with. So a mistake in the search for
/// good prices makes the bound higher, and never wrong (`Documentation/Simulate.md`).
package struct HindsightBound: Sendable, Equatable {
    /// In credits at list prices, rounded up; at most the value of the history.
    package let value: Int64
}

extension Replay {
    /// Searches for the prices that make the bound least, for at most `rounds` steps.
    package func bound(rounds: Int = 4000) -> HindsightBound {
        var search = PriceSearch(of: self)
        search.run(rounds: rounds)
        return HindsightBound(value: search.least)
    }
}

/// The descent along the slope of the bound, in whole numbers: a price is in millionths of a credit's list price.
private struct PriceSearch {
    /// The credits of accounts of one tier that renew on the same days, from one renewal to the next.
    private struct Stock {
        let tier: Int
        let from: Timestamp
        let to: Timestamp
        var credits: Int64
    }

    /// Videos of equal prices, asked for while the same stocks could be had.
    private struct Demand {
        let value: Int64
        var count: Int64
        /// Which stocks could take one, and for how many credits.
        let ways: [(stock: Int, price: Int64)]
    }

    private static let unit: Int64 = 1_000_000
    private static let tiers = Tier.allCases

    private var stocks: [Stock] = []
    private var demands: [Demand] = []
    /// The value of what costs nothing on some account: every policy delivers it.
    private var free: Int64 = 0
    /// The least bound found so far.
    private(set) var least = Int64.max

    init(of replay: Replay) {
        let kinds = Kinds(in: replay.trace)
        gatherStocks(replay, kinds)
        gatherDemands(replay, kinds)
    }

    /// Steps against the slope, shorter whenever a while brought nothing, and back at the best prices then.
    mutating func run(rounds: Int) {
        var prices = Array(repeating: Int64(0), count: stocks.count)
        var best = prices
        var bestTotal = Int64.max
        var step = Self.unit
        var idle = 0
        for _ in 0..<max(rounds, 1) {
            let (total, slope) = evaluate(prices)
            idle = total < bestTotal - bestTotal / 100_000 ? 0 : idle + 1
            if total < bestTotal {
                bestTotal = total
                best = prices
            }
            if idle > 40 {
                guard step > 1 else { break }
                step = step * 2 / 3
                idle = 0
                prices = best
                continue
            }
            let steepest = Self.length(of: slope)
            guard steepest > 0 else { break }
            for stock in prices.indices {
                let move = Int64(Int128(step) * Int128(slope[stock]) / Int128(steepest))
                prices[stock] = max(prices[stock] - move, 0)
            }
        }
        // Rounded up: what is left out of a millionth must not make it too low.
        least = free + (bestTotal + Self.unit - 1) / Self.unit
    }

    /// The bound at these prices, in millionths, and by how much it rises with each.
    private func evaluate(_ prices: [Int64]) -> (total: Int64, slope: [Int64]) {
        var total: Int64 = 0
        var slope = stocks.map(\.credits)
        for stock in stocks.indices { total += prices[stock] * stocks[stock].credits }
        for demand in demands {
            var cheapest = Int64.max
            var taken = demand.ways[0]
            for way in demand.ways where prices[way.stock] * way.price < cheapest {
                cheapest = prices[way.stock] * way.price
                taken = way
            }
            let gain = demand.value * Self.unit - cheapest
            guard gain > 0 else { continue }
            total += demand.count * gain
            slope[taken.stock] -= demand.count * taken.price
        }
        return (total, slope)
    }

    private static func length(of slope: [Int64]) -> Int64 {
        let square = slope.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
        var root = Int128(1)
        while root * root < square { root *= 2 }
        // Newton's steps come down from above.
        while root > 1, root * root > square {
            let next = (root + square / root) / 2
            if next >= root { break }
            root = next
        }
        return square == 0 ? 0 : Int64(root)
    }
}

extension PriceSearch {
    /// The price vectors that a history asks for.
    fileprivate struct Kinds {
        /// By tier, −1 where the tier cannot buy it.
        private(set) var prices: [[Int64]] = []
        private var places: [ModelID: Int] = [:]

        init(in trace: Trace) {
            var known: [[Int64]: Int] = [:]
            for request in trace.requests where places[request.model.id] == nil {
                let own = tiers.map { request.model.offers[$0]?.price?.amount ?? -1 }
                let place = known[own] ?? prices.count
                if place == prices.count { prices.append(own) }
                known[own] = place
                places[request.model.id] = place
            }
        }

        func place(of request: Trace.Request) -> Int? { places[request.model.id] }
    }

    private mutating func gatherStocks(_ replay: Replay, _ kinds: Kinds) {
        struct Span: Hashable {
            let tier: Int
            let from: Int64
            let to: Int64
        }
        var places: [Span: Int] = [:]
        for candidate in replay.pool where candidate.worksInReplay {
            let settings = candidate.account.settings
            guard let tier = Self.tiers.firstIndex(of: candidate.account.tier) else { continue }
            let prices = Set(kinds.prices.map { $0[tier] }.filter { $0 > 0 })
            let days = replay.renewals(of: candidate).map(\.start)
            var from = replay.from
            var credits = candidate.balance?.posted.amount ?? 0
            for end in days + [replay.to] {
                let usable = Self.spendable(credits - settings.reserve.amount, in: prices)
                let span = Span(tier: tier, from: from.milliseconds, to: end.milliseconds)
                if let place = places[span] {
                    stocks[place].credits += usable
                } else {
                    places[span] = stocks.count
                    stocks.append(Stock(tier: tier, from: from, to: end, credits: usable))
                }
                from = end
                credits = settings.monthlyCredits?.amount ?? 0
            }
        }
    }

    /// The largest sum of prices within the credits: what is over buys nothing, whoever decides.
    private static func spendable(_ credits: Int64, in prices: Set<Int64>) -> Int64 {
        guard credits > 0, let least = prices.min() else { return 0 }
        // For a large balance the rest is not worth the search.
        guard credits <= 50_000, least > 1 else { return credits }
        var isSum = Array(repeating: false, count: Int(credits) + 1)
        isSum[0] = true
        var largest = 0
        for sum in isSum.indices where isSum[sum] {
            largest = sum
            for price in prices where sum + Int(price) < isSum.count {
                isSum[sum + Int(price)] = true
            }
        }
        return Int64(largest)
    }

    private mutating func gatherDemands(_ replay: Replay, _ kinds: Kinds) {
        let cuts = Set(stocks.map(\.from)).sorted()
        var counts = Array(
            repeating: Array(repeating: Int64(0), count: kinds.prices.count),
            count: cuts.count
        )
        var segment = 0
        for request in replay.trace.requests {
            while segment + 1 < cuts.count, cuts[segment + 1] <= request.at { segment += 1 }
            guard let kind = kinds.place(of: request), !cuts.isEmpty else { continue }
            counts[segment][kind] += Int64(request.count)
        }
        for segment in cuts.indices {
            for (kind, count) in counts[segment].enumerated() where count > 0 {
                let prices = kinds.prices[kind]
                let value = prices.max() ?? 0
                let ways = stocks.indices.compactMap { place -> (stock: Int, price: Int64)? in
                    let stock = stocks[place]
                    let isOpen = stock.from <= cuts[segment] && cuts[segment] < stock.to
                    return isOpen && prices[stock.tier] >= 0 ? (place, prices[stock.tier]) : nil
                }
                if ways.contains(where: { $0.price == 0 }) {
                    free += value * count
                } else if !ways.isEmpty {
                    demands.append(Demand(value: value, count: count, ways: ways))
                }
            }
        }
    }
}

extension Candidate {
    /// Whether a replay gives it work.
    fileprivate var worksInReplay: Bool {
        account.state == .enabled && account.settings.maxInFlight > 0
    }
}
