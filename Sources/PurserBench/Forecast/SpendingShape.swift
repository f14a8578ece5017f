import Glibc

/// How a generated team spends from day to day.
enum SpendingShape: String, CaseIterable {
    /// The same every day, but for chance.
    case steady
    /// Little at weekends.
    case weekday
    /// Nothing at weekends.
    case office
    /// Grows or shrinks by up to 4 % a week, with weekends.
    case trend
    /// A level that wanders by some 8 % a week, with weekends.
    case wander
    /// Quiet weeks, and busy stretches of some days with six times as much.
    case bursts
    /// A batch on one day in four.
    case sparse

    /// Credits spent on each of `count` days.
    func days(_ count: Int, _ generator: inout SeededGenerator) -> [Int64] {
        let videos = Double.random(in: 4...40, using: &generator)
        let growth = Double.random(in: -0.04...0.04, using: &generator)
        let price = [10, 20, 100].randomElement(using: &generator) ?? 20
        let quietEnds = 12.0
        var level = 1.0
        var isBusy = false
        return (0..<count).map { day in
            let weekend = day % 7 >= 5 ? 0.2 : 1.0
            let mean: Double
            switch self {
            case .steady: mean = videos
            case .weekday: mean = videos * weekend
            case .office: mean = day % 7 >= 5 ? 0 : videos
            case .trend: mean = videos * weekend * pow(1 + growth, Double(day - count / 2) / 7)
            case .wander:
                level *= exp(generator.normal() * 0.08 / 7.0.squareRoot())
                mean = videos * weekend * level
            case .bursts:
                let turns =
                    Double.random(in: 0..<1, using: &generator) < 1 / (isBusy ? 4 : quietEnds)
                if turns { isBusy.toggle() }
                mean = videos * (isBusy ? 3 : 0.5)
            case .sparse:
                let isBatch = Double.random(in: 0..<1, using: &generator) < 0.25
                mean = isBatch ? videos * 3 : 0
            }
            return Int64(generator.poisson(mean) * price)
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func normal() -> Double {
        let angle = Double.random(in: 0..<(2 * Double.pi), using: &self)
        return (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot() * cos(angle)
    }

    fileprivate mutating func poisson(_ mean: Double) -> Int {
        guard mean < 50 else { return Int(max(0, mean + mean.squareRoot() * normal())) }
        var count = 0
        var product = Double.random(in: 0..<1, using: &self)
        let limit = exp(-mean)
        while product > limit {
            count += 1
            product *= Double.random(in: 0..<1, using: &self)
        }
        return count
    }
}
