import PurserCore

/// How often a forecast's ranges hold on generated histories, how wide they are, and what a forecast costs.
///
/// The yardstick is what anybody would do first: the plain mean of the past, and as many deviations as hold 80 % of a bell
/// curve.
enum ForecastBenchmark {
    private static let cases = 80
    /// Days of history: what has just begun, some weeks, up to a year.
    private static let lengths = [14...27, 28...83, 84...364]

    static func run() throws {
        var scores: [[Backtest.Scores]] = []
        for shape in SpendingShape.allCases {
            scores.append(try lengths.map { try self.scores(shape, $0) })
        }
        func sum(_ scores: some Sequence<Backtest.Scores>) -> Backtest.Scores {
            scores.reduce(Backtest.Scores(), +)
        }
        var rows = zip(SpendingShape.allCases, scores).map { ($0.rawValue, sum($1)) }
        for (index, length) in lengths.enumerated() {
            let name = "\(length.lowerBound) to \(length.upperBound) days"
            rows.append((name, sum(scores.map { $0[index] })))
        }
        rows.append(("all", sum(scores.joined())))
        show("run-out day; widths in days", rows.map { ($0, $1.runOut, $1.naiveRunOut) }, 1)
        let unused = rows.map { ($0, $1.unused, $1.naiveUnused) }
        show("unused at the renewal; widths in % of the credits", unused, 100)
        try ForecastCost.run()
    }

    private static func show(
        _ what: String,
        _ rows: [(name: String, score: Backtest.Score, naive: Backtest.Score)],
        _ scale: Double
    ) {
        var table = FigureTable(
            "forecast: % of cases inside the 10 to 90 % range (aim: about 80): \(what)",
            columns: [
                "history", "cases", "inside", "below", "above", "mean width", "plain mean: inside",
                "mean width",
            ]
        )
        for row in rows {
            table.add(
                row.name,
                row.score.cases.grouped,
                row.score.share.shown(1),
                row.score.shareBelow.shown(1),
                (100 - row.score.share - row.score.shareBelow).shown(1),
                (row.score.meanWidth * scale).shown(1),
                row.naive.share.shown(1),
                (row.naive.meanWidth * scale).shown(1)
            )
        }
        table.show()
    }

    private static func scores(
        _ shape: SpendingShape,
        _ length: ClosedRange<Int>
    ) throws -> Backtest.Scores {
        var scores = Backtest.Scores()
        var generator = SeededGenerator(seed: UInt64(length.lowerBound))
        for _ in 0..<cases {
            let days = Int.random(in: length, using: &generator)
            let test = Backtest(shape, known: days, &generator)
            try test.score(&scores, &generator)
        }
        return scores
    }
}

/// What the forecast of a whole team takes, with a year of history; that of one account is the yardstick.
private enum ForecastCost {
    private static let rounds = 9
    private static let sizes = [1, 10, 50]

    static func run() throws {
        var generator = SeededGenerator(seed: 1)
        let today = CalendarDay(number: 20_000)
        let accounts = (0..<50).map { index in
            let shape = SpendingShape.allCases[index % SpendingShape.allCases.count]
            let days = shape.days(364, &generator).enumerated().map {
                (CalendarDay(number: today.number - 364 + $0), $1)
            }
            return ForecastAccount(
                name: "a\(index)",
                tier: index.isMultiple(of: 3) ? .ultra : .tierOne,
                available: Credits(unchecked: 5000),
                renewal: .init(day: index % 31 + 1, credits: Credits(unchecked: 10_000)),
                history: SpendingHistory(Dictionary(uniqueKeysWithValues: days), before: today)
            )
        }
        var times = sizes.map { _ in [Double]() }
        let clock = ContinuousClock()
        for _ in 0..<rounds {
            for (index, size) in sizes.enumerated() {
                let some = Array(accounts.prefix(size))
                let spent = try clock.measure {
                    _ = try CreditForecast(some, at: today.start, days: 60)
                }
                times[index].append(spent.microseconds / 1000)
            }
        }
        var table = FigureTable(
            "forecast: ms for accounts, tiers and pool, 60 days ahead, a year of history each; median of \(rounds)",
            columns: ["accounts"] + sizes.map(\.grouped) + ["50 to 1"]
        )
        let medians = times.map(\.median)
        table.add(
            "all rows",
            medians[0].shown(1),
            medians[1].shown(1),
            medians[2].shown(1),
            (medians[2] / medians[0]).shown(1)
        )
        table.show()
    }
}
