import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Testing

struct JobDeskTests {
    @Test func `an account that is never quiet is decided all the same`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture) }
            home.clock.advance(by: .seconds(25 * 3600))
            let desk = JobDesk(home.engine)
            // The first check falls into work that outlasts it: nothing is decided, and the account stops for a moment.
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            let during = Seen<JobDesk.Checked>()
            home.provider.whileSending {
                await during.record { try await desk.check(waitingForQuiet: true) }
            }
            home.provider.answer(.accepted("op-1"))
            let before = home.clock.now
            _ = try await home.send(.capture)
            #expect(home.clock.now - before == .seconds(90))
            #expect(try during.value()?.failures.isEmpty == true)
            #expect(try await home.overview("ultra-1").unknown.amount == 10)
            let rests = try await home.overview("ultra-1").candidate.rests
            #expect(rests.map(\.reason) == [.quietPoint])

            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 680))))
            _ = try await desk.check(waitingForQuiet: true)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `a reconciliation reads an account again that it stopped itself`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture) }
            home.clock.advance(by: .seconds(25 * 3600))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            let account = try await home.account("ultra-1")
            home.provider.whileSending {
                _ = try? await AccountDesk(home.engine).reconcile([account])
            }
            home.provider.answer(.accepted("op-1"))
            let before = home.clock.now
            _ = try await home.send(.capture)
            #expect(home.clock.now - before == .seconds(90))
        }
    }

    @Test func `a failed job is refunded once, when two readings show it`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            home.clock.advance(by: .seconds(60))
            home.provider.job(
                JobReading(
                    operationName: "op-1",
                    state: .failed,
                    failure: "PUBLIC_ERROR_MINOR",
                    mediaIDs: []
                )
            )
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))

            let checked = try await JobDesk(home.engine).check(waitingForQuiet: true)
            #expect(checked.ended.map(\.state) == [.failed])
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))

            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)
            let entries = try await home.entries("ultra-1")
            #expect(entries.filter { $0.kind == .refund }.count == 1)
            #expect(try await home.verifyFindings().isEmpty)
        }
    }

    @Test func `an unknown outcome that was charged is settled by a check`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture) }
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 680))))

            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)

            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            #expect(try await home.entries("ultra-1").map(\.kind).contains(.charge))
        }
    }

    @Test func `an unknown outcome that was free is released by a check, never by time`()
        async throws
    {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture) }
            home.clock.advance(by: .seconds(86_400 * 30))
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 10))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))

            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)

            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
        }
    }

    @Test func `what one account's first reading decides is told, though another has to wait`()
        async throws
    {
        try await withEngine { home in
            let reading = CreditsReading(credits: .init(unchecked: 680))
            home.provider.anyCredits(reading)
            for name in ["ultra-1", "ultra-2"] {
                try await home.add(name, .ultra, credits: 690)
                home.provider.answer(.unknown(reason: "reset", answer: nil))
                await #expect(throws: DispatchError.self) { try await home.send(.capture) }
                home.clock.advance(by: .seconds(60))
                if name == "ultra-1" {
                    _ = await AccountDesk(home.engine).refresh([try await home.account(name)])
                }
            }

            let checked = try await JobDesk(home.engine).check(waitingForQuiet: true)

            #expect(checked.reconciled.map(\.account) == ["ultra-1", "ultra-2"])
            for (_, result) in checked.reconciled {
                guard case .booked = result else {
                    Issue.record("\(result)")
                    continue
                }
            }
        }
    }

    @Test func `one reading alone decides nothing`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture) }
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 680))))

            _ = try await JobDesk(home.engine).check(waitingForQuiet: false)

            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 10))
        }
    }

    @Test func `a job that was polled for long is still open, not failed`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            home.provider.job(
                JobReading(operationName: "op-1", state: .active, failure: nil, mediaIDs: [])
            )

            let jobs = try await JobDesk(home.engine)
                .wait(JobFilter(), limit: .seconds(600)) { _ in }

            #expect(jobs.map(\.state) == [.active])
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `a rotation disturbs no job under way`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            home.provider.credits(
                of: id,
                .success(CreditsReading(credits: .init(unchecked: 680), tier: .ultra))
            )
            try await home.rotate("ultra-1", to: "fresh-token")
            home.provider.job(
                JobReading(operationName: "op-1", state: .successful, failure: nil, mediaIDs: ["m"])
            )

            _ = try await JobDesk(home.engine).ask(JobFilter())
            #expect(home.provider.askedVersions == [1])
        }
    }

    @Test func `when the old token is dead its jobs are asked with the new one`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            home.provider.credits(
                of: id,
                .success(CreditsReading(credits: .init(unchecked: 680), tier: .ultra))
            )
            try await home.rotate("ultra-1", to: "fresh-token")
            home.provider.killToken(version: 1)
            home.provider.job(
                JobReading(operationName: "op-1", state: .successful, failure: nil, mediaIDs: [])
            )

            let checked = try await JobDesk(home.engine).ask(JobFilter())

            #expect(home.provider.askedVersions == [1, 2])
            #expect(checked.ended.count == 1)
        }
    }

    @Test func `a token that a status query finds dead takes its account out of use`() async throws
    {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            try await home.rotate("ultra-1", to: "fresh-token", probing: false)
            // The jobs' own token is not the one in place: nothing is said of the account.
            home.provider.killToken(version: 1)
            _ = try await JobDesk(home.engine).ask(JobFilter())
            #expect(try await home.account("ultra-1").state == .enabled)

            home.provider.killToken(version: 2)
            let checked = try await JobDesk(home.engine).ask(JobFilter())
            #expect(checked.failures.map(\.account) == ["ultra-1"])
            let dead = AccountState.needsRotation(reason: AccountState.tokenRefused)
            #expect(try await home.account("ultra-1").state == dead)
        }
    }

    @Test func `a job whose token was purged while it was sent is asked with the one in place`()
        async throws
    {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.whileSending {
                try? await home.rotate("ultra-1", to: "fresh-token", probing: false)
                guard let account = try? await home.account("ultra-1") else { return }
                _ = try? await AccountDesk(home.engine).purge(account)
            }
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            let account = try await home.account("ultra-1")
            let versions = try await AccountDesk(home.engine).versions(of: account)
            #expect(versions.map(\.version) == [2])

            home.provider.killToken(version: 2)
            let checked = try await JobDesk(home.engine).ask(JobFilter())
            // Once: a refusal of the one in place is no reason to ask with it again.
            #expect(home.provider.askedVersions == [2])
            #expect(checked.failures.count == 1)
            #expect(try await home.account("ultra-1").state != .enabled)
        }
    }

    @Test func `media of a finished job keep later requests on its account`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let first = try await home.send(.capture)
            home.provider.job(
                JobReading(
                    operationName: "op-1",
                    state: .successful,
                    failure: nil,
                    mediaIDs: ["media-of-op-1"]
                )
            )
            _ = try await JobDesk(home.engine).ask(JobFilter())

            for _ in 1...4 {
                home.provider.answer(.accepted("op-\(home.provider.sent.count + 1)"))
                let next = try await home.send(.startImage("media-of-op-1"))
                #expect(next.accountName == first.accountName)
            }
        }
    }
}
