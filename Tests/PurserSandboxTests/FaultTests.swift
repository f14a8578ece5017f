import PurserSandbox
import Testing

struct FaultTests {
    static let rows = SandboxFault.presets.filter { $0.value.kind == .answer }.keys.sorted()

    @Test(arguments: rows)
    func `every row of the error table can be had once and costs nothing`(
        _ name: String
    ) async throws {
        let fault = try SandboxFault(preset: name)
        try await withStillSandbox { sandbox, one, _ in
            let armed = try await one.post("/sandbox/faults", #"{"preset":"\#(name)"}"#)
            #expect(armed.status == 200)
            let reply = try await one.submit()
            #expect(reply.status == fault.status)
            #expect(reply.reason == fault.reason)
            #expect(reply.contentType == fault.contentType)
            #expect(sandbox.state().accounts[0].charged == 0)
            #expect(try await one.submit().status == 200)
        }
    }

    @Test func `an error may say when to come back and hide its reason behind others`() async throws
    {
        try await withStillSandbox { _, one, _ in
            let fault =
                #"{"status":429,"reason":"PUBLIC_ERROR_NEW","reasonIndex":2,"retryAfter":7}"#
            _ = try await one.post("/sandbox/faults", fault)
            let reply = try await one.submit()
            #expect(reply.status == 429)
            #expect(reply.retryAfter == "7")
            #expect(reply.json["error"]["details"][2]["reason"].string == "PUBLIC_ERROR_NEW")
        }
    }

    @Test func `a scenario file brings its faults`() async throws {
        let file = """
            {"accounts":[{"token":"one","tier":"PAYGATE_TIER_ONE","credits":100}],
             "faults":[{"preset":"unauthorized","on":"credits"}]}
            """
        try await withStillSandbox(SandboxScenario(json: Array(file.utf8))) { _, one, _ in
            let reply = try await one.get("/v1/credits")
            #expect(reply.status == 401)
        }
        let wrong = file.replacing("unauthorized", with: "nonsense")
        let error = #expect(throws: SandboxError.self) {
            try SandboxScenario(json: Array(wrong.utf8))
        }
        #expect(error?.description.contains(#"no fault is named "nonsense""#) == true)
        let stranger = SandboxScenario(accounts: [], faults: [.init(.delay, account: "x")])
        #expect(throws: SandboxError.self) { try Sandbox(stranger) }
    }

    @Test func `a fault strikes only the calls it is for and only so often`() async throws {
        try await withStillSandbox { sandbox, one, ultra in
            try sandbox.arm(.init(.answer, scope: .any, account: "ultra", count: 2, status: 500))
            try sandbox.arm(.init(.answer, path: "CheckAsync", count: nil, status: 503))
            #expect(try await one.submit().status == 200)
            let mine = Submission(tier: "PAYGATE_TIER_TWO")
            #expect(try await ultra.get("/v1/credits").status == 500)
            #expect(try await ultra.submit(mine).status == 500)
            #expect(try await ultra.submit(mine).status == 200)
            for _ in 0..<3 { #expect(try await one.status("x").status == 503) }
            sandbox.clearFaults()
            #expect(try await one.status("x").status == 404)
        }
    }

    @Test func `an empty answer charges nothing and a malformed one does`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            try sandbox.arm(SandboxFault(preset: "empty"))
            let empty = try await one.submit()
            #expect(empty.status == 200)
            #expect(empty.text == "{}")
            #expect(sandbox.state().accounts[0].charged == 0)
            try sandbox.arm(SandboxFault(preset: "malformed"))
            let broken = try await one.submit()
            #expect(broken.status == 200)
            #expect(broken.json == .null)
            #expect(sandbox.state().accounts[0].charged == 20)
        }
    }

    @Test func `a balance may be left out or stale`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            try sandbox.arm(SandboxFault(preset: "omit-remaining"))
            try sandbox.arm(SandboxFault(preset: "stale-credits"))
            #expect(try await one.submit().json.keys == ["operations"])
            #expect(try await one.get("/v1/credits").json["credits"].int == 700)
            #expect(try await one.get("/v1/credits").json["credits"].int == 680)
            try sandbox.arm(.init(.staleCredits, credits: 1))
            #expect(try await one.get("/v1/credits").json["credits"].int == 1)
        }
    }

    @Test func `a delayed answer was charged before it came`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            try sandbox.arm(.init(.delay, delaySeconds: 0.2))
            async let reply = one.submit()
            while sandbox.state().jobs.isEmpty { await Task.yield() }
            let start = ContinuousClock.now
            #expect(try await reply.status == 200)
            #expect(start.duration(to: .now) > .milliseconds(50))
        }
    }

    @Test func `a preset's reason can be a later failure`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            let fault = #"{"preset":"unsafe-generation","kind":"failJobs","count":2}"#
            _ = try await one.post("/sandbox/faults", fault)
            _ = try await one.submit(Submission(count: 3))
            sandbox.advance(by: .seconds(100))
            #expect(sandbox.state().jobs.map(\.state) == ["FAILED", "FAILED", "SUCCESSFUL"])
            #expect(sandbox.state().jobs[0].reason == "PUBLIC_ERROR_UNSAFE_GENERATION")
            #expect(sandbox.state().accounts[0].credits == 680)
        }
    }

    // MARK: Cut connections

    private func rawSubmission() -> String {
        let body = Submission().json
        return """
            POST /v1/video:batchAsyncGenerateVideoText HTTP/1.1\r
            Host: sandbox\r
            Authorization: Bearer one\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("cut", 0), ("cut-after-charge", 20)])
    func `a cut connection ends without a byte`(_ preset: String, _ charged: Int) async throws {
        try await withStillSandbox { sandbox, one, _ in
            try sandbox.arm(SandboxFault(preset: preset))
            let received = try await receivedBytes(base: one.base, request: rawSubmission())
            #expect(received.isEmpty)
            #expect(sandbox.state().accounts[0].charged == charged)
            #expect(sandbox.state().jobs.count == charged / 20)
            #expect(sandbox.requests().map(\.status) == [nil])

            try sandbox.arm(SandboxFault(preset: preset))
            await #expect(throws: (any Error).self) { try await one.submit() }
            #expect(try await one.get("/v1/credits").json["credits"].int == 700 - 2 * charged)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a body cut in the middle is shorter than its length said`() async throws {
        try await withStillSandbox { sandbox, one, _ in
            try sandbox.arm(SandboxFault(preset: "cut-body"))
            let received = try await receivedBytes(base: one.base, request: rawSubmission())
            let parts = received.split(separator: "\r\n\r\n", maxSplits: 1)
            let length = try #require(parts[0].firstMatch(of: /(?i)content-length: (\d+)/)).1
            #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(parts[1].utf8.count == (Int(length) ?? 0) / 2)
            #expect(parts[1].hasPrefix(#"{"operations":[{"#))
            #expect(sandbox.state().accounts[0].charged == 20)

            try sandbox.arm(SandboxFault(preset: "cut-body"))
            await #expect(throws: (any Error).self) { try await one.submit() }
        }
    }
}
