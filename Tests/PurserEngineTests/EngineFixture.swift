import Foundation
import Logging
import PurserCore
import PurserEngine
import PurserStore
import PurserTestSupport
import PurserVault
import Synchronization
import Testing

typealias HomeBalance = Balance

/// A whole home in a folder of its own: real vault, real SQLite; a scripted provider and a manual clock.
struct EngineHome: Sendable {
    let folder: String
    let engine: Engine
    let provider: ScriptedProvider
    let clock: ManualClock
    let owner: MemberID
    /// Where tokens may be sent.
    let origin: Origin
    /// What opens the vault.
    let key: [UInt8]

    @discardableResult
    func add(
        _ name: String,
        _ tier: Tier,
        credits: Int64?,
        token: String? = nil,
        command: String? = nil
    ) async throws -> AccountID {
        let added = try await AccountDesk(engine).add(
            name: name,
            opening: .told(tier: tier, credits: credits.map { Credits(unchecked: $0) }),
            token: try draft(token ?? "token-of-\(name)", command: command),
            settings: AccountSettings(),
            expiresAt: nil
        )
        return added.account.id
    }

    /// Adds an account whose tier and balance the service is asked for.
    func addAsking(_ name: String, said: Tier?, reads: Tier, credits: Int64) async throws {
        provider.anyCredits(
            CreditsReading(
                credits: Credits(unchecked: credits),
                tier: reads,
                tierName: reads.wireName
            )
        )
        _ = try await AccountDesk(engine).add(
            name: name,
            opening: .asking(said: said),
            token: try draft("token-of-\(name)"),
            settings: AccountSettings(),
            expiresAt: nil
        )
    }

    func rotate(_ name: String, to token: String, probing: Bool = true) async throws {
        _ = try await AccountDesk(engine).rotate(
            try await account(name),
            to: try draft(token),
            probing: probing,
            expiresAt: nil
        )
    }

    func draft(_ token: String, command: String? = nil) throws -> CredentialDraft {
        try CredentialDraft(
            token: try Secret(copying: Array(token.utf8)),
            origins: [origin],
            command: command
        )
    }

