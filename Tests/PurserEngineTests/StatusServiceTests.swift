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

    private static let shapes = [SandboxScenario.ResponseShape.operations, .media]

    @Test(arguments: shapes)
    func `a job is told in the shape that its account does not answer in, under way and ended`(
        _ shape: SandboxScenario.ResponseShape
    ) async throws {
        try await withService(["ultra-1"], shape: shape) { service in
            let member = try await service.home.asMember("ada")
            _ = try await service.home.send(.capture, member: member.id)
            let job = try #require(service.sandbox.state().jobs.first)
            let (asks, other) =
                shape == .media ? (job.media, AskedShape.operations) : (job.name, AskedShape.media)
            service.clock.advance(by: .seconds(10))
            let works = try await ask(other.question([asks]), service, member)
            #expect(other.elements(works).map(\.state) == ["MEDIA_GENERATION_STATUS_PENDING"])
            #expect(try await service.home.job(asks).state == .pending)
            service.clock.advance(by: .seconds(120))
            let ended = try await ask(other.question([asks]), service, member)
            #expect(
                other.elements(ended).map(\.url) == ["https://media.invalid/video/\(job.media)"]
            )
            #expect(try await service.home.job(asks).state == .successful)
            let before = questions(service)
            #expect(try await ask(other.question([asks]), service, member) == ended)
            #expect(questions(service) == before)
        }
    }

    @Test(arguments: shapes, [false, true])
    func `a job that failed says why in the other shape too`(
        _ shape: SandboxScenario.ResponseShape,
        isKnown: Bool
    ) async throws {
        try await withService(["ultra-1"], shape: shape) { service in
            let reason = "PUBLIC_ERROR_HIGH_TRAFFIC"
            try service.sandbox.arm(SandboxFault(.failJobs, reason: reason))
            let member = try await service.home.asMember("ada")
            _ = try await service.home.send(.capture, member: member.id)
            let job = try #require(service.sandbox.state().jobs.first)
            let (asks, other) =
                shape == .media ? (job.media, AskedShape.operations) : (job.name, AskedShape.media)
            service.clock.advance(by: .seconds(61))
            if isKnown { _ = try await JobDesk(service.home.engine).ask(JobFilter()) }
            for _ in 1...2 {
                let told = try await ask(other.question([asks]), service, member)
                #expect(other.elements(told).map(\.state) == ["MEDIA_GENERATION_STATUS_FAILED"])
                #expect(other.elements(told).first?.error?.contains(reason) == true)
            }
            #expect(try await service.home.job(asks).refund == .due)
        }
    }

    @Test(arguments: [AskedShape.operations, .media])
    func `jobs of accounts that answer in different shapes are told in one`(
        _ told: AskedShape
    ) async throws {
        try await withService(shapes: ["ultra-1": .operations, "ultra-2": .media]) { service in
            let member = try await service.home.asMember("ada")
            for _ in 1...6 { _ = try await service.home.send(.capture, member: member.id) }
            let jobs = service.sandbox.state().jobs
            #expect(Set(jobs.map(\.account)).count == 2)
            let names = jobs.map { $0.account == "ultra-1" ? $0.name : $0.media }
            service.clock.advance(by: .seconds(10))
            let works = try await ask(told.question(names), service, member)
            let pending = "MEDIA_GENERATION_STATUS_PENDING"
            #expect(told.elements(works).map(\.state) == jobs.map { _ in pending })
            service.clock.advance(by: .seconds(120))
            for _ in 1...2 {
                let ended = try await ask(told.question(names.reversed()), service, member)
                let urls = jobs.reversed().map { "https://media.invalid/video/\($0.media)" }
                #expect(told.elements(ended).map(\.url) == urls)
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

/// A shape to ask in, and where it tells what.
enum AskedShape {
    case operations
    case media

    func question(_ names: [String]) -> String {
        switch self {
        case .operations: String(decoding: EngineHome.question(names), as: UTF8.self)
        case .media:
            "{\"media\":[\(names.map { "{\"name\":\"\($0)\"}" }.joined(separator: ","))]}"
        }
    }

    func elements(
        _ answer: ProviderAnswer
    ) -> [(state: String?, url: String?, error: String?)] {
        let value = JSONValue(answer.body)
        switch self {
        case .operations:
            return (value?["operations"]?.array ?? []).map { entry in
                let operation = entry["operation"]
                return (
                    entry["status"]?.string,
                    operation?["metadata"]?["video"]?["fifeUrl"]?.string,
                    operation?["error"]?["message"]?.string
                )
            }
        case .media:
            return (value?["media"]?.array ?? []).map { entry in
                let status = entry["mediaMetadata"]?["mediaStatus"]
                return (
                    status?["mediaGenerationStatus"]?.string,
                    entry["video"]?["fifeUrl"]?.string,
                    status?["error"]?["message"]?.string
                )
            }
        }
    }
}
