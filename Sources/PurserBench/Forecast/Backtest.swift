import PurserCore

/// One generated history, cut at a day: what would have been forecast then, and what came.
struct Backtest {
    /// What a range is worth: whether it held, and how wide it was.
    struct Score {
        var cases = 0
        var inside = 0
        var below = 0
        var width = 0.0

        mutating func add(_ value: Double, in range: ClosedRange<Double>, per unit: Double) {
            cases += 1
            if range.contains(value) { inside += 1 }
            if value < range.lowerBound { below += 1 }
            width += (range.upperBound - range.lowerBound) / unit
        }

        static func + (a: Score, b: Score) -> Score {
            Score(
                cases: a.cases + b.cases,
                inside: a.inside + b.inside,
                below: a.below + b.below,
                width: a.width + b.width
            )
        }

        var shareBelow: Double { 100 * Double(below) / Double(cases) }
        var share: Double { 100 * Double(inside) / Double(cases) }
        var meanWidth: Double { width / Double(cases) }
    }

    struct Scores {
        var runOut = Score()
        var unused = Score()
        var naiveRunOut = Score()
        var naiveUnused = Score()

        static func + (a: Scores, b: Scores) -> Scores {
            Scores(
                runOut: a.runOut + b.runOut,
                unused: a.unused + b.unused,
                naiveRunOut: a.naiveRunOut + b.naiveRunOut,
                naiveUnused: a.naiveUnused + b.naiveUnused
            )
        }
    }

    private static let horizon = 120
    private let today: CalendarDay
    private let past: [Int64]
    private let future: [Int64]
    private let history: SpendingHistory
    /// Of the last four weeks.
    private let level: Double

    init(_ shape: SpendingShape, known days: Int, _ generator: inout SeededGenerator) {
        let all = shape.days(days + Self.horizon, &generator)
        let today = CalendarDay(number: 20_000 + Int.random(in: 0..<700, using: &generator))
        self.today = today
        past = Array(all.prefix(days))
        future = Array(all.suffix(Self.horizon))
        let spent = past.enumerated().map { (CalendarDay(number: today.number - days + $0), $1) }
        history = SpendingHistory(Dictionary(uniqueKeysWithValues: spent), before: today)
        let recent = past.suffix(28)
        level = max(1, Double(recent.reduce(0, +)) / Double(recent.count))
    }

    /// Adds both questions of this history; nothing where it is not enough.
    func score(_ scores: inout Scores, _ generator: inout SeededGenerator) throws {
        let lasting = Int64(level * Double.random(in: 7...40, using: &generator))
        if let outlook = try outlook(lasting, renewal: nil) {
            let none = Double(Self.horizon)
            func day(_ day: CalendarDay?) -> Double {
                day.map { Double($0.number - today.number) } ?? none
            }
            var left = lasting
            let last = future.firstIndex { spent in
                left -= spent
                return left <= 0
            }
            let actual = last.map(Double.init) ?? none
            let range = day(outlook.runsOut.low)...day(outlook.runsOut.high)
            scores.runOut.add(actual, in: range, per: 1)
            scores.naiveRunOut.add(actual, in: naiveRunOut(lasting), per: 1)
        }
        let ahead = Int.random(in: 3...28, using: &generator)
        let ample = Int64(level * Double(ahead) * Double.random(in: 1.3...3, using: &generator))
        let renewal = CalendarDay(number: today.number + ahead).components.day
        if let unused = try outlook(ample, renewal: renewal)?.unused {
            let days = unused.on.number - today.number
            let actual = max(0, ample - future.prefix(days).reduce(0, +))
            let range = Double(unused.credits.low.amount)...Double(unused.credits.high.amount)
            scores.unused.add(Double(actual), in: range, per: Double(ample))
            scores.naiveUnused.add(Double(actual), in: naiveUnused(ample, days), per: Double(ample))
        }
    }

    private func outlook(_ credits: Int64, renewal day: Int?) throws -> Outlook? {
        let plan = Credits(unchecked: credits)
        let account = ForecastAccount(
            name: "a",
            tier: .ultra,
            available: plan,
            renewal: day.map { .init(day: $0, credits: plan) },
            history: history
        )
        let forecast = try CreditForecast([account], at: today.start, days: Self.horizon)
        guard case .outlook(let outlook) = forecast.accounts[0].result else { return nil }
        return outlook
    }

    // MARK: The yardstick: the plain mean, and as many deviations as hold 80 % of a bell curve

    private var mean: Double { Double(past.reduce(0, +)) / Double(past.count) }
    private var spread: Double {
        let squares = past.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return 1.2816 * (squares / Double(past.count - 1)).squareRoot()
    }

    private func naiveRunOut(_ credits: Int64) -> ClosedRange<Double> {
        func first(_ sign: Double) -> Double {
            let day = (1...Self.horizon).first {
                Double($0) * mean + sign * spread * Double($0).squareRoot() >= Double(credits)
            }
            return Double((day ?? Self.horizon + 1) - 1)
        }
        return first(1)...first(-1)
    }

    private func naiveUnused(_ credits: Int64, _ days: Int) -> ClosedRange<Double> {
        let expected = Double(days) * mean
        let deviation = spread * Double(days).squareRoot()
        func left(_ demand: Double) -> Double { max(0, Double(credits) - demand).rounded() }
        return left(expected + deviation)...left(expected - deviation)
    }
}
