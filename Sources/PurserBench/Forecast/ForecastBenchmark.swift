import PurserCore

/// How often a forecast's range holds on generated histories, how wide it is, and what a forecast costs.
enum ForecastBenchmark {
    private static let cases = 240
    private static let lengths = [14...27, 28...83, 84...364]

    static func run() throws {
        for isByLength in [false, true] { try showBacktest(isByLength) }
    }

    private static func showBacktest(_ isByLength: Bool) throws {
        var table = FigureTable(
            "forecast: share of cases inside the 10 to 90 % range (aim: 80 %), and mean width; naive is the plain mean ± 1.28 deviations",
            columns: [
                isByLength ? "days of history" : "shape", "cases", "run-out", "before", "width (days)", "naive", "width",
                "unused", "below", "width (% of credits)", "naive", "width",
            ]
        )
        var all = Backtest.Scores()
        func add(_ name: String, _ scores: Backtest.Scores) {
            table.add(
                name, scores.runOut.cases.grouped, scores.runOut.share.shown(1),
                (100 * Double(scores.runOut.below) / Double(scores.runOut.cases)).shown(1),
                scores.runOut.meanWidth.shown(1), scores.naiveRunOut.share.shown(1),
                scores.naiveRunOut.meanWidth.shown(1), scores.unused.share.shown(1),
                (100 * Double(scores.unused.below) / Double(scores.unused.cases)).shown(1),
                (scores.unused.meanWidth * 100).shown(1), scores.naiveUnused.share.shown(1),
                (scores.naiveUnused.meanWidth * 100).shown(1)
            )
        }
        if isByLength {
            for length in lengths {
                var scores = Backtest.Scores()
                for shape in SpendingShape.allCases { scores = scores + (try self.scores(shape, [length])) }
                add("\(length.lowerBound) to \(length.upperBound)", scores)
            }
        } else {
            for shape in SpendingShape.allCases {
                let scores = try scores(shape, lengths)
                all = all + scores
                add(shape.rawValue, scores)
            }
            add("all", all)
        }
        table.show()
    }

    private static func scores(_ shape: SpendingShape, _ lengths: [ClosedRange<Int>]) throws -> Backtest.Scores {
        var scores = Backtest.Scores()
        for length in lengths {
            var generator = SeededGenerator(seed: UInt64(length.lowerBound))
            for _ in 0..<(cases / 3) {
                let days = Int.random(in: length, using: &generator)
                let test = Backtest(shape, known: days, &generator)
                try test.score(&scores, &generator)
            }
        }
        return scores
    }
}
