import PurserCore

/// How much of what was possible in hindsight each policy delivers: over the scenarios with a name, and over random ones.
struct RoutingBenchmark {
    /// Where the new random scenarios begin; the thirty of every run begin at 0.
    let seed: UInt64
    /// How many new ones.
    let count: Int

    func run() {
        var generator = SeededGenerator(seed: 1)
        let shipped = Scenario.shipped(using: &generator)
        Self.showEach(shipped)
        Self.show("routing: share of the bound in hindsight, the scenarios with a name", shipped)
        Self.show("routing: 30 random scenarios, seeds 0 to 29", Self.random(from: 0, count: 30))
        Self.show(
            "routing: \(count) random scenarios from seed \(seed) (aim for balanced: a mean of 98 %, none below round-robin)",
            Self.random(from: seed, count: count)
        )
    }

    private static func random(from seed: UInt64, count: Int) -> [Scenario] {
        (0..<UInt64(count)).map { offset in
            var generator = SeededGenerator(seed: seed + offset)
            return Scenario.drawn("\(seed + offset)", using: &generator)
        }
    }

    private static func showEach(_ scenarios: [Scenario]) {
        var table = FigureTable(
            "routing: each scenario with a name, % of the bound",
            columns: ["scenario"] + PolicyName.allCases.map(\.rawValue)
        )
        for scenario in scenarios {
            let bound = scenario.replay.bound()
            let shares = PolicyName.allCases.map { policy in
                (100 * share(of: policy, in: scenario, bound)).shown(1)
            }
            table.add([scenario.name] + shares)
        }
        table.show()
    }

    private static func show(_ title: String, _ scenarios: [Scenario]) {
        let bounds = scenarios.map { $0.replay.bound() }
        let shares = PolicyName.allCases.map { policy in
            zip(scenarios, bounds).map { share(of: policy, in: $0, $1) }
        }
        let turns = PolicyName.allCases.firstIndex(of: .roundRobin).map { shares[$0] } ?? []
        var table = FigureTable(
            title,
            columns: [
                "policy", "mean %", "worst %", "best %", "below round-robin", "at most by",
            ]
        )
        for (policy, own) in zip(PolicyName.allCases, shares) {
            let behind = zip(own, turns).map { 100 * ($1 - $0) }
            table.add(
                policy.rawValue,
                (100 * own.reduce(0, +) / Double(own.count)).shown(2),
                (100 * (own.min() ?? 0)).shown(2),
                (100 * (own.max() ?? 0)).shown(2),
                "\(behind.count { $0 > 0 }) of \(own.count)",
                max(behind.max() ?? 0, 0).shown(2)
            )
        }
        table.show()
    }

    private static func share(
        of policy: PolicyName,
        in scenario: Scenario,
        _ bound: HindsightBound
    ) -> Double {
        Double(scenario.replay.outcome(of: policy).value) / Double(max(bound.value, 1))
    }
}
