import Glibc
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserEngine
@testable import PurserStore

/// What must stay right when something goes wrong between the claim and the caller.
struct DispatcherFaultTests {
    @Test func `an answer too large to keep is settled all the same`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(accepted(withBodyOf: 2 << 20))

            let receipt = try await home.send(.capture)

            #expect(receipt.isAccepted)
            #expect(try await home.engine.store.jobs(JobFilter()).map(\.operationName) == ["op-1"])
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    private func accepted(withBodyOf size: Int) -> Outcome {
        .accepted(
            Acceptance(
                answer: ProviderAnswer(
                    status: 200,
                    contentType: nil,
                    body: [UInt8](repeating: 0x20, count: size)
                ),
                jobs: [
                    AcceptedJob(
                        operationName: "op-1",
                        shape: .operations,
                        sceneID: nil,
                        projectID: nil,
                        state: .pending
                    )
                ],
                remaining: nil
            )
        )
    }

    @Test func `a settlement waits for a busy database`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let path = home.folder + "/books/purser.db.lock"
            home.provider.whileSending {
                let descriptor = open(path, O_RDWR)
                guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else { return }
                Task {
                    try? await Task.sleep(for: .milliseconds(300))
                    close(descriptor)
                }
            }

            let receipt = try await home.send(.capture)

