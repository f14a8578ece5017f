import PurserSandbox
import Testing

struct JobTests {
    @Test func `a job passes through its states and then shows its video`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let name = try await one.submit().operation
            for (step, state) in [
                (0, "SCHEDULED"), (10, "PENDING"), (30, "ACTIVE"), (59, "ACTIVE"),
            ] {
                sandbox.advance(by: .seconds(step))
                let reply = try await one.status(name)
                let status = reply.json["operations"][0]["status"].string
                #expect(status == "MEDIA_GENERATION_STATUS_" + state)
                #expect(reply.json.keys == ["operations"])
            }
            sandbox.advance(by: .seconds(1))
            let reply = try await one.status(name)
            let job = reply.json["operations"][0]
            #expect(job["status"].string == "MEDIA_GENERATION_STATUS_SUCCESSFUL")
            #expect(job["sceneId"].string == "a387239f-c312-45fa-8274-41fcd7fe4b5a")
            let video = job["operation"]["metadata"]["video"]
            #expect(video["fifeUrl"].string?.hasPrefix("https://") == true)
            #expect(video["mediaGenerationId"] == job["mediaGenerationId"])
            #expect(reply.json["remainingCredits"].int == 680)
        }
    }

    @Test func `the newer query answers in the newer shape`() async throws {
        try await withStillSandbox(.pair(shape: .media)) { sandbox, one, _ in
            let name = try await one.submit().json["media"][0]["name"].string ?? ""
            try sandbox.setState(ofJob: name, to: "FAILED", reason: "PUBLIC_ERROR_SEXUAL")
            let reply = try await one.post(
                "/v1/video:batchCheckAsyncVideoGenerationStatus",
                #"{"media":[{"name":"\#(name)","projectId":"p"}]}"#
            )
            let status = reply.json["media"][0]["mediaMetadata"]["mediaStatus"]
            #expect(status["mediaGenerationStatus"].string == "MEDIA_GENERATION_STATUS_FAILED")
            #expect(status["error"]["message"].string == "PUBLIC_ERROR_SEXUAL")
            #expect(status["failureReasons"][0].string == "PUBLIC_ERROR_SEXUAL")
            #expect(reply.json["remainingCredits"].int == 700)
        }
    }

    @Test(arguments: ["FAILED", "FILTERED"])
    func `a failed job is given back after the delay`(_ state: String) async throws {
        try await withStillSandbox(.pair(refundDelaySeconds: 30)) { sandbox, one, _ in
            try sandbox.arm(
                .init(.failJobs, reason: "PUBLIC_ERROR_UNSAFE_GENERATION", state: state)
            )
            let name = try await one.submit().operation
            let second = try await one.submit().operation
            sandbox.advance(by: .seconds(100))
            let reply = try await one.status(name)
            let job = reply.json["operations"][0]
            #expect(job["status"].string == "MEDIA_GENERATION_STATUS_" + state)
            let message = job["operation"]["error"]["message"].string
            #expect(message == "PUBLIC_ERROR_UNSAFE_GENERATION")
            #expect(reply.json["remainingCredits"].int == 660)
            sandbox.advance(by: .seconds(29))
            #expect(sandbox.state().accounts[0].credits == 660)
            sandbox.advance(by: .seconds(1))
            #expect(sandbox.state().accounts[0].credits == 680)
            #expect(sandbox.state().accounts[0].refunded == 20)
            let other = try await one.status(second).json["operations"][0]["status"].string
            #expect(other == "MEDIA_GENERATION_STATUS_SUCCESSFUL")
        }
    }

    @Test func `only the account that submitted may ask`() async throws {
        try await withStillSandbox { _, one, ultra in
            let name = try await one.submit().operation
            #expect(try await ultra.status(name).status == 404)
            #expect(try await one.status("0123").status == 404)
            #expect(try await one.status().status == 400)
            let anonymous = Caller(base: one.base, token: nil)
            #expect(try await anonymous.status(name).status == 401)
        }
    }

    @Test func `a cancelled job ends and is not given back`() async throws {
        try await withStillSandbox { sandbox, one, ultra in
            _ = try await one.submit()
            let body = #"{"mediaId":"\#(sandbox.state().jobs[0].media)"}"#
            let path = "/v1/flowMedia:cancelGeneration"
            #expect(try await ultra.post(path, body).status == 404)
            #expect(try await one.post(path, body).text == "{}")
            #expect(sandbox.state().jobs[0].state == "CANCELED")
            #expect(sandbox.state().accounts[0].activeJobs == 0)
            #expect(sandbox.state().accounts[0].credits == 680)
        }
    }

    @Test func `a state nobody knows keeps the job under way`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let name = try await one.submit().operation
            try sandbox.setState(ofJob: name, to: "REHEARSING")
            sandbox.advance(by: .seconds(1000))
            let reply = try await one.status(name)
            let status = reply.json["operations"][0]["status"].string
            #expect(status == "MEDIA_GENERATION_STATUS_REHEARSING")
            #expect(reply.json["remainingCredits"] == .null)
            try sandbox.setState(ofJob: name, to: "SUCCESSFUL")
            #expect(try await one.status(name).json["remainingCredits"].int == 680)
        }
    }

    @Test func `both uploads answer in their own way and the medium is the account's`() async throws
    {
        try await withStillSandbox { _, one, ultra in
            let newer = try await one.post("/v1/flow/uploadImage", #"{"imageBytes":"aGVsbG8="}"#)
            let older = try await one.post(
                "/v1:uploadUserImage",
                #"{"imageInput":{"rawImageBytes":"aGVsbG8="}}"#
            )
            let ids = [
                newer.json["media"]["name"].string,
                older.json["mediaGenerationId"]["mediaGenerationId"].string,
            ]
            for id in ids {
                let id = try #require(id)
                var body = Submission(
                    key: "veo_3_1_i2v_s",
                    media: #""startImage":{"mediaId":"\#(id)"},"#
                )
                let path = "/v1/video:batchAsyncGenerateVideoStartImage"
                #expect(try await one.post(path, body.json).status == 200)
                body.tier = "PAYGATE_TIER_TWO"
                #expect(try await ultra.post(path, body.json).status == 404)
            }
            let bad = try await one.post("/v1/flow/uploadImage", #"{"imageBytes":"***"}"#)
            #expect(bad.status == 400)
        }
    }

    @Test func `a medium nobody has seen is refused only where that is strict`() async throws {
        let body = Submission(
            key: "veo_3_1_i2v_s",
            media: #""startImage":{"mediaId":"unseen"},"#
        ).json
        for strict in [false, true] {
            try await withStillSandbox(.pair(strictMedia: strict)) { _, one, _ in
                let reply = try await one.post(
                    "/v1/video:batchAsyncGenerateVideoStartImage",
                    body
                )
                #expect(reply.status == (strict ? 404 : 200))
            }
        }
    }
}
