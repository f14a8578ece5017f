// The scenarios with a name, and random ones.

extension Scenario {
    /// Always the same ones, whatever else is drawn.
    package static func shipped(
        using generator: inout some RandomNumberGenerator
    ) -> [Scenario] {
        let team = pool(tierOne: 3, ultra: 1)
        let rush = Rhythm(monthEnd: 300)
        return [
            Scenario("calm-team", plans: team, shares: mixed, demand: 70, using: &generator),
            Scenario(
                "month-end-rush",
                plans: pool(tierOne: 4, ultra: 1),
                shares: mixed,
                demand: 100,
                rhythm: rush,
                using: &generator
            ),
            Scenario(
                "one-ultra-many-tier-one",
                plans: pool(tierOne: 9, ultra: 1),
                shares: mixed,
                demand: 90,
                using: &generator
            ),
            Scenario(
                "tier-one-only",
                plans: pool(tierOne: 6, ultra: 0),
                shares: shares(fast: 5, lite: 3, flash: 2),
                demand: 95,
                using: &generator
            ),
            Scenario(
                "ultra-only-work",
                plans: pool(tierOne: 4, ultra: 2),
                shares: shares(fast: 2, lite: 1, flash: 1, short: 4, upscaled: 2),
                demand: 90,
                using: &generator
            ),
            Scenario(
                "growing",
                plans: team,
                shares: mixed,
                demand: 100,
                rhythm: Rhythm(growth: 100),
                using: &generator
            ),
            Scenario("half-demand", plans: team, shares: mixed, demand: 50, using: &generator),
            Scenario(
                "one-and-a-half-demand",
                plans: team,
                shares: mixed,
                demand: 150,
                using: &generator
            ),
        ]
    }

    /// 3 to 10 accounts, a third of them ultra; any mix of work, for half to one and a half times what the credits cover.
    package static func drawn(
        _ name: String,
        using generator: inout some RandomNumberGenerator
    ) -> Scenario {
        let plans = (0..<Int.random(in: 3...10, using: &generator)).map { _ in
            let isUltra = Int.random(in: 0..<3, using: &generator) == 0
            return Plan(
                tier: isUltra ? .ultra : .tierOne,
                monthly: isUltra ? 12_500 : 1000,
                opening: Int64.random(in: 20...100, using: &generator),
                renewsOn: Int.random(in: 1...31, using: &generator)
            )
        }
        let hasUltra = plans.contains { $0.tier == .ultra }
        // Each kind of work is missing half of the time.
        func weight() -> Int64 {
            Bool.random(using: &generator) ? Int64.random(in: 1...10, using: &generator) : 0
        }
        var shares = shares(
            fast: weight(),
            lite: weight(),
            quality: weight(),
            flash: weight(),
            short: hasUltra ? weight() : 0,
            upscaled: hasUltra ? weight() : 0
        )
        if shares.allSatisfy({ $0.weight == 0 }) { shares = Self.shares(fast: 1) }
        return Scenario(
            name,
            plans: plans,
            shares: shares,
            demand: Int64.random(in: 50...150, using: &generator),
            rhythm: Rhythm(growth: Int64.random(in: -50...100, using: &generator)),
            using: &generator
        )
    }

    /// Accounts whose renewals are spread over the month.
    private static func pool(tierOne: Int, ultra: Int) -> [Plan] {
        let count = tierOne + ultra
        return (0..<count).map { place in
            let isUltra = place < ultra
            return Plan(
                tier: isUltra ? .ultra : .tierOne,
                monthly: isUltra ? 12_500 : 1000,
                opening: 40 + Int64(place * 37 % 60),
                renewsOn: 1 + place * 28 / count
            )
        }
    }

    private static let mixed = shares(fast: 5, lite: 2, quality: 2, flash: 2, short: 1, upscaled: 1)

    /// Kinds of work that differ in where they can be done and what they cost there, with the share of each in what is asked for.
    ///
    /// `short` and `upscaled` are sold to ultra alone; `fast` and `lite` cost ultra half, `quality` and `flash` the same.
    private static func shares(
        fast: Int64 = 0,
        lite: Int64 = 0,
        quality: Int64 = 0,
        flash: Int64 = 0,
        short: Int64 = 0,
        upscaled: Int64 = 0
    ) -> [Share] {
        let weights = [
            ("veo_3_1_t2v_fast", fast), ("veo_3_1_t2v_lite", lite), ("veo_3_1_t2v", quality),
            ("abra_t2v_8s", flash), ("veo_3_1_t2v_fast_4s", short),
            ("veo_3_1_upsampler_4k", upscaled),
        ]
        return weights.compactMap { key, weight in
            Catalogue.builtin.model(forKey: key).map { Share(model: $0, weight: weight) }
        }
    }
}
