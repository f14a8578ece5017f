/// The search for the prices of a bound, in whole numbers: a price is in millionths of a credit's list price.
///
/// The bound is convex in the prices and full of edges, at which no single price can be moved for the better although several together
/// could. So each demand is cut into pieces that see every price a little higher or lower, each in its own way; that wears the edges
/// off. Then one price after the other is set to what is best with the others as they are. The pieces see less
/// and less amiss, and at last nothing.
///
/// 64 bits are enough for a price of `Replay.highestPrice`, with which a history is cut.
struct PriceSearch {
    /// The credits of accounts of one tier that renew on the same days, from one renewal to the next.
    struct Stock {
        let tier: Int
        let from: Timestamp
        let to: Timestamp
        var credits: Int64
    }

    /// Videos of equal prices, asked for while the same stocks could be had.
    struct Demand {
        let value: Int64
        let count: Int64
        /// Which stocks could take one, and for how many credits.
        let ways: [(stock: Int, price: Int64)]
    }

    static let unit: Int64 = 1_000_000
    /// How far off the pieces see, from a third down, in 2^20ths.
    private static let blurs: [Int64] = [350_000, 100_000, 30_000, 10_000, 3000, 1000, 300, 0]
    private static let sweeps = 200

    var stocks: [Stock] = []
    var demands: [Demand] = []
    /// The value of what costs nothing on some account: every policy delivers it.
    var free: Int64 = 0
    /// The least bound found so far.
    private(set) var least = Int64.max
    private var best: [Int64] = []
    private var bestTotal = Int128.max

    mutating func run(pieces count: Int) {
        note(Array(repeating: 0, count: stocks.count))
        // Not from 0: beside others that cost nothing no credit is worth anything.
        var prices = Array(repeating: Self.unit / 2, count: stocks.count)
        let pieces = Pieces(of: demands, count: count, stocks: stocks.count)
        for blur in Self.blurs {
            var last = Int128.max
            for _ in 0..<Self.sweeps {
                for stock in stocks.indices {
                    prices[stock] = pieces.best(stock, stocks[stock].credits, prices, blur)
                }
                let total = note(prices)
                let change = total < last ? last - total : total - last
                if change <= total / 10_000_000 { break }
                last = total
            }
        }
        descend()
        // What is delivered is a whole number that is not above the sum, so it is not above what the sum begins with.
        least = free + Int64(bestTotal / Int128(Self.unit))
    }

    /// Steps against the slope from the best prices, shorter whenever a while brought nothing.
    private mutating func descend() {
        var prices = best
        var step = Self.unit / 100
        var idle = 0
        while step > 5 {
            let before = bestTotal
            let (_, slope) = evaluate(prices)
            let steepest = slope.map(\.magnitude).max() ?? 0
            guard steepest > 0 else { return }
            for stock in prices.indices {
                let move = Int64(Int128(step) * Int128(slope[stock]) / Int128(steepest))
                prices[stock] = max(prices[stock] - move, 0)
            }
            note(prices)
            idle = bestTotal < before - before / 1_000_000 ? 0 : idle + 1
            if idle > 25 {
                (step, idle, prices) = (step * 3 / 5, 0, best)
            }
        }
    }

    @discardableResult
    private mutating func note(_ prices: [Int64]) -> Int128 {
        let total = evaluate(prices).total
        if total < bestTotal { (bestTotal, best) = (total, prices) }
        return total
    }

    /// The bound at these prices, in millionths, and by how much it rises with each.
    private func evaluate(_ prices: [Int64]) -> (total: Int128, slope: [Int64]) {
        var total: Int128 = 0
        var slope = stocks.map(\.credits)
        for stock in stocks.indices {
            total += Int128(prices[stock]) * Int128(stocks[stock].credits)
        }
        for demand in demands {
            var cheapest = demand.value * Self.unit
            var taken: (stock: Int, price: Int64)?
            for way in demand.ways where prices[way.stock] * way.price < cheapest {
                cheapest = prices[way.stock] * way.price
                taken = way
            }
            guard let taken else { continue }
            total += Int128(demand.count) * Int128(demand.value * Self.unit - cheapest)
            slope[taken.stock] -= demand.count * taken.price
        }
        return (total, slope)
    }
}

/// The demands, each in pieces that see values and prices in their own way.
private struct Pieces {
    private struct Way {
        let stock: Int
        let price: Int64
        /// How its price looks, from −2^20 to 2^20 of the blur.
        let bias: Int64
    }

    private struct Piece {
        let value: Int64
        /// Videos, in as many parts as there are pieces.
        let count: Int64
        let bias: Int64
        let ways: [Way]
    }

    private static let whole: Int64 = 1 << 20

    private var pieces: [Piece] = []
    /// For each stock the pieces it could serve, and by which of their ways.
    private var served: [[(piece: Int, way: Int)]]
    private let count: Int64

    init(of demands: [PriceSearch.Demand], count: Int, stocks: Int) {
        self.count = Int64(count)
        served = Array(repeating: [], count: stocks)
        var state: UInt64 = 7
        // Any scattered numbers serve; these are the same every time.
        func bias() -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 43) - Self.whole
        }
        for demand in demands {
            for _ in 0..<count {
                let ways = demand.ways.map { Way(stock: $0.stock, price: $0.price, bias: bias()) }
                for (place, way) in ways.enumerated() {
                    served[way.stock].append((pieces.count, place))
                }
                pieces.append(
                    Piece(value: demand.value, count: demand.count, bias: bias(), ways: ways)
                )
            }
        }
    }

    /// The best price of a stock while the others stay: the highest at which its credits do not suffice for those that prefer it.
    func best(_ stock: Int, _ credits: Int64, _ prices: [Int64], _ blur: Int64) -> Int64 {
        var limits: [(price: Int64, credits: Int64)] = []
        limits.reserveCapacity(served[stock].count)
        for (place, own) in served[stock] {
            let piece = pieces[place]
            let value = piece.value * PriceSearch.unit
            var cheapest = Self.seen(value, piece.bias, blur)
            for (way, other) in piece.ways.enumerated() where way != own {
                // Above twice the value nobody looks; that keeps the numbers small.
                let cost = min(prices[other.stock] * other.price, 2 * value)
                cheapest = min(cheapest, Self.seen(cost, other.bias, blur))
            }
            let way = piece.ways[own]
            let blurred = Self.whole + way.bias * blur / Self.whole
            limits.append((cheapest * Self.whole / (way.price * blurred), piece.count * way.price))
        }
        limits.sort { $0.price > $1.price }
        var left = credits * count
        for limit in limits {
            left -= limit.credits
            if left < 0 { return limit.price }
        }
        return 0
    }

    private static func seen(_ cost: Int64, _ bias: Int64, _ blur: Int64) -> Int64 {
        cost + cost * (bias * blur / whole) / whole
    }
}