    func token(_ name: String) async throws -> String {
        try await AccountDesk(engine).reveal(try await account(name)) {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func member(_ name: String, budget: Int64?) async throws -> MemberID {
        let member = Member(
            id: engine.ambient.newID(),
            name: name,
            createdAt: clock.now,
            hasBudget: budget != nil
        )
        try await engine.store.addMember(
            member,
            budget: budget.map { Credits(unchecked: $0) },
            operation: engine.ambient.newID(),
            by: engine.actor,
            at: clock.now
        )
        return member.id
    }

    func send(
        _ body: String,
        key: String? = nil,
        member: MemberID? = nil
    ) async throws -> Receipt {
        let parsed = try CaptureFile.parse(Array(body.utf8))
        let call = try ModelResolver(catalogue: engine.catalogue, unknownModelPrice: nil)
            .call(of: parsed)
        return try await Dispatcher(engine).dispatch(
            Submission(
                id: engine.ambient.newID(),
                memberID: member ?? owner,
                idempotencyKey: key,
                call: call,
                body: parsed
            )
        )
    }

    func account(_ name: String) async throws -> Account { try await overview(name).account }

    func overview(_ name: String) async throws -> AccountOverview {
        try #require(try await engine.store.accounts().first { $0.account.name == name })
    }

    /// Lends the same home as another process sees it: another store, and nothing remembered.
    @discardableResult
    func restarted<Result>(_ body: (EngineHome) async throws -> Result) async throws -> Result {
        let store = try await openBooks(folder, .balanced)
        let keyring = Keyring(
            vault: engine.keyring.vault,
            store: store,
            pin: PinFile(directory: folder + "/state", vaultID: engine.keyring.vault.id)
        )
        let other = EngineHome(
            folder: folder,
            engine: Engine(
                store: store,
                provider: engine.provider,
                keyring: keyring,
                catalogue: engine.catalogue,
                settings: engine.settings,
                actor: engine.actor,
                ambient: engine.ambient,
                logger: engine.logger
            ),
            provider: provider,
            clock: clock,
            owner: owner,
            origin: origin,
            key: key
        )
        let result = try await body(other)
        try await store.close()
        return result
    }

    func balance(_ name: String) async throws -> Balance? {
        try await engine.store.accounts().first { $0.account.name == name }?.balance
    }

    func budget(_ name: String) async throws -> Balance? {
        try await engine.store.members().first { $0.member.name == name }?.budget
    }

    func totalHeld() async throws -> Int64 {
        try await engine.store.accounts().compactMap(\.balance?.held.amount).reduce(0, +)
    }

    func entries(_ name: String) async throws -> [LedgerEntry] {
        let id = try await account(name).id
        return try await engine.store.entries(EntryFilter(ledgerAccount: .credits(id)))
    }

    func verifyFindings() async throws -> [LedgerVerification.Finding] {
        try await engine.store.verify(at: clock.now, checkpointMAC: nil).findings
    }
}

extension Balance {
    init(posted: Int64, held: Int64) {
        self.init(posted: Credits(unchecked: posted), held: Credits(unchecked: held))
    }
}

/// Makes a home, lends it, checks its books, and takes it away again.
///
/// `upstream`: a provider other than the scripted one, with the `origin` that tokens may be sent to.
/// `sleepsPassTime`: whoever sleeps moves the clock; otherwise they sleep until the test does.
func withEngine(
    policy: PolicyName = .balanced,
    settings: EngineSettings = EngineSettings(),
    upstream: (any Provider)? = nil,
    origin: Origin = Origin(scheme: "https", host: "example.test", port: 443),
    clock: ManualClock = ManualClock(),
    sleepsPassTime: Bool = true,
    tokenCommands: TokenCommands? = nil,
    _ body: (EngineHome) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "purser-\(UUID())").path
    try FileManager.default.createDirectory(
        atPath: folder + "/state",
        withIntermediateDirectories: true
    )
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try await openBooks(folder, policy)
    let seed = try SlotSeed()
    let key = try seed.text().withBytes { Array($0) }
    let created = try Vault.create(
        slots: [.key(seed, kind: .keyFile, name: "test", role: .admin)],
        now: clock.now
    )
    var generator = SystemRandomNumberGenerator()
    let owner = Member(
        id: MemberID(using: &generator),
        name: Member.ownerName,
        createdAt: clock.now,
        hasBudget: false
    )
    try await store.createVault(created.change, owner: owner, by: Actor("test"), at: clock.now)
    let vault = created.vault
    let keyring = Keyring(
        vault: vault,
        store: store,
        pin: PinFile(directory: folder + "/state", vaultID: vault.id)
    )
    let provider = ScriptedProvider()
    let engine = Engine(
        store: store,
        provider: upstream ?? provider,
        keyring: keyring,
        catalogue: .builtin,
        settings: settings,
        actor: Actor("test"),
        ambient: ambient(clock, sleepsPassTime: sleepsPassTime),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        tokenCommands: tokenCommands
    )
    let home = EngineHome(
        folder: folder,
        engine: engine,
        provider: provider,
        clock: clock,
        owner: owner.id,
        origin: origin,
        key: key
    )
    try await body(home)
    let violations = try await home.verifyFindings().filter(\.isViolation)
    #expect(violations.isEmpty)
    try await store.close()
}

private func ambient(_ clock: ManualClock, sleepsPassTime: Bool) -> Ambient {
    Ambient(
        now: { clock.now },
        sleep: {
            if sleepsPassTime { clock.advance(by: $0) } else { try await clock.sleep(for: $0) }
        },
        randomWords: {
            var generator = SystemRandomNumberGenerator()
            return (generator.next(), generator.next())
        }
    )
}

private func openBooks(_ folder: String, _ policy: PolicyName) async throws -> SQLiteStore {
    try await SQLiteStore.open(
        home: folder + "/books",
        options: StoreOptions(
            policy: policy,
            quietAfter: .seconds(30),
            sha256: Digest.sha256,
            lockTimeout: .milliseconds(200)
        )
    )
}

/// Something seen inside a callback, for the test to look at afterwards.
final class Seen<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value?, any Error>?>(nil)

    func record(_ body: () async throws -> Value?) async {
        let outcome: Result<Value?, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        result.withLock { $0 = outcome }
    }

    func value() throws -> Value? { try result.withLock { $0 }?.get() }
}

extension String {
    /// The capture's body, comments included, with one of its reference images.
    static let capture = """
        {
            "clientContext": {
                "sessionId": ";1764646449789",
                "projectId": "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c",
                "tool": "PINHOLE",
                "userPaygateTier": "PAYGATE_TIER_ONE" //这里换成 ULTRA 账号设定
            },
            "requests": [
                {
                    "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
                    "referenceImages": [
                        { "imageUsageType": "IMAGE_USAGE_TYPE_ASSET", "mediaId": "CAMaJGNlZjUwMjMz" }
                    ],
                    "seed": 19000,
                    "textInput": { "prompt": "刚开是的镜头是一个关着的门。" },
                    "videoModelKey": "veo_3_0_r2v_fast"  // 这边直接使用 ULTRA 账号设定
                }
            ]
        }
        """

    static func startImage(_ media: String) -> String {
        """
        {"clientContext": {"tool": "PINHOLE"}, "requests": [{"startImage": {"mediaId": "\(media)"},
          "textInput": {"prompt": "p"}, "videoModelKey": "veo_3_1_i2v_s_fast"}]}
        """
    }
}
