import PurserCore
import PurserProviders
import Testing

private let generate = ProviderCall.generate(endpoint: "video:batchAsyncGenerateVideoText")

private func classify(
    _ status: Int,
    _ body: String,
    type: String = "application/json",
    for call: ProviderCall = generate
) -> Outcome {
    FlowClassifier.outcome(
        of: HTTPReply(status: status, contentType: type, body: Array(body.utf8)),
        for: call
    )
}

private func envelope(_ status: Int, _ reason: String?, message: String = "no") -> String {
    let details = reason.map {
        #","details":[{"@type":"x","n":1},{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\#($0)"}]"#
    }
    return #"{"error":{"code":\#(status),"message":"\#(message)","status":"S"\#(details ?? "")}}"#
}

struct FlowClassifierTests {
    @Test(
        arguments: [
            (400, nil, "refused: bad_request"),
            (400, "PUBLIC_ERROR_SOMETHING_NEW", "refused: bad_request"),
            (400, "PUBLIC_ERROR_UNSAFE_GENERATION", "refused: moderation"),
            (400, "PUBLIC_ERROR_PROMINENT_PEOPLE_FILTER_FAILED", "refused: moderation"),
            (400, "PUBLIC_ERROR_MINOR_UPLOAD", "refused: moderation"),
            (400, "PUBLIC_ERROR_SEXUAL", "refused: moderation"),
            (400, "PUBLIC_ERROR_VIOLENCE_OR_GORE", "refused: moderation"),
            (400, "PUBLIC_ERROR_DANGEROUS", "refused: moderation"),
            (400, "PUBLIC_ERROR_IP_INPUT_IMAGE", "refused: moderation"),
            (400, "PUBLIC_ERROR_AUDIO_FILTERED", "refused: moderation"),
            (401, nil, "refused: token_dead"),
            (403, "PUBLIC_ERROR_MODEL_ACCESS_DENIED", "refused: model_access"),
            (403, "PUBLIC_ERROR_UNUSUAL_ACTIVITY", "refused: unusual_activity"),
            (403, "PUBLIC_ERROR_UNUSUAL_ACTIVITY_OF_A_NEW_KIND", "refused: unusual_activity"),
            (403, "PUBLIC_ERROR_SOMETHING_NEW", "refused: bad_request"),
            (404, nil, "refused: not_found"),
            (429, nil, "refused: limited"),
            (429, "PUBLIC_ERROR_USER_REQUESTS_THROTTLED", "refused: throttled"),
            (429, "PUBLIC_ERROR_PER_MODEL_DAILY_QUOTA_REACHED_VEO", "refused: daily_model_quota"),
            (429, "PUBLIC_ERROR_USER_QUOTA_REACHED", "refused: out_of_credits"),
            (429, "PUBLIC_ERROR_WORKSPACE_ACCOUNT_QUOTA_REACHED", "refused: out_of_credits"),
            (429, "PUBLIC_ERROR_CONCURRENT_LIMIT_REACHED", "refused: concurrency_limit"),
            (429, "PUBLIC_ERROR_GENERATION_ALREADY_IN_PROGRESS", "refused: concurrency_limit"),
            (429, "PUBLIC_ERROR_UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC", "refused: too_much_traffic"),
            (500, "PUBLIC_ERROR_HIGH_TRAFFIC", "refused: service_busy"),
            (503, "PUBLIC_ERROR_MODEL_OVERLOADED", "refused: service_busy"),
            (403, "PUBLIC_ERROR_USER_REGION_DISALLOWED", "refused: account_unusable"),
            (400, "PUBLIC_ERROR_USER_MINOR", "refused: account_unusable"),
            (503, "PUBLIC_ERROR_APP_UNAVAILABLE", "refused: account_unusable"),
            // The reason decides, not the code.
            (403, "PUBLIC_ERROR_USER_QUOTA_REACHED", "refused: out_of_credits"),
            (422, "PUBLIC_ERROR_UNSAFE_GENERATION", "refused: moderation"),
            // What is not listed proves nothing.
            (500, nil, "unknown"),
            (503, nil, "unknown"),
            (500, "PUBLIC_ERROR_UNSAFE_GENERATION", "unknown"),
            (500, "PUBLIC_ERROR_SOMETHING_NEW", "unknown"),
            (408, nil, "unknown"), (409, nil, "unknown"), (422, nil, "unknown"),
            (302, nil, "unknown"), (200, nil, "unknown"),
            (200, "PUBLIC_ERROR_USER_QUOTA_REACHED", "unknown"),
            (429, "HIGH_TRAFFIC", "refused: limited"),
        ] as [(Int, String?, String)]
    )
    func `the reason decides, then the status`(status: Int, reason: String?, word: String) {
        let outcome = classify(status, envelope(status, reason))
        #expect(outcome.word == word)
        if case .refused(let refusal) = outcome {
            #expect(refusal.reason == reason)
            #expect(refusal.message == (reason.map { "no (\($0))" } ?? "no"))
            #expect(refusal.answer.body == Array(envelope(status, reason).utf8))
        }
    }

    @Test func `a missing permission is a matter of the model`() {
        let body = envelope(403, nil, message: "The caller does not have permission")
        #expect(classify(403, body).word == "refused: model_access")
    }

