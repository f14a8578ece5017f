import PurserCore
import PurserEngine
import PurserProviders
import PurserSandbox
import PurserTestSupport
import Testing

/// A home whose provider speaks HTTP to a pretended service; both live by one manual clock.
struct ServiceHome: Sendable {
    let home: EngineHome
    let sandbox: Sandbox

    var clock: ManualClock { home.clock }

    /// The accounts that submissions were sent with, in order.
    var asked: [String?] {
        sandbox.requests().filter { $0.path.contains("batchAsyncGenerate") }.map(\.account)
    }

    /// The rests that hold, by account.
    func rests() async throws -> [String: [Rest]] {
        let overviews = try await home.engine.store.accounts()
        return Dictionary(
            uniqueKeysWithValues: overviews.map { overview in
                (overview.account.name, overview.candidate.rests.filter { clock.now < $0.until })
            }
        )
    }

    /// Why an account would be passed over now, in the words an operator reads.
    func words(_ name: String, _ body: String = .capture) async throws -> [String] {
        let engine = home.engine
        let parsed = try CaptureFile.parse(Array(body.utf8))
        let call = try engine.resolver.call(of: parsed)
        let request = try engine.resolver.routeRequest(
            for: parsed,
            call: call,
            only: nil,
            maxCredits: nil
        )
        let explanation = try await engine.store.explain(request, mediaIDs: [], at: clock.now)
        let line = explanation.lines.first { $0.name == name }
        return try #require(line).ineligibilities.map(\.words)
    }

    /// What the books say ended the account's last hold.
    func evidence(_ name: String) async throws -> String? {
        let endings: Set<EntryKind> = [.settle, .void, .unknown]
        return try await home.entries(name).last { endings.contains($0.kind) }?.detail
    }

    /// What the service's word changed of accounts, as the audit trail tells an operator.
    func told() async throws -> [String] {
        try await home.engine.store.audit().map(\.record).filter { $0.actor == Actor("service") }
            .map { "\($0.verb) \($0.subject)" }
    }
}

/// Lends a home with accounts of that many credits, added without asking the service.
func withService(
    _ names: [String] = ["ultra-1", "ultra-2"],
    tier: Tier = .ultra,
    credits: Int64 = 690,
    jobSeconds: Double = 60,
    shape: SandboxScenario.ResponseShape = .operations,
    shapes: [String: SandboxScenario.ResponseShape] = [:],
    settings: EngineSettings = EngineSettings(),
    _ body: (ServiceHome) async throws -> Void
) async throws {
    let clock = ManualClock()
    let start = clock.now
    let scenario = SandboxScenario(
        accounts: names.map {
            .init(
                label: $0,
                token: "token-of-\($0)",
                tier: tier.wireName,
                credits: Int(credits),
                maxJobs: 100,
                responseShape: shapes[$0]
            )
        },
        jobSeconds: jobSeconds,
        responseShape: shape
    )
    let elapsed: @Sendable () -> Duration = { clock.now - start }
    try await withSandbox(scenario, clock: elapsed) { sandbox, base in
        let origin = try #require(Origin(base))
        let provider = FlowProvider(origin: origin, version: "test")
        do {
            try await withEngine(
                settings: settings,
                upstream: provider,
                origin: origin,
                clock: clock
            ) { home in
                for name in names { try await home.add(name, tier, credits: credits) }
                try await body(ServiceHome(home: home, sandbox: sandbox))
            }
        } catch {
            await provider.shutdown()
            throw error
        }
        await provider.shutdown()
    }
}
