import PurserCore
import PurserEngine
import PurserSandbox
import PurserTestSupport
import Testing

/// Members' questions about jobs, over HTTP to the pretended service.
struct StatusServiceTests {
    private func ask(
        _ body: String,
        _ service: ServiceHome,
        _ member: Member
    ) async throws
        -> ProviderAnswer
    {
        try await StatusDesk(service.home.engine).answer(Array(body.utf8), for: member)
    }

    /// How often the service was asked about jobs.
    private func questions(_ service: ServiceHome) -> Int {
        service.sandbox.requests().count { $0.path.contains("batchCheckAsync") }
    }

    @Test func `jobs of two accounts are answered together, each in the service's own bytes`()
        async throws
    {
        try await withService { service in
            let home = service.home
            let member = try await home.asMember("ada")
            var names: [String] = []
            for _ in 1...2 {
                let receipt = try await home.send(.capture, member: member.id)
                let answer = try #require(JSONValue(receipt.answer.body))
                let job = answer["operations"]?.array?.first
                names.append(try #require(job?["operation"]?["name"]?.string))
            }
            #expect(Set(service.asked).count == 2)
            func body(_ names: [String]) -> String {
                String(decoding: EngineHome.question(names), as: UTF8.self)
            }
            for passes in [Duration.seconds(10), .seconds(120)] {
                service.clock.advance(by: passes)
                var elements: [String] = []
                for name in names {
                    let alone = try await ask(body([name]), service, member)
                    let text = String(decoding: alone.body, as: UTF8.self)
                    elements.append(String(text.dropFirst(#"{"operations":["#.count).dropLast(2)))
                }
                let both = try await ask(body(names.reversed()), service, member)
                #expect(both.status == 200)
                #expect(
                    String(decoding: both.body, as: UTF8.self)
                        == "{\"operations\":[\(elements[1]),\(elements[0])]}"
                )
                #expect(JSONValue(both.body)?["remainingCredits"] == nil)
            }
            // Both have ended, and what they came to was kept.
            let before = questions(service)
            let kept = try await ask(body(names), service, member)
            #expect(String(decoding: kept.body, as: UTF8.self).contains("SUCCESSFUL"))
            #expect(questions(service) == before)
        }
    }

    @Test func `where the service names a job twice, either name finds it`() async throws {
        try await withService(["ultra-1"], shape: .both) { service in
            let member = try await service.home.asMember("ada")
            let receipt = try await service.home.send(.capture, member: member.id)
            let answer = try #require(JSONValue(receipt.answer.body))
            let medium = answer["media"]?.array?.first?["name"]?.string
            let operation = answer["operations"]?.array?.first?["operation"]?["name"]?.string
            let (media, name) = (try #require(medium), try #require(operation))
            #expect(media != name)
            service.clock.advance(by: .seconds(120))
            let body =
                "{\"operations\":[{\"operation\":{\"name\":\"\(name)\"}}],\"media\":[{\"name\":\"\(media)\"}]}"
            for _ in 1...2 {
                let told = try await ask(body, service, member)
                let value = try #require(JSONValue(told.body))
                #expect(value["media"]?.array?.first?["name"]?.string == media)
                let first = value["operations"]?.array?.first
                #expect(first?["operation"]?["name"]?.string == name)
                #expect(questions(service) == 2)
            }
        }
    }

    @Test func `what is not found has the service's own words`() async throws {
        try await withService { service in
            let ada = try await service.home.asMember("ada")
            let ben = try await service.home.asMember("ben")
            let receipt = try await service.home.send(.capture, member: ada.id)
            let job = try #require(JSONValue(receipt.answer.body))["operations"]?.array?.first
            let name = try #require(job?["operation"]?["name"]?.string)
            let body = "{\"operations\":[{\"operation\":{\"name\":\"\(name)\"}}]}"
            let foreign = try await ask(body, service, ben)
            // A cancellation of what the account does not have is refused by the service itself.
            let cancel = #"{"mediaId":"nobody's"}"#
            let parsed = try RequestBody.parse(Array(cancel.utf8), for: .cancel)
            let own = try await Dispatcher(service.home.engine).dispatch(
                Submission(
                    id: service.home.engine.ambient.newID(),
                    memberID: ada.id,
                    call: .cancel,
                    body: parsed
                )
            ).answer
            #expect(foreign.status == own.status)
            #expect(JSONValue(foreign.body) == JSONValue(own.body))
        }
    }

    @Test func `a cancellation ends the job that its account runs`() async throws {
        try await withService { service in
            let home = service.home
            let member = try await home.asMember("ada")
            _ = try await home.send(.capture, member: member.id)
            let receipt = try await home.send(.capture, member: member.id)
            let job = try #require(JSONValue(receipt.answer.body))["operations"]?.array?.first
            let name = try #require(job?["operation"]?["name"]?.string)
            let body = try RequestBody.parse(Array("{\"mediaId\":\"\(name)\"}".utf8), for: .cancel)
            let desk = StatusDesk(home.engine)
            let told = try await desk.cancel(body, contentType: "text/plain", for: member)
            #expect(told.status == 200)
            _ = try await home.status([name], member)
            #expect(try await home.job(name).state == .canceled)
        }
    }
}
