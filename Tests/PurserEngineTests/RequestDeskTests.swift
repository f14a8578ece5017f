import PurserCore
import PurserTestSupport
import PurserVault
import Testing

@testable import PurserEngine

struct RequestDeskTests {
    @Test func `a request waits for a slot that another process sees freed`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            home.provider.answer(.accepted("op-1"), .accepted("op-2"))
            _ = try await home.send(.capture)
            let line = WaitingLine(home.engine)
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            #expect(home.provider.sent.count == 1)
            home.provider.job(.ended("op-1"))
            try await home.restarted { other in
                _ = try await JobDesk(other.engine).ask(JobFilter())
            }
            home.clock.advance(by: .milliseconds(250))
            #expect(try await waiting.value.submissionID == home.job("op-2").submissionID)
            #expect(line.count == 0)
        }
    }

    @Test func `a refusal frees its slot for who waits, at once`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            let line = WaitingLine(home.engine)
            let waits = Seen<Task<Receipt, any Error>>()
            home.provider.answer(
                .refused(.scripted(.badRequest, status: 400)),
                .accepted("op-2")
            )
            home.provider.whileSending {
                home.provider.whileSending {}
                let task = Task { try await home.submit(.capture, in: line) }
                await waits.record { task }
                await home.until { line.count == 1 && home.clock.sleepers == 1 }
            }
            _ = try await home.submit(.capture, in: line)
            #expect(try await waits.value()?.value.isAccepted == true)
            #expect(home.clock.now == ManualClock().now)
        }
    }

    @Test func `when the time is up it says what was lacking, and nothing was written`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture)
            let line = WaitingLine(home.engine, wait: .seconds(3))
            let before = try await home.engine.store.routingRevision()
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            for _ in 0..<12 {
                home.clock.advance(by: .milliseconds(250))
                await home.until { home.clock.sleepers == 1 || line.count == 0 }
            }
            let refusal = await #expect(throws: WaitRefusal.self) { try await waiting.value }
            #expect(refusal?.lacking == .slot)
            #expect(refusal?.retryAfter == .seconds(5))
            #expect(refusal?.waited == .seconds(3))
            #expect(
                refusal?.message
                    == "every account that could take this request is busy, after 3 s in line: ultra-1: 1 of 1 jobs under way"
            )
            #expect(try await home.engine.store.routingRevision() == before)
        }
    }

    @Test func `what waiting cannot mend is refused at once`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            let line = WaitingLine(home.engine)
            func lack() async throws -> WaitRefusal.Lack? {
                do {
                    _ = try await home.submit(.capture, in: line)
                    return nil
                } catch let refusal as WaitRefusal {
                    #expect(refusal.retryAfter == nil)
                    return refusal.lacking
                }
            }
            #expect(try await lack() == .account)
            try await home.add("free-1", .free, credits: 100)
            #expect(try await lack() == .tier)
            let poor = try await home.add("ultra-1", .ultra, credits: 5)
            #expect(try await lack() == .credits)
            try await home.change(poor, AccountChange(state: .paused(reason: "test")))
            #expect(try await lack() == .account)
            #expect(home.clock.now == ManualClock().now)
        }
    }

    @Test func `what the member may not spend is refused at once, although all are busy`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            let member = try await home.member("ada", budget: 5)
            let line = WaitingLine(home.engine)
            await #expect(throws: StoreError.self) {
                try await home.submit(.capture, in: line, member: member)
            }
            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture)
            let refusal = await #expect(throws: WaitRefusal.self) {
                try await home.submit(.capture, in: line, member: member)
            }
            #expect(refusal?.lacking == .budget)
            #expect(refusal?.kind == .notEnoughBudget)
            #expect(line.count == 0)
        }
    }

    @Test func `what a member may use counts for who waits, as soon as it is seen`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            func tagged(_ tag: String) -> AccountChange {
                var change = AccountChange()
                change.settings.tags = [tag]
                return change
            }
            let first = try await home.add("ultra-1", slots: 1)
            home.provider.answer(.accepted("op-1"), .accepted("op-2"))
            _ = try await home.send(.capture)
            try await home.change(first, tagged("a"))
            let second = try await home.add("ultra-2", slots: 1)
            try await home.change(second, tagged("b"))
            let member = try await home.member("ada", budget: nil)
            func may(_ tags: Set<String>) async throws {
                var change = MemberChange()
                change.tags = .some(tags)
                let audit = AuditRecord(actor: home.engine.actor, verb: "test", subject: "ada")
                try await home.engine.store.updateMember(
                    member,
                    change,
                    audit: audit,
                    at: home.clock.now
                )
            }
            try await may(["a"])
            let line = WaitingLine(home.engine)
            let waiting = Task { try await home.submit(.capture, in: line, member: member) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 && !line.isLooking }
            // The first look at the books tells the line where they are.
            home.clock.advance(by: .milliseconds(250))
            await home.until { home.clock.sleepers == 1 && !line.isLooking }
            try await may(["a", "b"])
            home.clock.advance(by: .milliseconds(250))
            #expect(try await waiting.value.accountName == "ultra-2")
        }
    }

    @Test func `a rest that ends in time is waited for, a longer one is told`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            home.provider.answer(
                .refused(.scripted(.throttled, status: 429, retryAfter: .seconds(20))),
                .accepted("op-1")
            )
            _ = try await home.send(.capture)
            let short = WaitingLine(home.engine, wait: .seconds(10))
            let refusal = await #expect(throws: WaitRefusal.self) {
                try await home.submit(.capture, in: short)
            }
            #expect(refusal?.lacking == .rest)
            #expect(refusal?.retryAfter == .seconds(20))
            let line = WaitingLine(home.engine)
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            home.clock.advance(by: .seconds(20))
            #expect(try await waiting.value.isAccepted)
        }
    }

    @Test func `whoever leaves holds nothing: in line, and when just claimed`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            let line = WaitingLine(home.engine)
            let gone = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await home.submit(.capture, in: line)
            }
            await #expect(throws: CancellationError.self) { try await gone.value }
            #expect(try await home.entries("ultra-1").map(\.kind) == [.open, .hold, .void])

            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture)
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(line.count == 0)
            #expect(try await home.totalHeld() == 0)
            #expect(home.provider.sent.count == 1)
        }
    }

    // MARK: Idempotency

    @Test func `a second request under a key waits for the first, and gets its answer`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            let line = WaitingLine(home.engine)
            let second = Seen<Task<Receipt, any Error>>()
            home.provider.answer(.accepted("op-1"))
            home.provider.whileSending {
                let task = Task { try await home.submit(.capture, in: line, key: "k") }
                await second.record { task }
                await home.until { home.clock.sleepers == 1 }
            }
            let first = try await home.submit(.capture, in: line, key: "k")
            // It is woken, and need not look by itself.
            let again = try await second.value()?.value
            #expect(again?.isRepeat == true)
            #expect(again?.answer == first.answer)
            #expect(home.provider.sent.count == 1)
            await #expect(throws: StoreError.self) {
                try await home.submit(.startImage("m"), in: line, key: "k")
            }
        }
    }

    @Test func `a repeat is answered although the line is full of others`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            let line = WaitingLine(home.engine)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.submit(.capture, in: line, key: "k")
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            #expect(try await home.submit(.capture, in: line, key: "k").isRepeat)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }

    @Test func `a repeat of what is finished stands in no line, and one of what lasts gives up`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            let line = WaitingLine(home.engine)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.submit(.capture, in: line, key: "k")
            let waiting = Task { try await home.submit(.capture, in: line) }
            await home.until { line.count == 1 && home.clock.sleepers == 1 }
            let order = try home.order(.capture, key: "k")
            #expect(try await home.engine.store.predecessor(of: order) != nil)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }

            try await home.add("ultra-2", slots: 1)
            home.provider.answer(.accepted("op-2"))
            home.provider.whileSending {
                home.provider.whileSending {}
                // Whoever watched the line ends.
                home.clock.advance(by: .seconds(1))
                await home.until { home.clock.sleepers == 0 }
                let second = Task { try await home.submit(.capture, in: line, key: "long") }
                await home.until { home.clock.sleepers == 1 }
                home.clock.advance(by: .seconds(150))
                await #expect(throws: StoreError.self) { try await second.value }
            }
            #expect(try await home.submit(.capture, in: line, key: "long").isAccepted)
        }
    }

    @Test func `a key whose first request died with its process is unknown`() async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            try await home.restarted { other in
                let order = try other.order(.capture, key: "k")
                _ = try await other.engine.store.claim(order, at: other.clock.now)
            }
            let error = await #expect(throws: DispatchError.self) {
                try await home.submit(.capture, in: WaitingLine(home.engine), key: "k")
            }
            guard case .repeatOfUnknown = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: [true, false])
    func `a key that was taken over between two attempts leaves the first an answer`(
        isStillUnderWay: Bool
    ) async throws {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            let line = WaitingLine(home.engine)
            home.provider.answer(
                .refused(.scripted(.serviceBusy, status: 503)),
                .accepted("op-1")
            )
            let first = Task { try await home.submit(.capture, in: line, key: "k") }
            await home.until { home.clock.sleepers == 1 }
            if isStillUnderWay {
                home.provider.whileSending {
                    home.clock.advance(by: .seconds(2))
                    _ = try? await first.value
                }
            }
            #expect(try await home.submit(.capture, in: line, key: "k").isAccepted)
            home.clock.advance(by: .seconds(2))
            let receipt = try await first.value
            #expect(receipt.answer.status == (isStillUnderWay ? 503 : 200))
            #expect(receipt.isRepeat == !isStillUnderWay)
            #expect(home.provider.sent.count == 2)
        }
    }
}

