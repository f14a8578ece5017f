import PurserSandbox
import Testing

struct ControlTests {
    @Test func `credits answer in full and leave every zero out`() async throws {
        let scenario = SandboxScenario(accounts: [
            .init(
                token: "one",
                tier: "PAYGATE_TIER_ONE",
                credits: 1799,
                subscriptionCredits: 909,
                topUpCredits: 890,
                sku: "G1_TIER1",
                serviceTier: "SERVICE_TIER_INTERMEDIATE"
            ),
            .init(token: "ultra", tier: "PAYGATE_TIER_TWO", credits: 5),
        ])
        try await withStillSandbox(scenario) { sandbox, one, ultra in
            #expect(
                try await one.get("/v1/credits").text
                    == #"{"credits":1799,"serviceTier":"SERVICE_TIER_INTERMEDIATE","sku":"G1_TIER1","#
                    + #""subscriptionCredits":909,"topUpCredits":890,"#
                    + #""userPaygateTier":"PAYGATE_TIER_ONE"}"#
            )
            #expect(
                try await ultra.get("/v1/credits").text
                    == #"{"credits":5,"userPaygateTier":"PAYGATE_TIER_TWO"}"#
            )
            try sandbox.setCredits(of: "account-2", to: 0)
            #expect(
                try await ultra.get("/v1/credits").text
                    == #"{"userPaygateTier":"PAYGATE_TIER_TWO"}"#
            )
            let paid = try await one.submit(Submission(key: "veo_3_1_t2v"))
            #expect(paid.json["remainingCredits"].int == 1699)
            #expect(try await one.get("/v1/credits").json["subscriptionCredits"].int == 809)
        }
    }

    @Test func `a balance moves by itself`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let path = "/sandbox/accounts/account-1/credits"
            let spent = try await one.post(path, #"{"delta":-300}"#)
            #expect(spent.json["accounts"][0]["credits"].int == 400)
            #expect(try await one.get("/v1/credits").json["credits"].int == 400)
            #expect(try await one.post(path, #"{"set":1000}"#).status == 200)
            #expect(try await one.get("/v1/credits").json["credits"].int == 1000)
            #expect(try await one.post(path, #"{"delta":-1001}"#).status == 400)
            #expect(try await one.post(path, #"{"delta":1,"set":1}"#).status == 400)
            #expect(try await one.post(path, #"{"add":1}"#).status == 400)
            #expect(try await one.post(path, #"{"delta":9223372036854775807}"#).status == 400)
            #expect(try await one.post("/sandbox/accounts/x/credits", #"{"set":1}"#).status == 404)
            #expect(sandbox.state().accounts[0].charged == 0)
        }
    }

    @Test func `a token is rotated with or without the old one`() async throws {
        try await withStillSandbox { _, one, _ in
            let next = Caller(base: one.base, token: "next")
            let path = "/sandbox/accounts/account-1/token"
            _ = try await one.post(path, #"{"token":"next","keepOld":true}"#)
            #expect(try await one.get("/v1/credits").status == 200)
            #expect(try await next.get("/v1/credits").status == 200)
            _ = try await one.post(path, #"{"token":"next","keepOld":false}"#)
            #expect(try await one.get("/v1/credits").status == 401)
            #expect(try await next.get("/v1/credits").status == 200)
            _ = try await one.post(path, "{}")
            #expect(try await next.get("/v1/credits").status == 401)
            #expect(try await one.post(path, #"{"token":"ultra"}"#).status == 400)
        }
    }

    @Test func `tier, job state and clock follow control calls`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let name = try await one.submit().operation
            let path = "/sandbox/jobs/\(name)/state"
            let failure = #"{"state":"FAILED","reason":"PUBLIC_ERROR_HIGH_TRAFFIC"}"#
            #expect(try await one.post(path, failure).status == 200)
            #expect(sandbox.state().jobs[0].refunded)
            #expect(try await one.post("/sandbox/jobs/x/state", failure).status == 404)

            let tier = #"{"tier":"PAYGATE_TIER_TWO"}"#
            _ = try await one.post("/sandbox/accounts/account-1/tier", tier)
            #expect(try await one.submit().status == 403)

            let clock = try await one.post("/sandbox/clock", #"{"advanceSeconds":60}"#)
            #expect(clock.json["seconds"].int == 60)
            #expect(sandbox.state().seconds == 60)
            #expect(try await one.post("/sandbox/clock", #"{"advanceSeconds":-1}"#).status == 400)
        }
    }

    @Test func `state and requests never show a token`() async throws {
        try await withStillSandbox(
            SandboxScenario(accounts: [
                .init(token: "ya29.very-secret", tier: "PAYGATE_TIER_ONE", credits: 100)
            ])
        ) { _, one, _ in
            let caller = Caller(base: one.base, token: "ya29.very-secret")
            _ = try await caller.submit()
            for path in ["/sandbox/state", "/sandbox/requests"] {
                let reply = try await one.get(path)
                #expect(reply.status == 200)
                #expect(reply.text.contains("account-1"))
                #expect(!reply.text.contains("ya29"))
                #expect(!reply.text.lowercased().contains("bearer"))
            }
        }
    }

    @Test func `a request is kept byte for byte`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let body = "{ \"seed\" : 1.0,\t\"x\":\"门\" }\n"
            _ = try await one.post("/v1/video:batchAsyncGenerateVideoText?alt=json", body)
            let seen = try #require(sandbox.requests().first)
            #expect(seen.body == body)
            #expect(seen.bodyBase64 == "eyAic2VlZCIgOiAxLjAsCSJ4Ijoi6ZeoIiB9Cg==")
            #expect(seen.path == "/v1/video:batchAsyncGenerateVideoText?alt=json")
            #expect(seen.account == "account-1")
            #expect(seen.userAgent == "sandbox-tests")
            #expect(seen.headers["content-type"] == "text/plain;charset=UTF-8")
            #expect(seen.headers["authorization"] == nil)
            #expect(seen.status == 400)
            _ = try await one.delete("/sandbox/requests")
            #expect(sandbox.requests().isEmpty)
        }
    }

    @Test(arguments: [
        #"{"preset":"nonsense"}"#, #"{"kind":"nonsense"}"#, #"{"knd":"cut"}"#, "[]", "", "{}",
        #"{"status":9999}"#, #"{"kind":"delay","delaySeconds":1e300}"#,
    ])
    func `a fault that is not understood is refused`(_ body: String) async throws {
        try await withStillSandbox { sandbox, one, _ in
            let reply = try await one.post("/sandbox/faults", body)
            #expect(reply.status == 400)
            #expect(sandbox.state().faults.isEmpty)
        }
    }

    @Test func `armed faults are shown and cleared`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            _ = try await one.post("/sandbox/faults", #"{"preset":"throttled","count":0}"#)
            #expect(
                sandbox.state().faults.map(\.reason) == ["PUBLIC_ERROR_USER_REQUESTS_THROTTLED"]
            )
            #expect(sandbox.state().faults[0].count == nil)
            _ = try await one.delete("/sandbox/faults")
            #expect(sandbox.state().faults.isEmpty)
            let stranger = #"{"preset":"throttled","account":"x"}"#
            #expect(try await one.post("/sandbox/faults", stranger).status == 404)
        }
    }
}
