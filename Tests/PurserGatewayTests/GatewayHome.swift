import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserProviders
import PurserSandbox
import PurserStore
import PurserVault
import ServiceLifecycle
import Synchronization
import Testing

@testable import PurserGateway

/// A gateway on a free port, over a real vault and store in a folder of their own, before a sandbox.
struct GatewayHome: Sendable {
    let engine: Engine
    /// Where the gateway makes its files.
    let folder: String
    let sandbox: Sandbox
    let gateway: Gateway
    let line: WaitingLine
    let port: Int
    let log: LogLines
    /// The sandbox's base URL.
    let upstream: String
    /// Has the gateway shut down as SIGTERM would.
    let shutDown: @Sendable () async -> Void
    /// Waits until it has ended by itself.
    let ended: @Sendable () async -> Void

    /// Adds a member, and returns their key.
    func member(
        _ name: String,
        role: MemberRole = .member,
        limits: MemberLimits = MemberLimits(),
        budget: Int64? = nil
    ) async throws -> String {
        guard
            let made = try await register.add(
                name,
                role: role,
                limits: limits,
                budget: budget.map { Credits(unchecked: $0) },
                expiresAt: nil
            )
        else { throw StoreError.nameTaken(name) }
        let text = made.secret().withBytes { String(decoding: $0, as: UTF8.self) }
        // Until the gateway has looked again, it knows nobody new.
        try await Task.sleep(for: MemberDesk.refreshEvery)
        return text
    }

    var register: MemberRegister {
        MemberRegister(store: engine.store, actor: Actor("test"), ambient: engine.ambient)
    }

    /// Adds the sandbox's account of that label.
    func add(_ label: String, _ tier: Tier, credits: Int64) async throws {
        let origin = try #require(Origin(upstream))
        _ = try await AccountDesk(engine).add(
            name: label,
            opening: .told(tier: tier, credits: Credits(unchecked: credits)),
            token: try CredentialDraft(
                token: try Secret(copying: Array("token-of-\(label)".utf8)),
                origins: [origin],
                command: nil
            ),
            settings: AccountSettings(),
            expiresAt: nil
        )
    }

    func post(
        _ path: String,
        _ body: String,
        key: String?,
        headers: [(String, String)] = []
    ) async throws -> Reply {
        try await send(.POST, path, body, key: key, headers: headers)
    }

    func get(_ path: String, key: String? = nil) async throws -> Reply {
        try await send(.GET, path, nil, key: key)
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String?,
        key: String?,
        headers: [(String, String)] = [],
        scheme: String = "http",
        host: String = "127.0.0.1",
        client: HTTPClient = .shared
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "\(scheme)://\(host):\(port)\(path)")
        request.method = method
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(50))
        return Reply(
            status: Int(response.status.code),
            headers: response.headers,
            text: String(buffer: try await response.body.collect(upTo: 1 << 24))
        )
    }

    /// What an account's books say.
    func balance(_ name: String) async throws -> Balance? {
        try await engine.store.accounts().first { $0.account.name == name }?.balance
    }

    func submissions() -> [SeenRequest] {
        sandbox.requests().filter { $0.path.contains("batchAsyncGenerate") }
    }
}

struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    /// The first `details[].reason`.
    var reason: String? {
        let error = JSONValue(Array(text.utf8))?["error"]
        return error?["details"]?.array?.first?["reason"]?.string
    }
}

/// What was logged, line by line.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}

private struct CapturingLog: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    let lines: LogLines

    init(_ lines: LogLines) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
        lines.append("\(event.level) \(event.message) \(fields.joined(separator: " "))")
    }
}

/// Runs a test against a gateway with an ULTRA account (690 credits) and a TIER_ONE account (700).
func withGateway(
    _ settings: GatewaySettings = .with { _ in },
    wait: Duration = .zero,
    retryWithin: Duration = .zero,
    _ body: @escaping @Sendable (GatewayHome) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "purser-gw-\(UUID())").path
    try FileManager.default.createDirectory(
        atPath: folder + "/state",
        withIntermediateDirectories: true
    )
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withSandbox(.twoAccounts) { sandbox, upstream in
        let lines = LogLines()
        let (engine, provider) = try await makeEngine(folder, upstream, lines, retryWithin)
        do {
            try await serve(engine, folder, settings, sandbox, upstream, lines, wait, body)
        } catch {
            await provider.shutdown()
            throw error
        }
        await provider.shutdown()
        let verification = try await engine.store.verify(at: .now, checkpointMAC: nil)
        #expect(verification.findings.filter(\.isViolation).isEmpty)
    }
}

