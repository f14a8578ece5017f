import PurserCore
import PurserEngine
import PurserProviders
import PurserSandbox
import PurserTestSupport
import Testing

/// What is known to go wrong in programs of this kind, and must not here.
struct KnownBugsOfOthersTests {
    @Test func `a pre-charge leaked on a crash`() async throws {
        try await withService(["ultra-1"]) { service in
            // A process that claims and is gone: its hold is neither lost nor kept for ever.
            try await service.home.restarted { other in _ = try await other.claimOnly() }
            #expect(try await service.home.balance("ultra-1") == .init(posted: 690, held: 10))
            service.clock.advance(by: .seconds(60))
            _ = try await JobDesk(service.home.engine).check(waitingForQuiet: true)
            #expect(try await service.home.balance("ultra-1") == .init(posted: 690, held: 0))
        }
    }

    @Test func `a budget passed by parallel first requests`() async throws {
        try await withService(["ultra-1"]) { service in
            let member = try await service.home.member("ana", budget: 25)
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for _ in 1...12 {
                    group.addTask {
                        let receipt = try? await service.home.send(.capture, member: member)
                        return receipt?.isAccepted == true
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(accepted == 2)
            #expect(try await service.home.budget("ana") == .init(posted: 5, held: 0))
            #expect(service.sandbox.state().accounts[0].charged == 20)
        }
    }

    @Test func `a cooldown that lives only in memory`() async throws {
        try await withService(["ultra-1"]) { service in
            try service.sandbox.arm(SandboxFault(preset: "throttled"))
            _ = try await service.home.send(.capture)
            try await service.home.restarted { other in
                await #expect(throws: RoutingRefusal.self) { try await other.send(.capture) }
            }
            #expect(service.asked.count == 1)
        }
    }

    @Test func `a repeat charged twice`() async throws {
        try await withService(["ultra-1"]) { service in
            let first = try await service.home.send(.capture, key: "shot-7")
            let second = try await service.home.send(.capture, key: "shot-7")
            try await service.home.restarted { other in
                let third = try await other.send(.capture, key: "shot-7")
                #expect(third.isRepeat && third.answer == first.answer)
            }
            #expect(second.isRepeat && second.charged == .zero)
            #expect(service.sandbox.state().accounts[0].charged == 10)
        }
    }

    @Test func `a job polled for long called failed`() async throws {
        try await withService(["ultra-1"], jobSeconds: 7 * 86_400) { service in
            _ = try await service.home.send(.capture)
            let desk = JobDesk(service.home.engine)
            let open = try await desk.wait(JobFilter(), limit: .seconds(600)) { _ in }
            #expect(open.map(\.state.hasEnded) == [false])
            service.clock.advance(by: .seconds(6 * 86_400))
            #expect(try await desk.ask(JobFilter()).ended.isEmpty)
            service.clock.advance(by: .seconds(86_400))
            #expect(try await desk.ask(JobFilter()).ended.map(\.state) == [.successful])
            #expect(try await service.home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test(arguments: [
        "", "{}", "null", "<html>", #"{"sku": "G1_TIER1"}"#, #"{"credits": null, "sku": "x"}"#,
        #"{"credits": "many", "userPaygateTier": "PAYGATE_TIER_TWO"}"#,
    ])
    func `a failed balance read stored as 0`(_ body: String) async throws {
        try await withService(["ultra-1"]) { service in
            let fault = SandboxFault(.answer, scope: .credits, count: nil, status: 200, body: body)
            try service.sandbox.arm(fault)
            for _ in 1...3 {
                service.clock.advance(by: .seconds(60))
                let account = try await service.home.account("ultra-1")
                let read = await AccountDesk(service.home.engine).refresh([account])
                #expect(throws: ProviderFailure.self) { _ = try read[0].result.get() }
            }
            #expect(try await service.home.balance("ultra-1") == .init(posted: 690, held: 0))
            #expect(try await service.home.account("ultra-1").tier == .ultra)
        }
    }

    @Test func `a balance never read stored as 0`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: nil)
            let refusal = await #expect(throws: RoutingRefusal.self) {
                try await home.send(.capture)
            }
            #expect(refusal?.message.contains("its balance was never read") == true)
            #expect(try await home.balance("ultra-1") == nil)
        }
    }

    @Test(arguments: ["-5", "1e3", "10.5", "\"-1\"", "1000000001"])
    func `negative usage`(_ number: String) async throws {
        try await withService(["ultra-1"]) { service in
            let body = #"{"credits": \#(number), "userPaygateTier": "PAYGATE_TIER_TWO"}"#
            let fault = SandboxFault(.answer, scope: .credits, count: nil, status: 200, body: body)
            try service.sandbox.arm(fault)
            for _ in 1...3 {
                service.clock.advance(by: .seconds(60))
                let account = try await service.home.account("ultra-1")
                _ = await AccountDesk(service.home.engine).refresh([account])
            }
            #expect(try await service.home.balance("ultra-1") == .init(posted: 690, held: 0))
            let usage = try await service.home.engine.store.usage(from: nil, to: nil)
            #expect(usage.allSatisfy { $0.charged >= .zero && $0.refunded >= .zero })
        }
    }

    @Test func `the same subscription under two names`() async throws {
        try await withService(["ultra-1"]) { service in
            await #expect(throws: EngineError.self) {
                try await service.home.add("again", .ultra, credits: 690, token: "token-of-ultra-1")
            }
            let accounts = try await service.home.engine.store.accounts()
            #expect(accounts.count == 1)
        }
    }

    @Test func `a moderation refusal that rests an account`() async throws {
        try await withService(["ultra-1"]) { service in
            try service.sandbox.arm(SandboxFault(preset: "unsafe-generation"))
            _ = try await service.home.send(.capture)
            let reason = "PUBLIC_ERROR_SEXUAL"
            try service.sandbox.arm(SandboxFault(.failJobs, reason: reason, state: "FILTERED"))
            _ = try await service.home.send(.capture)
            service.clock.advance(by: .seconds(61))
            let ended = try await JobDesk(service.home.engine).ask(JobFilter()).ended
            #expect(ended.map(\.state) == [.filtered])
            #expect(try await service.home.overview("ultra-1").candidate.rests.isEmpty)
            #expect(try await service.words("ultra-1") == [])
        }
    }

    @Test func `first 100 rows only`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 100_000)
            for index in 0..<130 {
                home.provider.answer(.accepted("op-\(index)"))
                home.provider.job(
                    JobReading(
                        operationName: "op-\(index)",
                        state: .successful,
                        failure: nil,
                        mediaIDs: []
                    )
                )
            }
            for _ in 0..<130 {
                _ = try await home.send(.capture)
                if try await home.overview("ultra-1").candidate.jobsInFlight >= 4 {
                    _ = try await JobDesk(home.engine).ask(JobFilter())
                }
            }
            #expect(try await home.engine.store.jobs(JobFilter()).count == 130)
            #expect(try await home.entries("ultra-1").count == 1 + 2 * 130)
            let usage = try await home.engine.store.usage(from: nil, to: nil)
            #expect(usage.map(\.videos) == [130])
        }
    }

    @Test func `a refresh race that marks a good account dead`() async throws {
        try await withService(["ultra-1"]) { service in
            // Listed with the old token, which dies; answered after the new one is in place.
            let listed = try await service.home.account("ultra-1")
            try service.sandbox.setToken(of: "ultra-1", to: "fresh-token", keepOld: true)
            try await service.home.rotate("ultra-1", to: "fresh-token")
            let dead = try SandboxFault(preset: "unauthorized")
            for _ in 1...3 {
                var fault = dead
                fault.scope = .credits
                try service.sandbox.arm(fault)
                _ = await AccountDesk(service.home.engine).refresh([listed])
                service.clock.advance(by: .seconds(60))
            }
            #expect(try await service.home.account("ultra-1").state == .enabled)
            #expect(try await service.home.send(.capture).isAccepted)
        }
    }

    @Test func `one refused reading that retires an account`() async throws {
        try await withService(["ultra-1"]) { service in
            let desk = AccountDesk(service.home.engine)
            func refuse() async throws -> AccountState {
                var fault = try SandboxFault(preset: "unauthorized")
                fault.scope = .credits
                try service.sandbox.arm(fault)
                _ = await desk.refresh([try await service.home.account("ultra-1")])
                service.clock.advance(by: .seconds(60))
                return try await service.home.account("ultra-1").state
            }
            #expect(try await refuse() == .enabled)
            _ = await desk.refresh([try await service.home.account("ultra-1")])
            #expect(try await refuse() == .enabled)
            #expect(try await refuse() != .enabled)
        }
    }
}
