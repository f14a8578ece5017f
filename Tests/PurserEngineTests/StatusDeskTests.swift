import PurserCore
import PurserTestSupport
import PurserVault
import Testing

@testable import PurserEngine

struct StatusDeskTests {
    @Test func `a question over several accounts is split, and answered in the order asked`()
        async throws
    {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1", "op-2", "op-3"], by: member)
            for name in ["op-1", "op-2", "op-3"] { home.provider.say("\(name) works", of: name) }
            let answer = try await home.status(["op-3", "op-1", "op-2"], member)
            #expect(answer == #"{"operations":["op-3 works","op-1 works","op-2 works"]}"#)
            let accounts = home.provider.asked.map(\.accountID)
            #expect(accounts.count == 3)
            #expect(Set(accounts).count == 3)
        }
    }

    @Test func `another member's job and an unknown one are not found, like the service's own`()
        async throws
    {
        try await withEngine { home in
            let (ada, ben) = (try await home.asMember("ada"), try await home.asMember("ben"))
            try await home.send(["op-1", "op-2"], by: ada)
            for name in ["op-1", "op-2"] { home.provider.say("\(name) works", of: name) }
            for (names, member) in [
                (["op-1"], ben), (["op-1", "nobody's"], ada), (["nobody's"], ada),
            ] {
                let body = EngineHome.question(names)
                let answer = try await StatusDesk(home.engine).answer(body, for: member)
                #expect(answer == StatusDesk.notFound)
            }
            #expect(home.provider.asked.isEmpty)
        }
    }

    @Test func `what has ended is told from what was kept, without a call, after a restart too`()
        async throws
    {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1", "op-2"], by: member)
            home.provider.say("op-1 ended", of: "op-1", .successful, remaining: 990)
            home.provider.say("op-2 works", of: "op-2")
            let first = try await home.status(["op-1", "op-2"], member)
            #expect(first == #"{"operations":["op-1 ended","op-2 works"]}"#)
            home.provider.say("op-1 again", of: "op-1", .failed)
            let asked = home.provider.asked.count
            try await home.restarted { other in
                let again = try await other.status(["op-2", "op-1"], member)
                #expect(again == #"{"operations":["op-2 works","op-1 ended"]}"#)
            }
            #expect(home.provider.asked.count == asked + 1)
            #expect(home.provider.asked.last?.names == ["op-2"])
        }
    }

    @Test func `what was kept opens after the vault key is another`() async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1"], by: member)
            home.provider.say("op-1 ended", of: "op-1", .successful)
            _ = try await home.status(["op-1"], member)
            let rotated = try await home.vault.rotateKey()
            #expect(rotated.lostAnswers == 0)
            _ = try await home.status(["op-1"], member)
            #expect(home.provider.asked.count == 1)
        }
    }

    @Test func `an end that is said while the vault key is rotated is kept all the same`()
        async throws
    {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1"], by: member)
            home.provider.say("op-1 ended", of: "op-1", .successful)
            let other = try await home.reopened()
            home.provider.whileAsking { _ in _ = try? await other.vault.rotateKey() }
            _ = try await home.status(["op-1"], member)
            home.provider.whileAsking { _ in }
            _ = try await home.status(["op-1"], member)
            #expect(home.provider.asked.count == 1)
        }
    }

    @Test func `one account's trouble leaves the others their answer`() async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1", "op-2"], by: member)
            home.provider.say("op-1 works", of: "op-1")
            let second = try await home.job("op-2").accountID
            home.provider.failStatus(of: second)
            #expect(
                try await home.status(["op-2", "op-1"], member)
                    == #"{"operations":[{"operation":{"name":"op-2"},"status":"MEDIA_GENERATION_STATUS_PENDING"},"op-1 works"]}"#
            )
            // Alone, it is told as the service says it.
            let body = EngineHome.question(["op-2"])
            let alone = try await StatusDesk(home.engine).answer(body, for: member)
            #expect(alone.status == 503)
        }
    }

    @Test func `a dead token of an account is not told as the member's`() async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1"], by: member)
            home.provider.killToken(version: 1)
            await #expect(throws: ProviderFailure.self) { try await home.status(["op-1"], member) }
        }
    }

    @Test func `a job that the service has forgotten is not found, and hides no other`()
        async throws
    {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.add("ultra-1", .ultra, credits: 1000)
            home.provider.answer(.accepted("op-1", "op-2", "op-3"))
            _ = try await home.send(.capture, member: member.id)
            home.provider.forget("op-2")
            home.provider.say("op-1 works", of: "op-1")
            home.provider.say("op-3 ended", of: "op-3", .successful)
            let body = EngineHome.question(["op-1", "op-2", "op-3"])
            let answer = try await StatusDesk(home.engine).answer(body, for: member)
            #expect(answer.status == 404)
            #expect(try await home.job("op-3").state == .successful)
            let checked = try await JobDesk(home.engine).ask(JobFilter())
            #expect(checked.failures.count == 1)
        }
    }

    @Test func `a refused question has the consequences of refused work`() async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1"], by: member)
            let desk = StatusDesk(home.engine)
            let question = EngineHome.question(["op-1"])
            home.provider.refuseStatus(.scripted(.throttled, status: 429))
            #expect(try await desk.answer(question, for: member).status == 429)
            let rests = try await home.overview("of-op-1").candidate.rests
            #expect(rests.map(\.reason) == [.throttled])
            home.provider.refuseStatus(.scripted(.unusualActivity, status: 403))
            #expect(try await desk.answer(question, for: member).status == 403)
            #expect(
                try await home.account("of-op-1").state
                    == .paused(reason: "the service called its activity unusual")
            )
        }
    }

    @Test(arguments: [RefusalCause.tokenDead, .unusualActivity])
    func `a refused cancellation has the consequences of refused work`(
        cause: RefusalCause
    ) async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-1"], by: member)
            let body = try RequestBody.parse(Array(#"{"mediaId": "op-1"}"#.utf8), for: .cancel)
            home.provider.answer(.refused(.scripted(cause, status: 403)))
            _ = try? await StatusDesk(home.engine).cancel(
                body,
                contentType: "text/plain",
                for: member
            )
            #expect(try await home.account("of-op-1").state != .enabled)
        }
    }

    @Test func `who asks the same shares one question, and an account gets few at a time`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            let member = try await home.asMember("ada")
            try await home.add("ultra-1", .ultra, credits: 1000)
            let names = (0..<12).map { "op-\($0)" }
            home.provider.answer(.accepted(names: names))
            _ = try await home.send(.capture, member: member.id)
            for name in names { home.provider.say("\(name) works", of: name) }
            home.provider.whileAsking { _ in try? await home.clock.sleep(for: .seconds(1)) }
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await home.status(["op-0"], member) } }
                await home.until { home.engine.questions.askers == 20 && home.clock.sleepers == 1 }
                home.clock.advance(by: .seconds(1))
                for try await answer in group {
                    #expect(answer == #"{"operations":["op-0 works"]}"#)
                }
            }
            #expect(home.provider.asked.count == 1)
            try await withThrowingTaskGroup(of: String.self) { group in
                for name in names { group.addTask { try await home.status([name], member) } }
                for _ in 0..<3 {
                    await home.until { home.clock.sleepers == StatusQuestions.width }
                    for _ in 0..<100 { await Task.yield() }
                    #expect(home.clock.sleepers == StatusQuestions.width)
                    home.clock.advance(by: .seconds(1))
                }
                try await group.waitForAll()
            }
            #expect(home.provider.asked.count == 13)
        }
    }

    @Test func `who gives up leaves at once, and what they asked is asked to the end`() async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            let member = try await home.asMember("ada")
            try await home.send(["op-0"], by: member)
            home.provider.say("op-0 works", of: "op-0")
            home.provider.whileAsking { _ in try? await home.clock.sleep(for: .seconds(1)) }
            let leaving = Task { try await home.status(["op-0"], member) }
            await home.until { home.engine.questions.askers == 1 && home.clock.sleepers == 1 }
            let staying = Task { try await home.status(["op-0"], member) }
            await home.until { home.engine.questions.askers == 2 }
            leaving.cancel()
            await #expect(throws: CancellationError.self) { try await leaving.value }
            #expect(home.engine.questions.askers == 1)
            home.clock.advance(by: .seconds(1))
            #expect(try await staying.value == #"{"operations":["op-0 works"]}"#)
            #expect(home.provider.asked.count == 1)
        }
    }

    @Test func `a cancellation goes to the account that runs the job, for its member alone`()
        async throws
    {
        try await withEngine { home in
            let (ada, ben) = (try await home.asMember("ada"), try await home.asMember("ben"))
            try await home.send(["op-1", "op-2"], by: ada)
            let body = try RequestBody.parse(Array(#"{"mediaId": "op-2"}"#.utf8), for: .cancel)
            let desk = StatusDesk(home.engine)
            func cancel(_ member: Member) async throws -> ProviderAnswer {
                try await desk.cancel(body, contentType: "text/plain", for: member)
            }
            #expect(try await cancel(ben) == StatusDesk.notFound)
            #expect(home.provider.sent.count == 2)
            let ok = Acceptance(answer: .scripted("{}"), jobs: [], remaining: nil)
            home.provider.answer(.accepted(ok))
            #expect(try await cancel(ada).status == 200)
            let sent = try #require(home.provider.sent.last)
            #expect(sent.path == "flowMedia:cancelGeneration")
            #expect(sent.body == #"{"mediaId": "op-2"}"#)
            #expect(try await sent.accountID == home.job("op-2").accountID)
        }
    }
}

extension EngineHome {
    func asMember(_ name: String) async throws -> Member {
        let id = try await member(name, budget: nil)
        return try #require(try await engine.store.members().first { $0.member.id == id }?.member)
    }

    /// One job on each of as many accounts of one slot.
    func send(_ jobs: [String], by member: Member) async throws {
        for job in jobs {
            try await add("of-\(job)", slots: 1)
            provider.answer(.accepted(job))
            _ = try await send(.capture, member: member.id)
        }
    }

    static func question(_ names: [String]) -> [UInt8] {
        let entries = names.map { "{\"operation\":{\"name\":\"\($0)\"}}" }
        return Array("{\"operations\":[\(entries.joined(separator: ","))]}".utf8)
    }

    func status(_ names: [String], _ member: Member) async throws -> String {
        let answer = try await StatusDesk(engine).answer(Self.question(names), for: member)
        #expect(answer.status == 200)
        return String(decoding: answer.body, as: UTF8.self)
    }
}

extension ScriptedProvider {
    /// Says a word of a job, which stands for the service's element.
    func say(
        _ word: String,
        of name: String,
        _ state: JobState = .active,
        remaining: Int64? = nil
    ) {
        job(
            JobReading(
                operationName: name,
                state: state,
                failure: nil,
                mediaIDs: [],
                element: Array("\"\(word)\"".utf8)
            ),
            remaining: remaining.flatMap { Credits($0) }
        )
    }
}
