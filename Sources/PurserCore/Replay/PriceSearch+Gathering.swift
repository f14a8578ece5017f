// What a history asks for, and what there is to serve it with.

extension PriceSearch {
    init(of replay: Replay) {
        let kinds = Kinds(in: replay.trace)
        gatherStocks(replay, kinds)
        gatherDemands(replay, kinds)
    }

    /// The price vectors that a history asks for.
    private struct Kinds {
        /// By tier, −1 where the tier cannot buy it.
        private(set) var prices: [[Int64]] = []
        private var places: [ModelID: Int] = [:]

        init(in trace: Trace) {
            var known: [[Int64]: Int] = [:]
            for request in trace.requests where places[request.model.id] == nil {
                let own = Tier.allCases.map { request.model.offers[$0]?.price?.amount ?? -1 }
                let place = known[own] ?? prices.count
                if place == prices.count { prices.append(own) }
                known[own] = place
                places[request.model.id] = place
            }
        }

        func place(of request: Trace.Request) -> Int? { places[request.model.id] }

        /// Which of them are asked for in a span.
        func asked(in trace: Trace, from: Timestamp, to: Timestamp) -> Set<Int> {
            let asked = trace.requests.drop { $0.at < from }.prefix { $0.at < to }
            return Set(asked.compactMap(place))
        }
    }

    private mutating func gatherStocks(_ replay: Replay, _ kinds: Kinds) {
        struct Span: Hashable {
            let tier: Int
            let from: Int64
            let to: Int64
        }
        var places: [Span: Int] = [:]
        var asked: [Range<Timestamp>: Set<Int>] = [:]
        for candidate in replay.pool where candidate.worksInReplay {
            let settings = candidate.account.settings
            guard let tier = Tier.allCases.firstIndex(of: candidate.account.tier) else { continue }
            let days = replay.renewals(of: candidate).map(\.start)
            var from = replay.from
            var credits = candidate.balance?.posted.amount ?? 0
            for end in days + [replay.to] {
                let span = from..<max(from, end)
                let wanted =
                    asked[span] ?? kinds.asked(in: replay.trace, from: from, to: end)
                asked[span] = wanted
                let prices = Set(wanted.map { kinds.prices[$0][tier] }.filter { $0 > 0 })
                let usable = Self.spendable(credits - settings.reserve.amount, in: prices)
                let stock = Span(tier: tier, from: from.milliseconds, to: end.milliseconds)
                if let place = places[stock] {
                    stocks[place].credits += usable
                } else {
                    places[stock] = stocks.count
                    stocks.append(Stock(tier: tier, from: from, to: end, credits: usable))
                }
                from = end
                credits = settings.monthlyCredits?.amount ?? 0
            }
        }
    }

    /// The largest sum of prices within the credits: what is over buys nothing, whoever decides.
    ///
    /// Of prices asked for while the credits last: what nobody wants then does not use them up.
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
