import PurserCore

/// How long a choice takes, by policy and by the size of the pool; a pool of 50 is the yardstick.
enum ChooseBenchmark {
    private static let sizes = [50, 500, 5_000, 50_000]
    private static let rounds = 9
    private static let choices = 1_000

    static func run() throws {
        var table = FigureTable(
            "choose: µs of processor time a choice, median of \(rounds) rounds of \(choices.grouped) "
                + "(aim: under 20 at 5,000, at most twice as long as with 50)",
            columns: ["policy", "resting"] + sizes.map { "\($0.grouped) accounts" }
                + ["5,000 to 50", "noting a claim at 5,000"]
        )
        for hasResting in [false, true] {
            for policy in PolicyName.allCases {
                let figures = try measure(policy, hasResting)
                table.add(
                    policy.rawValue,
                    hasResting ? "1 in 20" : "none",
                    figures[0].choosing.shown(2),
                    figures[1].choosing.shown(2),
                    figures[2].choosing.shown(2),
                    figures[3].choosing.shown(2),
                    (figures[2].choosing / figures[0].choosing).shown(2),
                    figures[2].noting.shown(2)
                )
            }
        }
        table.show()
    }

    private static func measure(
        _ policy: PolicyName,
        _ hasResting: Bool
    ) throws -> [(choosing: Double, noting: Double)] {
        var pools = try sizes.map {
            try RoutingPool(size: $0, policy: policy, hasResting: hasResting)
        }
        var choosing = sizes.map { _ in [Double]() }
        var noting = sizes.map { _ in [Double]() }
        // The first round only warms up. Sizes take turns, so that what disturbs one disturbs all.
        for round in 0...rounds {
            for index in sizes.indices {
                let spent = try pools[index].take(choices)
                guard round > 0 else { continue }
                choosing[index].append(spent.choosing.microseconds / Double(choices))
                noting[index].append(spent.noting.microseconds / Double(choices))
            }
        }
        return sizes.indices.map { (choosing[$0].median, noting[$0].median) }
    }
}
