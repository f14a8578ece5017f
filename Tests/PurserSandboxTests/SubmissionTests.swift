import PurserSandbox
import Testing

struct SubmissionTests {
    @Test func `the captured request gets the captured answer`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let media =
                #""referenceImages":[{"imageUsageType":"IMAGE_USAGE_TYPE_ASSET","#
                + #""mediaId":"CAMaJGNlZjUwMjMz"}],"#
            let reply = try await one.post(
                "/v1/video:batchAsyncGenerateVideoReferenceImages",
                Submission(key: "veo_3_0_r2v_fast", media: media).json
            )
            #expect(reply.status == 200)
            #expect(reply.json.keys == ["operations", "remainingCredits"])
            #expect(reply.json["remainingCredits"].int == 680)
            let job = reply.json["operations"][0]
            #expect(job["sceneId"].string == "a387239f-c312-45fa-8274-41fcd7fe4b5a")
            #expect(job["status"].string == "MEDIA_GENERATION_STATUS_PENDING")
            #expect(reply.operation.count == 32)
            #expect(sandbox.state().accounts[0].charged == 20)
        }
    }

    @Test func `three requests are three jobs and three charges`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let reply = try await one.submit(Submission(count: 3))
            #expect(reply.json["operations"].elements.count == 3)
            #expect(reply.json["remainingCredits"].int == 640)
            #expect(sandbox.state().jobs.map(\.price) == [20, 20, 20])
            #expect(Set(sandbox.state().jobs.map(\.name)).count == 3)
        }
    }

    @Test func `a balance that comes to zero is left out`() async throws {
        try await withStillSandbox(.pair(credits: 20)) { sandbox, one, _ in
            let reply = try await one.submit()
            #expect(reply.status == 200)
            #expect(reply.json.keys == ["operations"])
            #expect(sandbox.state().accounts[0].credits == 0)
        }
    }

    @Test(arguments: [
        (SandboxScenario.ResponseShape.media, ["media", "remainingCredits", "workflows"]),
        (.both, ["media", "operations", "remainingCredits", "workflows"]),
    ])
    func `newer accounts answer with media`(
        _ shape: SandboxScenario.ResponseShape,
        _ keys: [String]
    ) async throws {
        try await withStillSandbox(.pair(shape: shape)) { sandbox, one, _ in
            let reply = try await one.submit()
            #expect(reply.json.keys == Set(keys))
            let medium = reply.json["media"][0]
            #expect(medium["name"].string == sandbox.state().jobs[0].media)
            #expect(medium["projectId"].string == "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c")
            #expect(
                medium["mediaMetadata"]["mediaStatus"]["mediaGenerationStatus"].string
                    == "MEDIA_GENERATION_STATUS_PENDING"
            )
            #expect(reply.json["remainingCredits"].int == 680)
        }
    }

    static let image = #"{"mediaId":"m"}"#

    @Test(arguments: [
        ("Text", "", "veo_3_1_t2v_fast"),
        ("StartImage", #""startImage":\#(image),"#, "veo_3_1_i2v_s_fast"),
        (
            "StartAndEndImage", #""startImage":\#(image),"endImage":\#(image),"#,
            "veo_3_1_i2v_s_fast_fl"
        ),
        ("ReferenceImages", #""referenceImages":[\#(image)],"#, "veo_3_1_r2v_fast_landscape"),
        ("ExtendVideo", #""videoInput":\#(image),"#, "veo_3_1_extend_fast_landscape"),
        ("UpsampleVideo", #""videoInput":\#(image),"resolution":"R","#, "veo_3_1_upsampler_1080p"),
        ("EditVideo", #""videoInput":\#(image),"#, "veo_3_1_edit_lite"),
        ("ReshootVideo", #""videoInput":\#(image),"#, "veo_3_0_reshoot_landscape"),
    ])
    func `every endpoint routes and demands its media`(
        _ endpoint: String,
        _ media: String,
        _ key: String
    ) async throws {
        try await withStillSandbox { sandbox, one, _ in
            let path = "/v1/video:batchAsyncGenerateVideo\(endpoint)"
            let full = try await one.post(
                path,
                Submission(key: key, media: media).json,
                contentType: "application/json"
            )
            #expect(full.status == 200)
            #expect(sandbox.state().jobs.map(\.key) == [key])
            let bare = try await one.post(path, Submission(key: key).json)
            #expect(bare.status == (media.isEmpty ? 200 : 400))
            #expect(try await one.get(path).status == 404)
            #expect(try await one.post(path + "s", "{}").status == 404)
        }
    }

    @Test func `tier, key and price are the account's`() async throws {
        try await withStillSandbox { sandbox, one, ultra in
            let liar = try await one.submit(Submission(tier: "PAYGATE_TIER_TWO"))
            #expect(liar.status == 403)
            #expect(liar.reason == nil)
            #expect(
                liar.json["error"]["message"].string?.contains("does not have permission") == true
            )

            let denied = try await one.submit(Submission(key: "veo_3_0_t2v_fast_ultra"))
            #expect(denied.status == 403)
            #expect(denied.reason == "PUBLIC_ERROR_MODEL_ACCESS_DENIED")

            #expect(try await one.submit(Submission(key: "veo_9")).status == 404)

            let cheap = Submission(tier: "PAYGATE_TIER_TWO", key: "veo_3_1_t2v_lite")
            #expect(try await ultra.submit(cheap).json["remainingCredits"].int == 12_495)
            #expect(sandbox.state().accounts.map(\.charged) == [0, 5])
        }
    }

    @Test func `a missing or dead bearer is refused in the service's words`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            for token in [nil, "dead"] {
                let reply = try await Caller(base: one.base, token: token).submit()
                #expect(reply.status == 401)
                #expect(reply.json["error"]["status"].string == "UNAUTHENTICATED")
                #expect(reply.json["error"]["details"].elements.count == 1)
            }
            #expect(sandbox.state().jobs.isEmpty)
        }
    }

    @Test func `comments in the body are refused`() async throws {
        try await withStillSandbox { _, one, _ in
            let body = Submission().json.replacing("\"PINHOLE\",", with: "\"PINHOLE\", // ULTRA\n")
            let reply = try await one.post("/v1/video:batchAsyncGenerateVideoText", body)
            #expect(reply.status == 400)
            #expect(reply.json["error"]["status"].string == "INVALID_ARGUMENT")
        }
    }

    @Test func `a missing field is named`() async throws {
        try await withStillSandbox { _, one, _ in
            let body = Submission().json.replacing("videoModelKey", with: "model")
            let reply = try await one.post("/v1/video:batchAsyncGenerateVideoText", body)
            #expect(reply.status == 400)
            let violation = reply.json["error"]["details"][0]["fieldViolations"][0]
            #expect(violation["field"].string == "requests[0].videoModelKey")
        }
    }

    @Test func `a project belongs to its account`() async throws {
        let scenario = SandboxScenario(accounts: [
            .init(token: "one", tier: "PAYGATE_TIER_ONE", credits: 100, projectIds: ["mine"])
        ])
        try await withStillSandbox(scenario) { sandbox, one, _ in
            let reply = try await one.submit(Submission(project: "mine"))
            #expect(reply.status == 200)
            #expect(try await one.submit(Submission(project: "theirs")).status == 404)
            #expect(try await one.submit(Submission(project: nil)).status == 400)
            #expect(sandbox.state().accounts[0].charged == 20)
        }
    }

    @Test func `what cannot be paid is not begun`() async throws {
        try await withStillSandbox(.pair(credits: 50)) { sandbox, one, _ in
            let reply = try await one.submit(Submission(count: 3))
            #expect(reply.status == 429)
            #expect(reply.reason == "PUBLIC_ERROR_USER_QUOTA_REACHED")
            #expect(sandbox.state().accounts[0].credits == 50)
            #expect(sandbox.state().jobs.isEmpty)
        }
    }

    @Test func `more jobs than the account may run are refused until one ends`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            #expect(try await one.submit(Submission(count: 4)).status == 200)
            let reply = try await one.submit()
            #expect(reply.status == 429)
            #expect(reply.reason == "PUBLIC_ERROR_CONCURRENT_LIMIT_REACHED")
            #expect(sandbox.state().accounts[0].activeJobs == 4)
            sandbox.advance(by: .seconds(100))
            #expect(try await one.submit().status == 200)
        }
    }
}
