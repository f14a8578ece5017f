import PurserCore
import PurserEngine
import PurserSandbox
import PurserTestSupport
import Testing

/// How rests end, over HTTP and across restarts, and how often one submission is tried.
struct RestingTests {
    private func arm(
        _ service: ServiceHome,
        _ preset: String,
        account: String? = nil,
        count: Int = 1,
        retryAfter: String? = nil
    ) throws {
        var fault = try SandboxFault(preset: preset)
        fault.account = account
        fault.count = count
        fault.retryAfter = retryAfter
        try service.sandbox.arm(fault)
    }

    @Test(arguments: [("0", 5), ("90", 90), ("86400", 1800)])
    func `a Retry-After is obeyed between a floor and a cap`(
        _ header: String,
        _ seconds: Int
    ) async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "throttled", retryAfter: header)
            _ = try await service.home.send(.capture)
            let until = try await service.rests()["ultra-1"]?.first?.until
            #expect(until == service.clock.now + .seconds(seconds))
        }
    }

    @Test func `throttling again and again rests from a minute to half an hour`() async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "throttled", count: 7)
            var spans: [Duration] = []
            for _ in 1...7 {
                _ = try await service.home.send(.capture)
                let rest = try #require(try await service.rests()["ultra-1"]?.first)
                spans.append(rest.until - service.clock.now)
                service.clock.advance(by: rest.until - service.clock.now)
            }
            #expect(spans == [60, 120, 240, 480, 960, 1800, 1800].map { .seconds($0) })
            // Quiet for long enough, and the first rest is a minute again.
            service.clock.advance(by: RestRule.forgetting * RestRule.mostStrikes)
            try arm(service, "throttled")
            _ = try await service.home.send(.capture)
            let until = try await service.rests()["ultra-1"]?.first?.until
            #expect(until == service.clock.now + .seconds(60))
        }
    }

    @Test func `a rest and the way back from it survive a restart`() async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "throttled")
            _ = try await service.home.send(.capture)
            try await service.home.restarted { other in
                await #expect(throws: RoutingRefusal.self) { try await other.send(.capture) }
                service.clock.advance(by: .seconds(60))
                let candidate = try await other.overview("ultra-1").candidate
                #expect(candidate.comeback(at: other.clock.now)?.width == 1)
                _ = try await other.send(.capture)
            }
            try await service.home.restarted { other in
                let candidate = try await other.overview("ultra-1").candidate
                #expect(candidate.comeback(at: other.clock.now)?.width == 2)
                #expect(candidate.rests.map(\.strikes) == [1])
            }
        }
    }

    @Test func `after a throttling one request at a time is on its way`() async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "throttled")
            _ = try await service.home.send(.capture)
            service.clock.advance(by: .seconds(60))
            let hold = try await service.home.claimOnly()
            #expect(
                try await service.words("ultra-1")
                    == ["coming back gently (throttled): 1 of 1 jobs under way"]
            )
            await #expect(throws: RoutingRefusal.self) { try await service.home.send(.capture) }
            try await service.home.void(hold)
            _ = try await service.home.send(.capture)
            #expect(try await service.words("ultra-1") == [])
        }
    }

    @Test func `a daily quota rests one model until midnight, and no other`() async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "daily-quota")
            _ = try await service.home.send(.capture)
            await #expect(throws: RoutingRefusal.self) { try await service.home.send(.capture) }
            let other = try await service.home.send(.startImage("m"))
            #expect(other.isAccepted)
            service.clock.advance(by: .seconds(12 * 3600))
            #expect(try await service.home.send(.capture).isAccepted)
        }
    }

    @Test func `an account without credits is back when a reading shows the price`() async throws {
        try await withService(["ultra-1"]) { service in
            try service.sandbox.setCredits(of: "ultra-1", to: 4)
            let refused = try await service.home.send(.capture)
            #expect(refused.answer.status == 429)
            #expect(try await service.rests()["ultra-1"]?.map(\.reason) == [.outOfCredits])

            // A reading below the price makes the rest last, one above it ends it.
            service.clock.advance(by: .seconds(14 * 60))
            let desk = AccountDesk(service.home.engine)
            _ = await desk.refresh([try await service.home.account("ultra-1")])
            service.clock.advance(by: .seconds(14 * 60))
            #expect(try await service.rests()["ultra-1"]?.count == 1)
            try service.sandbox.setCredits(of: "ultra-1", to: 690)
            _ = await desk.refresh([try await service.home.account("ultra-1")])
            #expect(try await service.rests()["ultra-1"] == [])
            // The books had come to believe the 4; a second equal reading says otherwise.
            service.clock.advance(by: .seconds(31))
            _ = await desk.refresh([try await service.home.account("ultra-1")])
            #expect(try await service.home.send(.capture).isAccepted)
        }
    }

    @Test func `a limit on jobs at a time ends with one of the jobs`() async throws {
        try await withService(["ultra-1"]) { service in
            _ = try await service.home.send(.capture)
            service.clock.advance(by: .seconds(55))
            try arm(service, "concurrent-limit")
            _ = try await service.home.send(.capture)
            service.clock.advance(by: .seconds(6))
            #expect(try await service.rests()["ultra-1"]?.map(\.reason) == [.concurrencyLimit])
            _ = try await JobDesk(service.home.engine).ask(JobFilter())
            #expect(try await service.rests()["ultra-1"] == [])
        }
    }

    @Test func `a wrong tier is read again, corrected, and the same account is asked anew`()
        async throws
    {
        try await withService(["ultra-1"]) { service in
            try service.sandbox.setTier(of: "ultra-1", to: "PAYGATE_TIER_ONE")
            let receipt = try await service.home.send(.capture)
            #expect(receipt.isAccepted && receipt.modelKeys == ["veo_3_0_r2v_fast"])
            #expect(receipt.charged.amount == 20)
            #expect(try await service.home.account("ultra-1").tier == .tierOne)
            #expect(try await service.told() == ["account.tier ultra-1"])
        }
    }

    // MARK: How often

    @Test func `a busy service is asked a bounded number of times, ever more slowly`() async throws
    {
        let settings = EngineSettings(attempts: 7, retryWithin: .seconds(600))
        try await withService(["ultra-1", "ultra-2"], settings: settings) { service in
            try arm(service, "high-traffic", count: 100)
            let before = service.clock.now
            let receipt = try await service.home.send(.capture)
            #expect(receipt.answer.status == 503)
            #expect(service.asked == Array(repeating: "ultra-1", count: 7))
            #expect(service.clock.now - before == .seconds(90))
            #expect(try await service.home.totalHeld() == 0)
        }
    }

    @Test func `no attempt begins after the time for it`() async throws {
        let settings = EngineSettings(attempts: 10, retryWithin: .seconds(20))
        try await withService(["ultra-1"], settings: settings) { service in
            try arm(service, "model-overloaded", count: 100)
            let before = service.clock.now
            _ = try await service.home.send(.capture)
            #expect(service.asked.count == 4)
            #expect(service.clock.now - before == .seconds(14))
        }
    }

    @Test func `a Retry-After beyond the time is not waited for`() async throws {
        try await withService(["ultra-1"]) { service in
            try arm(service, "high-traffic", count: 2, retryAfter: "40")
            let before = service.clock.now
            #expect(try await service.home.send(.capture).isAccepted)
            #expect(service.clock.now - before == .seconds(80))
            try arm(service, "high-traffic", retryAfter: "3600")
            #expect(try await service.home.send(.capture).answer.status == 503)
        }
    }

    @Test func `other accounts count as attempts too`() async throws {
        let names = (1...6).map { "ultra-\($0)" }
        try await withService(names) { service in
            try arm(service, "throttled", count: 100)
            #expect(try await service.home.send(.capture).answer.status == 429)
            #expect(service.asked == ["ultra-1", "ultra-2", "ultra-3"])
        }
    }
}

extension EngineHome {
    /// A hold, as if a request were on its way.
    func claimOnly() async throws -> Claim {
        let body = try CaptureFile.parse(Array(String.capture.utf8))
        let call = try engine.resolver.call(of: body)
        let order = ClaimOrder(
            submissionID: engine.ambient.newID(),
            attempt: 1,
            memberID: owner,
            idempotencyKey: nil,
            fingerprint: [1],
            path: call.path,
            request: try engine.resolver.routeRequest(
                for: body,
                call: call,
                only: nil,
                maxCredits: nil
            ),
            mediaIDs: [],
            operation: engine.ambient.newID()
        )
        guard case .claimed(let claim) = try await engine.store.claim(order, at: clock.now) else {
            throw CancellationError()
        }
        return claim
    }

    func void(_ claim: Claim) async throws {
        let settlement = Settlement(
            ending: .voided,
            evidence: "never sent",
            operation: engine.ambient.newID()
        )
        try await engine.store.settle(claim, as: settlement, at: clock.now)
    }
}