private func serve(
    _ engine: Engine,
    _ folder: String,
    _ settings: GatewaySettings,
    _ sandbox: Sandbox,
    _ upstream: String,
    _ lines: LogLines,
    _ wait: Duration,
    _ body: @escaping @Sendable (GatewayHome) async throws -> Void
) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let (end, ending) = AsyncStream.makeStream(of: Never.self)
    let line = WaitingLine(engine, wait: wait)
    let gateway = try Gateway(engine: engine, line: line, settings: settings, folder: folder) {
        continuation.yield($0)
    }
    let configuration = ServiceGroupConfiguration(
        services: [gateway],
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    let services = ServiceGroup(configuration: configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer {
                continuation.finish()
                ending.finish()
            }
            // A test that is over cancels it.
            do { try await services.run() } catch is CancellationError where Task.isCancelled {
            } catch {
                Issue.record("the gateway ended with \(error)")
            }
        }
        let port = try #require(await ports.first { _ in true }, "the gateway has a port")
        let home = GatewayHome(
            engine: engine,
            folder: folder,
            sandbox: sandbox,
            gateway: gateway,
            line: line,
            port: port,
            log: lines,
            upstream: upstream,
            shutDown: { await services.triggerGracefulShutdown() },
            ended: { for await _ in end {} }
        )
        try await home.add("ultra", .ultra, credits: 690)
        try await home.add("tier-one", .tierOne, credits: 700)
        let outcome = await Result(catching: { try await body(home) })
        // Cancelled at once, a connection that was accepted and not taken yet would be dropped, which traps (swift-nio #2637).
        await services.triggerGracefulShutdown()
        group.addTask { try? await Task.sleep(for: .seconds(1)) }
        _ = try await group.next()
        group.cancelAll()
        try outcome.get()
    }
}

extension Result where Failure == any Error {
    /// What `body` returned or threw.
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

private func makeEngine(
    _ folder: String,
    _ upstream: String,
    _ lines: LogLines,
    _ retryWithin: Duration
) async throws -> (Engine, FlowProvider) {
    let store = try await SQLiteStore.open(
        home: folder + "/books",
        options: StoreOptions(
            policy: .balanced,
            quietAfter: .seconds(30),
            sha256: Digest.sha256
        )
    )
    let created = try Vault.create(
        slots: [.key(try SlotSeed(), kind: .keyFile, name: "test", role: .admin)],
        now: .now
    )
    var generator = SystemRandomNumberGenerator()
    let owner = Member(
        id: MemberID(using: &generator),
        name: Member.ownerName,
        createdAt: .now,
        hasBudget: false,
        role: .owner
    )
    try await store.createVault(created.change, owner: owner, by: Actor("test"), at: .now)
    let origin = try #require(Origin(upstream))
    let provider = FlowProvider(origin: origin, version: "test")
    let engine = Engine(
        store: store,
        provider: provider,
        keyring: Keyring(
            vault: created.vault,
            store: store,
            pin: PinFile(directory: folder + "/state", vaultID: created.vault.id)
        ),
        catalogue: .builtin,
        settings: EngineSettings(busyBackoff: .milliseconds(10), retryWithin: retryWithin),
        actor: Actor("test"),
        ambient: Ambient(now: { .now }, sleep: { try await Task.sleep(for: $0) }) {
            var generator = SystemRandomNumberGenerator()
            return (generator.next(), generator.next())
        },
        logger: Logger(label: "test") { _ in CapturingLog(lines) }
    )
    return (engine, provider)
}

extension GatewaySettings {
    /// The settings as a test changes them, on a port that is free.
    static func with(_ change: (inout GatewaySettings) -> Void) -> GatewaySettings {
        var settings = GatewaySettings()
        settings.port = 0
        change(&settings)
        return settings
    }
}

extension SandboxScenario {
    static let twoAccounts = SandboxScenario(
        accounts: [
            .init(
                label: "ultra",
                token: "token-of-ultra",
                tier: "PAYGATE_TIER_TWO",
                credits: 690,
                maxJobs: 100
            ),
            .init(
                label: "tier-one",
                token: "token-of-tier-one",
                tier: "PAYGATE_TIER_ONE",
                credits: 700,
                maxJobs: 100
            ),
        ],
        jobSeconds: 0.05
    )
}

extension Timestamp {
    static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

let referenceImages = "/v1/video:batchAsyncGenerateVideoReferenceImages"
let textToVideo = "/v1/video:batchAsyncGenerateVideoText"
let statusQuery = "/v1/video:batchCheckAsyncVideoGenerationStatus"

/// The capture's body as strict JSON.
let captureBody = """
    {
        "clientContext": {
            "sessionId": ";1764646449789",
            "projectId": "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c",
            "tool": "PINHOLE",
            "userPaygateTier": "PAYGATE_TIER_ONE"
        },
        "requests": [
            {
                "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
                "metadata": {"sceneId": "a387239f-c312-45fa-8274-41fcd7fe4b5a"},
                "referenceImages": [
                    {"imageUsageType": "IMAGE_USAGE_TYPE_ASSET", "mediaId": "CAMaJGNlZjUwMjMz"}
                ],
                "seed": 19000,
                "textInput": {"prompt": "刚开是的镜头是一个关着的门。"},
                "videoModelKey": "veo_3_0_r2v_fast"
            }
        ]
    }
    """

/// A request for one video of a model that `key` names.
func textBody(_ key: String = "veo_3_1_t2v_fast") -> String {
    """
    {"clientContext":{"tool":"PINHOLE"},"requests":[{"textInput":{"prompt":"a door"},\
    "videoModelKey":"\(key)"}]}
    """
}