extension EngineHome {
    func submit(
        _ body: String,
        in line: WaitingLine,
        key: String? = nil,
        member: MemberID? = nil
    ) async throws -> Receipt {
        let parsed = try CaptureFile.parse(Array(body.utf8))
        return try await RequestDesk(engine, line: line).submit(
            Submission(
                id: engine.ambient.newID(),
                memberID: member ?? owner,
                idempotencyKey: key,
                call: try engine.resolver.call(of: parsed),
                body: parsed
            )
        )
    }

    /// What a request claims.
    func order(_ body: String, key: String?) throws -> ClaimOrder {
        let body = try CaptureFile.parse(Array(body.utf8))
        let call = try engine.resolver.call(of: body)
        return ClaimOrder(
            submissionID: engine.ambient.newID(),
            attempt: 1,
            memberID: owner,
            idempotencyKey: key,
            fingerprint: Digest.sha256(Array(call.path.utf8) + [0] + body.strict.bytes),
            path: call.path,
            request: try engine.resolver.routeRequest(
                for: body,
                call: call,
                only: nil,
                maxCredits: nil
            ),
            mediaIDs: body.mediaIDs,
            operation: engine.ambient.newID()
        )
    }

    /// Adds an ULTRA account of so many slots.
    @discardableResult
    func add(_ name: String, slots: Int) async throws -> AccountID {
        let id = try await add(name, .ultra, credits: 1000)
        var change = AccountChange()
        change.settings.maxInFlight = slots
        try await self.change(id, change)
        return id
    }

    func change(_ id: AccountID, _ change: AccountChange) async throws {
        let audit = AuditRecord(actor: engine.actor, verb: "test", subject: "account")
        try await engine.store.updateAccount(id, change, audit: audit, at: clock.now)
    }

    func job(_ name: String) async throws -> Job {
        try #require(try await engine.store.jobs(JobFilter(idPrefix: name)).first)
    }

    /// Lets others go on until it is so.
    func until(_ isDone: () -> Bool) async {
        while !isDone() { await Task.yield() }
    }
}

extension JobReading {
    static func ended(_ name: String, _ state: JobState = .successful) -> JobReading {
        JobReading(operationName: name, state: state, failure: nil, mediaIDs: [])
    }
}
