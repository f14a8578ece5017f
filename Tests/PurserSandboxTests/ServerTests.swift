import PurserSandbox
import Testing

struct ServerTests {
    @Test func `two sandboxes in one process do not meet`() async throws {
        try await withStillSandbox { first, one, _ in
            try await withStillSandbox { second, other, _ in
                #expect(one.base != other.base)
                _ = try await one.submit()
                #expect(first.state().accounts[0].charged == 20)
                #expect(second.state().accounts[0].charged == 0)
            }
        }
    }

    @Test func `a sandbox is gone when its body returns or throws`() async throws {
        struct Stop: Error {}
        let base = try await withSandbox(.pair()) { _, base in
            _ = try await Caller(base: base, token: "one").get("/v1/credits")
            return base
        }
        await #expect(throws: (any Error).self) {
            try await receivedBytes(base: base, request: "GET / HTTP/1.1\r\n\r\n")
        }
        await #expect(throws: Stop.self) {
            try await withSandbox(.pair()) { _, _ in throw Stop() }
        }
    }

    @Test func `a sandbox stops although an answer is still delayed`() async throws {
        let pending = try await withSandbox(.pair()) { sandbox, base in
            try sandbox.arm(.init(.delay, delaySeconds: 600))
            let pending = Task { try await Caller(base: base, token: "one").submit().status }
            while sandbox.state().jobs.isEmpty { await Task.yield() }
            return pending
        }
        let status = try? await pending.value
        #expect(status != 200)
    }

    @Test func `nothing but loopback is listened on`() async throws {
        await #expect(throws: SandboxError.self) {
            try await Sandbox.run(scenario: .pair(), host: "0.0.0.0")
        }
    }

    @Test func `a port that is taken is an error`() async throws {
        try await withSandbox(.pair()) { _, base in
            let port = try #require(Int(base.split(separator: ":").last ?? ""))
            await #expect(throws: (any Error).self) {
                try await Sandbox.run(scenario: .pair(), port: port)
            }
        }
    }

    @Test func `real time lets a job end`() async throws {
        var scenario = SandboxScenario.pair()
        scenario.jobSeconds = 0.05
        try await withSandbox(scenario) { sandbox, base in
            _ = try await Caller(base: base, token: "one").submit()
            while sandbox.state().jobs[0].state != "SUCCESSFUL" {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func `many callers at once are charged once each`() async throws {
        var scenario = SandboxScenario.pair(credits: 10_000)
        scenario.accounts[0].maxJobs = 100
        try await withStillSandbox(scenario) { sandbox, one, _ in
            let balances = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await one.submit().json["remainingCredits"].int }
                }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            #expect(balances == Set((1...50).map { 10_000 - 20 * $0 }))
            #expect(sandbox.state().accounts[0].charged == 1000)
        }
    }
}