    @Test(arguments: [
        (400, "unknown"), (401, "refused: token_dead"), (403, "refused: network_refused"),
        (404, "unknown"), (429, "unknown"), (500, "unknown"), (503, "unknown"), (200, "unknown"),
    ])
    func `a page is no error of the service`(status: Int, word: String) {
        #expect(
            classify(status, "\n<!doctype html>", type: "text/html; charset=UTF-8").word == word
        )
        #expect(classify(status, "<html>", type: "").word == word)
    }

    @Test(arguments: ["", "null", "[]", "{}", "{\"error\":\"x\"}", "{\"error\":{}}", "{\"error\":"])
    func `what cannot be read proves nothing`(body: String) {
        for status in [200, 400, 403, 404, 429, 500] {
            #expect(classify(status, body, type: "application/json").word == "unknown")
        }
    }

    @Test func `a message stays on one line and does not grow without end`() {
        let long =
            #"{"error":{"code":400,"message":"a\u001b[2J\n\#(String(repeating: "b", count: 9000))"}}"#
        guard case .refused(let refusal) = classify(400, long) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.message.hasPrefix("a [2J b"))
        #expect(refusal.message.count == 500)
    }
}

struct FlowAcceptanceTests {
    private func acceptance(_ body: String, for call: ProviderCall = generate) -> Acceptance? {
        if case .accepted(let acceptance) = classify(200, body, for: call) {
            acceptance
        } else {
            nil
        }
    }

    private static let operations =
        #""operations":[{"operation":{"name":"a"},"sceneId":"s","status":"MEDIA_GENERATION_STATUS_PENDING"},{"operation":{"name":"b"}}]"#
    private static let media =
        #""media":[{"name":"m","projectId":"p","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_SCHEDULED"}}}]"#

    @Test func `both shapes are read`() throws {
        let old = try #require(acceptance("{\(Self.operations),\"remainingCredits\":680}"))
        #expect(old.jobs.map(\.operationName) == ["a", "b"])
        #expect(old.jobs.map(\.sceneID) == ["s", nil])
        #expect(old.jobs.map(\.shape) == [.operations, .operations])
        #expect(old.remaining == Credits(680))
        let new = try #require(
            acceptance("{\(Self.media),\"workflows\":[{\"name\":\"w\"}],\"remainingCredits\":0}")
        )
        #expect(
            new.jobs == [
                AcceptedJob(
                    operationName: "m",
                    shape: .media,
                    sceneID: nil,
                    projectID: "p",
                    state: .scheduled
                )
            ]
        )
        #expect(new.remaining == .zero)
    }

    @Test func `both shapes at once tell of the same jobs`() throws {
        #expect(try #require(acceptance("{\(Self.operations),\(Self.media)}")).jobs.count == 2)
        let one = #"{"operations":[{"operation":{"name":"m"}}],\#(Self.media)}"#
        #expect(try #require(acceptance(one)).jobs.map(\.shape) == [.operations])
        let both = #"{"operations":[{"operation":{"name":"o"}}],\#(Self.media)}"#
        #expect(try #require(acceptance(both)).jobs.map(\.operationName) == ["o"])
        #expect(try #require(acceptance(both)).jobs.map(\.alias) == ["m"])
        let twice = #"{"operations":[{"operation":{"name":"m"}},{"operation":{"name":"m"}}]}"#
        #expect(try #require(acceptance(twice)).jobs.count == 1)
    }

    @Test(arguments: [
        "", ",\"remainingCredits\":680.0", ",\"remainingCredits\":\"680\"",
        ",\"remainingCredits\":-1", ",\"remainingCredits\":1e3", ",\"remainingCredits\":null",
        ",\"remainingCredits\":99999999999",
    ])
    func `a balance that is not a whole number is no observation`(member: String) throws {
        let read = try #require(acceptance("{\(Self.operations)\(member)}"))
        #expect(read.remaining == nil)
        #expect(read.jobs.count == 2)
    }

    @Test(arguments: [
        "{\"operations\":[],\"remainingCredits\":680}", "{\"remainingCredits\":680}",
        "{\"media\":[],\"workflows\":[]}", "{\"operations\":[{}]}", "{\"operations\":{}}",
        "{\"operations\":[{\"operation\":{\"name\":7}}]}",
        "{\"operations\":[{\"operation\":{\"name\":\"\"}}]}",
        "{\(operations),\"operations\":[]}", "{\(operations),\"media\":7}",
    ])
    func `an answer without a job, or with one that cannot be read, is unknown`(body: String) {
        #expect(classify(200, body).word == "unknown")
    }

    @Test func `no beginning of a good answer is an answer`() {
        let whole = "{\(Self.operations),\(Self.media),\"remainingCredits\":680}"
        for length in 0..<whole.utf8.count {
            let word = classify(200, String(decoding: whole.utf8.prefix(length), as: UTF8.self))
                .word
            #expect(word == "unknown")
        }
    }

    @Test func `an upload gives a medium, a cancellation nothing`() throws {
        let upload = ProviderCall.upload(path: "flow/uploadImage")
        for body in [
            #"{"media":{"name":"id1","projectId":"p"}}"#,
            #"{"mediaGenerationId":{"mediaGenerationId":"id1"}}"#,
        ] {
            let read = try #require(acceptance(body, for: upload))
            #expect(read.mediaIDs == ["id1"] && read.jobs.isEmpty)
        }
        #expect(acceptance("{}", for: upload) == nil)
        #expect(acceptance("{}", for: .cancel) != nil)
        #expect(acceptance("", for: .cancel) != nil)
    }
}
