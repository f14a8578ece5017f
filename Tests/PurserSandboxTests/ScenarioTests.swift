import Testing

@testable import PurserSandbox

struct ScenarioTests {
    @Test func `a short file gets the defaults`() throws {
        let scenario = try SandboxScenario(
            json: Array(#"{"accounts":[{"token":"t","tier":"PAYGATE_TIER_ONE","credits":5}]}"#.utf8)
        )
        #expect(
            scenario
                == SandboxScenario(
                    accounts: [.init(token: "t", tier: "PAYGATE_TIER_ONE", credits: 5)])
        )
        #expect(scenario.jobSeconds == 2)
        #expect(scenario.accounts[0].maxJobs == 4)
    }

    @Test func `an unknown key is an error that names it and not the token`() {
        let file = #"{"accounts":[{"token":"secret","tier":"T","credits":5,"maxJob":1}]}"#
        let error = #expect(throws: SandboxError.self) {
            try SandboxScenario(json: Array(file.utf8))
        }
        #expect(error?.description.contains(#"body.accounts[0]: unknown key "maxJob""#) == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: [
        [SandboxScenario.Account(token: "a", tier: "T", credits: 5, subscriptionCredits: 6)],
        [.init(token: "a", tier: "T", credits: 5, subscriptionCredits: 1, topUpCredits: 1)],
        [.init(token: "", tier: "T", credits: 5)],
        [.init(token: "a", tier: "T", credits: -1)],
        [.init(token: "a", tier: "T", credits: .max, subscriptionCredits: .min)],
        [.init(token: "a", tier: "T", credits: 1), .init(token: "a", tier: "T", credits: 1)],
        [
            .init(label: "x", token: "a", tier: "T", credits: 1),
            .init(label: "x", token: "b", tier: "T", credits: 1),
        ],
    ])
    func `accounts that contradict themselves are refused`(_ accounts: [SandboxScenario.Account]) {
        #expect(throws: SandboxError.self) { try Sandbox(SandboxScenario(accounts: accounts)) }
    }

    @Test(arguments: [(-1, 0), (1, -1), (1e300, 0)])
    func `times out of range are refused`(_ job: Double, _ refund: Double) {
        let scenario = SandboxScenario(accounts: [], jobSeconds: job, refundDelaySeconds: refund)
        #expect(throws: SandboxError.self) { try Sandbox(scenario) }
    }

    @Test(
        arguments: [
            ("veo_3_0_r2v_fast", 20, 20), ("veo_3_0_r2v_fast_ultra", nil, 10),
            ("veo_3_1_t2v_lite", 10, 5), ("veo_3_1_t2v_lite_low_priority", nil, 0),
            ("veo_3_1_t2v", 100, 100), ("veo_3_1_upsampler_1080p", 0, 0),
            ("veo_3_1_upsampler_4k", nil, 50), ("abra_t2v_8s", 12, 12),
            ("veo_3_1_r2v_fast", 20, nil),
        ] as [(String, Int?, Int?)]
    )
    func `a key costs what its tier pays`(_ key: String, _ one: Int?, _ two: Int?) {
        let prices = Prices(additions: [])
        #expect(
            prices.sale(of: key, to: "PAYGATE_TIER_ONE") == one.map(Prices.Sale.price) ?? .notSold
        )
        #expect(
            prices.sale(of: key, to: "PAYGATE_TIER_TWO") == two.map(Prices.Sale.price) ?? .notSold
        )
        #expect(prices.sale(of: key + "x", to: "PAYGATE_TIER_ONE") == .unknownKey)
    }

    @Test func `a scenario's model stands over the built-in one`() {
        let prices = Prices(additions: [
            .init(key: "veo_3_1_t2v", credits: ["PAYGATE_TIER_ONE": 90])
        ])
        #expect(prices.sale(of: "veo_3_1_t2v", to: "PAYGATE_TIER_ONE") == .price(90))
        #expect(prices.sale(of: "veo_3_1_t2v", to: "PAYGATE_TIER_TWO") == .notSold)
    }

    @Test func `names are the same for the same seed and never meet`() {
        var first = Names(seed: 7)
        var second = Names(seed: 7)
        var other = Names(seed: 8)
        let names = (0..<1000).map { _ in first.operation() }
        #expect(names == (0..<1000).map { _ in second.operation() })
        #expect(Set(names + (0..<1000).map { _ in other.operation() }).count == 2000)
        #expect(names.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
        #expect(first.uuid().split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    }
}