            #expect(receipt.isAccepted)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
        }
    }

    @Test func `a settlement waits for room on the disk`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = try #require(home.engine.store as? SQLiteStore)
            home.provider.answer(accepted(withBodyOf: 200 << 10))
            home.provider.whileSending {
                try? await store.write { try $0.sql.run("PRAGMA max_page_count = 1") }
            }
            let seen = Seen<Int>()
            let waiting = home.sleeping { _ in
                await seen.record {
                    try await store.write { try $0.sql.run("PRAGMA max_page_count = 1000000") }
                    return 1
                }
            }

            let receipt = try await waiting.send(.capture)

            #expect(receipt.isAccepted)
            #expect(try seen.value() == 1)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            #expect(try await store.jobs(JobFilter()).map(\.operationName) == ["op-1"])
        }
    }

    @Test func `what cannot be booked in time is booked when the store takes it`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = try #require(home.engine.store as? SQLiteStore)
            home.provider.answer(accepted(withBodyOf: 200 << 10))
            home.provider.whileSending {
                try? await store.write { try $0.sql.run("PRAGMA max_page_count = 1") }
            }
            let full = home.sleeping { _ in }

            await #expect(throws: DispatchError.self) { try await full.send(.capture) }
            await Dispatcher(full.engine).bookWhatWaits()
            #expect(full.engine.unbooked.count == 1, "the disk is still full")
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 10))

            try await store.write { try $0.sql.run("PRAGMA max_page_count = 1000000") }
            await Dispatcher(full.engine).bookWhatWaits()
            #expect(full.engine.unbooked.count == 0)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            #expect(try await store.jobs(JobFilter()).map(\.operationName) == ["op-1"])
        }
    }

    /// Whatever the store says: the service may have charged, so nobody may be told that nothing was sent.
    @Test func `an answer that no store takes is an unknown outcome`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = try #require(home.engine.store as? SQLiteStore)
            home.provider.answer(.accepted("op-1", remaining: 680))
            home.provider.whileSending {
                try? await store.write { try $0.sql.run("PRAGMA query_only = 1") }
            }

            let error = await #expect(throws: DispatchError.self) {
                try await home.sleeping { _ in }.send(.capture)
            }

            #expect(error?.kind == .unknownOutcome)
            guard case .answerNotBooked(_, let jobs, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(jobs == ["op-1"])
        }
    }

    @Test func `a caller that gives up leaves settled books`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let sending = Signal()
            home.provider.whileSending {
                await sending.fire()
                try? await Task.sleep(for: .milliseconds(50))
            }
            let caller = Task { try await home.send(.capture) }
            await sending.wait()
            caller.cancel()
            _ = try? await caller.value

            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            #expect(try await home.engine.store.jobs(JobFilter()).count == 1)
        }
    }

    @Test func `a busy service is asked on the same account, whatever the policy`() async throws {
        try await withEngine(policy: .roundRobin) { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(
                .refused(.scripted(.serviceBusy, status: 503)),
                .refused(.scripted(.serviceBusy, status: 503)),
                .accepted("op-1")
            )

            _ = try await home.send(.capture)

            #expect(Set(home.provider.sent.map(\.accountID)).count == 1)
        }
    }

    @Test func `a limit nobody knows rests the account, and no other is tried`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("ultra-2", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.limited, status: 429)))

            let receipt = try await home.send(.capture)

            #expect(receipt.answer.status == 429)
            #expect(home.provider.sent.count == 1)
            let rests = try await home.engine.store.accounts().flatMap(\.candidate.rests)
            #expect(rests.count == 1)
        }
    }

    @Test func `after too much traffic one account of each tier comes back first`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("pro-1", .tierOne, credits: 690)
            for name in ["ultra-2", "ultra-3"] { try await home.add(name, .ultra, credits: 690) }
            home.provider.answer(.refused(.scripted(.tooMuchTraffic, status: 429)))

            _ = try await home.send(.capture)

            let rests = try await home.engine.store.accounts().flatMap(\.candidate.rests)
            let spans = [60, 60, 75, 75].map { Duration.seconds($0) }
            #expect(rests.map { $0.until - home.clock.now } == spans)
        }
    }

    @Test func `a passing refusal is not kept under the key, a lasting one is`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            for _ in 1...3 { home.provider.answer(.refused(.scripted(.serviceBusy, status: 503))) }
            _ = try await home.send(.capture, key: "busy")
            home.provider.answer(.accepted("op-1"))
            let again = try await home.send(.capture, key: "busy")
            #expect(again.isAccepted && !again.isRepeat)

            home.provider.answer(.refused(.scripted(.moderation, status: 400)))
            _ = try await home.send(.capture, key: "content")
            let refused = try await home.send(.capture, key: "content")
            #expect(refused.isRepeat && refused.answer.status == 400)
        }
    }

    @Test func `a key whose unknown turned out free may be sent again`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture, key: "k") }
            await #expect(throws: DispatchError.self) { try await home.send(.capture, key: "k") }
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 690))))
            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)

            home.provider.answer(.accepted("op-1", remaining: 680))
            let receipt = try await home.send(.capture, key: "k")

            #expect(receipt.isAccepted && !receipt.isRepeat)
            #expect(home.provider.sent.count == 2)
        }
    }

    @Test func `a key whose unknown was charged says that the answer was lost`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.unknown(reason: "reset", answer: nil))
            await #expect(throws: DispatchError.self) { try await home.send(.capture, key: "k") }
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 680))))
            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)

            let error = await #expect(throws: DispatchError.self) {
                try await home.send(.capture, key: "k")
            }
            #expect(error?.kind == .conflict)
            #expect(home.provider.sent.count == 1)
        }
    }

    @Test func `where a balance cannot tell which of two was charged, neither is sent again`()
        async throws
    {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            for key in ["one", "other"] {
                home.provider.answer(.unknown(reason: "reset", answer: nil))
                await #expect(throws: DispatchError.self) {
                    try await home.send(.capture, key: key)
                }
            }
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 680))))
            _ = try await JobDesk(home.engine).check(waitingForQuiet: true)

            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            for key in ["one", "other"] {
                let error = await #expect(throws: DispatchError.self) {
                    try await home.send(.capture, key: key)
                }
                #expect(error?.kind == .conflict)
            }
            #expect(home.provider.sent.count == 2)
        }
    }

    @Test func `a late refusal of an old token says nothing of the new one`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.credits(
                of: id,
                .success(
                    CreditsReading(
                        credits: .init(unchecked: 690),
                        tier: .ultra,
                        tierName: Tier.ultra.wireName
                    )
                )
            )
            home.provider.whileSending { try? await home.rotate("ultra-1", to: "fresh-token") }
            home.provider.answer(.refused(.scripted(.tokenDead, status: 401)), .accepted("op-1"))

            // So it is sent once more, under the same hold, with the new one.
            let receipt = try await home.send(.capture)

            #expect(receipt.isAccepted && receipt.earlier.isEmpty)
            let account = try await home.account("ultra-1")
            #expect(account.credentialVersion == 2)
            #expect(account.state == .enabled)
        }
    }

    @Test func `a pause for unusual activity outlives a dead token and a rotation`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.refused(.scripted(.unusualActivity, status: 403)))
            _ = try await home.send(.capture)
            home.provider.credits(of: id, .failure(.refused(.scripted(.tokenDead, status: 401))))
            _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
            home.provider.credits(
                of: id,
                .success(
                    CreditsReading(
                        credits: .init(unchecked: 690),
                        tier: .ultra,
                        tierName: Tier.ultra.wireName
                    )
                )
            )
            try await home.rotate("ultra-1", to: "fresh-token")

            let account = try await home.account("ultra-1")
            guard case .paused = account.state else {
                Issue.record("the pause is an operator's to end, found \(account.state)")
                return
            }
        }
    }

    @Test func `a question that fails does not end the waiting`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            home.provider.failStatus(times: 2)
            home.provider.job(
                JobReading(operationName: "op-1", state: .successful, failure: nil, mediaIDs: [])
            )

            let jobs = try await JobDesk(home.engine).wait(JobFilter(), limit: nil) { _ in }

            #expect(jobs.map(\.state) == [.successful])
        }
    }
}

/// Lets a test wait for a point in other work.
private actor Signal {
    private var isFired = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func fire() {
        isFired = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func wait() async {
        if isFired { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}

extension EngineHome {
    /// The same home, where a pause is what the test makes of it.
    fileprivate func sleeping(
        _ sleep: @escaping @Sendable (Duration) async throws -> Void
    ) -> EngineHome {
        EngineHome(
            folder: folder,
            engine: Engine(
                store: engine.store,
                provider: engine.provider,
                keyring: engine.keyring,
                catalogue: engine.catalogue,
                settings: engine.settings,
                actor: engine.actor,
                ambient: Ambient(
                    now: engine.ambient.now,
                    sleep: sleep,
                    randomWords: engine.ambient.randomWords
                ),
                logger: engine.logger
            ),
            provider: provider,
            clock: clock,
            owner: owner,
            origin: origin,
            key: key
        )
    }
}
