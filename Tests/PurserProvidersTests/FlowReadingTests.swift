import PurserCore
import PurserProviders
import Testing

struct FlowReadingTests {
    private func credits(
        _ status: String,
        _ body: String
    ) async throws -> Result<CreditsReading, ProviderFailure> {
        var result: Result<CreditsReading, ProviderFailure> = .failure(.unreadable("never asked"))
        try await withServer([.write(answer(status, body))]) { server, provider, origin in
            do throws(ProviderFailure) {
                result = .success(try await provider.credits(with: credential(for: origin)))
            } catch {
                result = .failure(error)
            }
            #expect(server.requests.first?.hasPrefix("GET /v1/credits HTTP/1.1\r\n") ?? false)
        }
        return result
    }

    @Test func `credits are read with tier and plan`() async throws {
        let body =
            #"{"credits":1799,"userPaygateTier":"PAYGATE_TIER_ONE","subscriptionCredits":909,"topUpCredits":890,"sku":"G1_TIER1"}"#
        let reading = try await credits("200 OK", body).get()
        #expect(
            reading
                == CreditsReading(
                    credits: Credits(unchecked: 1799),
                    topUp: Credits(unchecked: 890),
                    tier: .tierOne,
                    tierName: "PAYGATE_TIER_ONE",
                    plan: "G1_TIER1"
                )
        )
    }

    @Test func `a zero is left out, and an unknown tier keeps its name`() async throws {
        let reading = try await credits("200 OK", #"{"userPaygateTier":"PAYGATE_TIER_NINE"}"#).get()
        #expect(reading == CreditsReading(credits: .zero, tierName: "PAYGATE_TIER_NINE"))
    }

    @Test(arguments: [
        "", "<html>", "{}", "{\"credits\":5}", "{\"sku\":\"a\",\"credits\":-1}",
        "{\"sku\":\"a\",\"credits\":\"5\"}", "{\"sku\":\"a\",\"credits\":5.0}",
        "{\"sku\":\"a\",\"credits\":2000000000}", "{\"sku\":\"a\",\"credits\":1",
    ])
    func `what is not a balance is never zero`(body: String) async throws {
        guard case .failure(.unreadable) = try await credits("200 OK", body) else {
            Issue.record("\(body) was read")
            return
        }
    }

    @Test func `a dead token says so`() async throws {
        let result = try await credits(
            "401 Unauthorized",
            #"{"error":{"code":401,"message":"no"}}"#
        )
        guard case .failure(.refused(let refusal)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(refusal.cause == .tokenDead)
        guard case .failure(.unreadable) = try await credits("503 Busy", "<html>") else {
            Issue.record("a page was read")
            return
        }
    }

    private func status(
        _ shape: ResponseShape,
        _ names: [String],
        _ body: String
    ) async throws -> (reading: StatusReading?, request: String?) {
        var reading: StatusReading?
        var request: String?
        try await withServer([.write(answer("200 OK", body))]) { server, provider, origin in
            let jobs = names.map {
                StatusQuery(operationName: $0, sceneID: "s", projectID: "p", state: .pending)
            }
            reading = try? await provider.status(
                of: jobs,
                shape: shape,
                with: credential(for: origin)
            )
            request = server.requests.first
        }
        return (reading, request)
    }

    @Test func `a reason in the midst of a failure's message is understood`() async throws {
        let told = [
            ("PUBLIC_ERROR_USER_QUOTA_REACHED", RefusalCause.outOfCredits),
            ("failed: PUBLIC_ERROR_HIGH_TRAFFIC.", .serviceBusy), ("MINOR changes only", nil),
        ]
        for (message, cause) in told {
            let body = """
                {"operations":[{"operation":{"name":"a","error":{"message":"\(message)"}},
                "status":"MEDIA_GENERATION_STATUS_FAILED"}]}
                """
            let job = try await status(.operations, ["a"], body).reading?.jobs.first
            #expect(job?.cause == cause)
            #expect(job?.failure == message)
        }
    }

    @Test(arguments: [
        (["a", "b"], ["x", "b"], ["b"]), (["a", "b"], ["x", "y"], []),
        (["a", "b"], ["a", "a"], ["a"]),
        (["a", "b"], ["x"], []), (["a"], ["x"], ["x"]), (["a"], ["x", "y"], []), (["a"], [""], []),
    ])
    func `a job told under another name is known only where it was asked about alone`(
        _ asked: [String],
        _ names: [String],
        _ told: [String]
    ) async throws {
        let elements = names.map { #"{"operation":{"name":"\#($0)"},"status":"ACTIVE"}"# }
        let body = "{\"operations\":[\(elements.joined(separator: ","))]}"
        let jobs = try await status(.operations, asked, body).reading?.jobs
        #expect(jobs?.map(\.operationName) == (told == ["x"] ? ["a"] : told))
        #expect(
            jobs?.map { String(decoding: $0.element, as: UTF8.self) }
                == told.map { #"{"operation":{"name":"\#($0)"},"status":"ACTIVE"}"# }
        )
    }

    @Test func `operations answer in the order asked`() async throws {
        let body = """
            {"operations":[
            {"operation":{"name":"c","error":{"code":3,"message":"bad","details":[{"reason":"PUBLIC_ERROR_SEXUAL"}]}},"status":"MEDIA_GENERATION_STATUS_FAILED"},
            {"operation":{"name":"b"},"status":"MEDIA_GENERATION_STATUS_DREAMING"},
            {"operation":{"name":"a","metadata":{"video":{"mediaGenerationId":"m1"}}},"status":"MEDIA_GENERATION_STATUS_SUCCESSFUL"},
            {"operation":{"name":"stranger"},"status":"MEDIA_GENERATION_STATUS_FAILED"}],
            "remainingCredits":640}
            """
        let (reading, request) = try await status(.operations, ["a", "b", "c", "d"], body)
        #expect(
            reading?.jobs.map { String(decoding: $0.element, as: UTF8.self) } == [
                #"{"operation":{"name":"a","metadata":{"video":{"mediaGenerationId":"m1"}}},"status":"MEDIA_GENERATION_STATUS_SUCCESSFUL"}"#,
                #"{"operation":{"name":"b"},"status":"MEDIA_GENERATION_STATUS_DREAMING"}"#,
                #"{"operation":{"name":"c","error":{"code":3,"message":"bad","details":[{"reason":"PUBLIC_ERROR_SEXUAL"}]}},"status":"MEDIA_GENERATION_STATUS_FAILED"}"#,
            ]
        )
        #expect(
            reading?.jobs.map(\.meaning) == [
                JobReading(operationName: "a", state: .successful, failure: nil, mediaIDs: ["m1"]),
                JobReading(
                    operationName: "b",
                    state: .other("DREAMING"),
                    failure: nil,
                    mediaIDs: []
                ),
                JobReading(
                    operationName: "c",
                    state: .failed,
                    failure: "bad (PUBLIC_ERROR_SEXUAL)",
                    mediaIDs: [],
                    cause: .moderation
                ),
            ]
        )
        #expect(reading?.remaining == Credits(640))
        #expect(
            request?.contains(
                #"{"operations":[{"operation":{"name":"a"},"sceneId":"s","status":"MEDIA_GENERATION_STATUS_PENDING"},"#
            ) ?? false
        )
    }

    @Test func `media answer likewise`() async throws {
        let body = """
            {"media":[
            {"name":"x","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_FAILED","error":{"message":"bad"},"failureReasons":["A","B"]}}},
            {"name":"y","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_SUCCESSFUL"}}},
            {"name":"z"}]}
            """
        let (reading, request) = try await status(.media, ["y", "x", "z"], body)
        #expect(
            reading?.jobs.map(\.meaning) == [
                JobReading(operationName: "y", state: .successful, failure: nil, mediaIDs: ["y"]),
                JobReading(operationName: "x", state: .failed, failure: "bad (A, B)", mediaIDs: []),
            ]
        )
        #expect(reading?.remaining == nil)
        #expect(request?.contains(#"{"media":[{"name":"y","projectId":"p"},"#) ?? false)
    }

    @Test func `an answer in both shapes is read in the one asked, and only that is passed on`()
        async throws
    {
        let body = """
            {"operations":[
            {"operation":{"name":"a"},"status":"MEDIA_GENERATION_STATUS_ACTIVE"},
            {"operation":{"name":"b"},"status":"MEDIA_GENERATION_STATUS_SUCCESSFUL"}],"media":[
            {"name":"a","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_SUCCESSFUL"}}}]}
            """
        let media = try #require(try await status(.media, ["a", "b"], body).reading)
        #expect(media.jobs.map(\.state) == [.successful, .successful])
        #expect(
            media.jobs.map { String(decoding: $0.element, as: UTF8.self) } == [
                #"{"name":"a","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_SUCCESSFUL"}}}"#,
                "",
            ]
        )
        let operations = try #require(try await status(.operations, ["a", "b"], body).reading)
        #expect(operations.jobs.map(\.state) == [.active, .successful])
        #expect(operations.jobs.allSatisfy { !$0.element.isEmpty })
    }

    @Test(arguments: ["", "{}", "[]", "<html>", "{\"operations\":7}", "{\"operations\":["])
    func `an answer that does not speak of jobs is unreadable`(body: String) async throws {
        #expect(try await status(.operations, ["a"], body).reading == nil)
    }
}

extension JobReading {
    /// Without the bytes it was read from.
    fileprivate var meaning: JobReading {
        var reading = self
        reading.element = []
        return reading
    }
}
