import PurserCore
import PurserEngine
import PurserStore
import PurserVault
import Synchronization

/// What the processes of one run share: the home, the service, the members, and what was asked for.
final class World: Sendable {
    /// A body that was sent, under a key that it may be sent under again.
    struct Sent: Sendable {
        let number: Int
        let member: MemberID
        let key: String?
        let body: String
    }

    private struct State {
        var requests: [Sent] = []
        var numbers: [SubmissionID: Int] = [:]
        var ghosts: [Ghost] = []
        var findings: [String] = []
        var tokens = 0
    }

    let plan: Plan
    let home: String
    let scheduler: Scheduler
    let upstream: Upstream
    let vault: Vault
    let pin: PinFile
    let members: [MemberID]
    private let state = Mutex(State())

    init(
        plan: Plan,
        home: String,
        scheduler: Scheduler,
        upstream: Upstream,
        vault: Vault,
        members: [MemberID]
    ) {
        self.plan = plan
        self.home = home
        self.scheduler = scheduler
        self.upstream = upstream
        self.vault = vault
        self.members = members
        pin = PinFile(directory: home, vaultID: vault.id)
    }

    // MARK: Requests

    /// A request nobody made before.
    func newRequest(_ chance: inout Chance, key: String? = nil) -> Sent {
        let keys = (0..<chance.one(of: [1, 1, 1, 2, 4])).map { _ in chance.one(of: Upstream.keys) }
        let member = chance.one(of: members)
        let hasKey = chance.happens(500)
        return state.withLock { state in
            let number = state.requests.count
            let elements = keys.map {
                "{\"textInput\":{\"prompt\":\"s\(number)\"},\"videoModelKey\":\"\($0)\"}"
            }.joined(separator: ",")
            let sent = Sent(
                number: number,
                member: member,
                key: key ?? (hasKey ? "key-\(number)" : nil),
                body: "{\"clientContext\":{\"tool\":\"PINHOLE\"},\"requests\":[\(elements)]}"
            )
            state.requests.append(sent)
            return sent
        }
    }

    /// One that was made under a key, to be made again.
    func repeatedRequest(_ chance: inout Chance) -> Sent? {
        let keyed = state.withLock { $0.requests.suffix(60).filter { $0.key != nil } }
        return keyed.isEmpty ? nil : chance.one(of: keyed)
    }

    func name(_ submission: SubmissionID, as number: Int) {
        state.withLock { $0.numbers[submission] = number }
    }

    /// Tells the auditor of what was asked for since the last time.
    func brief(_ auditor: Auditor) {
        state.withLock { state in
            for sent in state.requests.dropFirst(auditor.requests.count) {
                auditor.requests[sent.number] = Auditor.Request(member: sent.member, key: sent.key)
            }
            if auditor.numbers.count != state.numbers.count { auditor.numbers = state.numbers }
            for finding in state.findings { auditor.report(finding) }
            state.findings.removeAll()
        }
    }

    func report(_ words: String) { state.withLock { $0.findings.append(words) } }

    func keep(_ ghost: Ghost) { state.withLock { $0.ghosts.append(ghost) } }

    func takeGhost() -> Ghost? {
        state.withLock { $0.ghosts.isEmpty ? nil : $0.ghosts.removeFirst() }
    }

    func newToken() throws -> CredentialDraft {
        let number = state.withLock { state in
            state.tokens += 1
            return state.tokens
        }
        return try CredentialDraft(
            token: try Secret(copying: Array("simulated-token-\(number)".utf8)),
            origins: [Origin(scheme: "https", host: "simulated.test", port: 443)]
        )
    }

    // MARK: Processes

    func options(instance: InstanceID? = nil) -> StoreOptions {
        StoreOptions(
            policy: plan.policy,
            quietAfter: plan.quietAfter,
            sha256: Digest.sha256,
            blocksCallers: true,
            instance: instance
        )
    }

    /// The engine of one life, over the store as it is on the disk.
    func engine(_ store: SQLiteStore, _ life: Life) -> Engine {
        let turned = TurnedStore(base: store, life: life)
        return Engine(
            store: turned,
            provider: TurnedProvider(upstream: upstream, life: life),
            keyring: Keyring(vault: vault, store: turned, pin: pin),
            catalogue: .builtin,
            settings: EngineSettings(quietAfter: plan.quietAfter, refreshWidth: 1),
            actor: Actor("simulated"),
            ambient: Ambient(
                now: { [scheduler] in scheduler.clock },
                sleep: { try await life.sleep($0) },
                randomWords: { life.draw { ($0.next(), $0.next()) } }
            ),
            logger: .silent
        )
    }
}
