import PurserCore
import PurserStore
import PurserVault

/// A home with a real vault in it, and short ways to do what the product does there.
struct Household {
    static let start = Timestamp(milliseconds: 1_795_262_400_000)
    static let actor = Actor("prove")
    static let database = SQLiteStore.databaseName
    /// 10 credits.
    static let model = Model(
        id: ModelID("veo_test"),
        title: "A test video",
        endpoint: nil,
        offers: [.ultra: Offer(key: "veo_ultra", price: Credits(unchecked: 10), source: "test")]
    )

    let store: SQLiteStore
    private(set) var vault: Vault
    private(set) var accounts: [Account]
    private(set) var members: [Member]
    var chance: Chance

    // MARK: Opening

    static func options(_ change: (inout StoreOptions) -> Void = { _ in }) -> StoreOptions {
        var options = StoreOptions(
            policy: .mostCredits,
            quietAfter: .seconds(60),
            sha256: Digest.sha256
        )
        change(&options)
        return options
    }

    /// Makes the vault of a store; `key` is the text of the key file that opens it.
    static func create(
        in store: SQLiteStore,
        seed: UInt64
    ) async throws -> (household: Household, key: [UInt8]) {
        var chance = Chance(seed: seed)
        let slot = try SlotSeed()
        let key = try slot.text().withBytes { Array($0) }
        let made = try Vault.create(
            slots: [.key(slot, kind: .keyFile, name: "prove", role: .admin)],
            now: start
        )
        let vault = made.vault
        let owner = Member(
            id: MemberID(using: &chance),
            name: Member.ownerName,
            createdAt: start,
            hasBudget: false
        )
        try await store.createVault(made.change, owner: owner, by: actor, at: start)
        let household = Household(
            store: store,
            vault: vault,
            accounts: [],
            members: [owner],
            chance: chance
        )
        return (household, key)
    }

    /// Opens what is there.
    init(opening store: SQLiteStore, key: [UInt8], seed: UInt64) async throws {
        let image = try await Self.image(of: store)
        self.store = store
        vault = try Vault.unlock(
            image,
            with: .key(SlotSeed(text: Secret(copying: key))),
            pin: nil
        )
        accounts = try await store.accounts().map(\.account)
        members = try await store.members().map(\.member)
        chance = Chance(seed: seed)
    }

    private init(
        store: SQLiteStore,
        vault: Vault,
        accounts: [Account],
        members: [Member],
        chance: Chance
    ) {
        self.store = store
        self.vault = vault
        self.accounts = accounts
        self.members = members
        self.chance = chance
    }

    private static func image(of store: SQLiteStore) async throws -> VaultImage {
        guard let image = try await store.vaultImage() else { throw ProofError("no vault") }
        return image
    }

    // MARK: The vault

    /// The token that every version of an account's credential holds, so that a wrong one is noticed.
    static func token(_ account: AccountID, _ version: UInt64) -> String {
        "ya29.\(account)-\(version)"
    }

    private func draft(_ account: AccountID, _ version: UInt64) throws -> CredentialDraft {
        try CredentialDraft(
            token: Secret(copying: Self.token(account, version).utf8),
            origins: [Origin(scheme: "https", host: "upstream.test", port: 443)]
        )
    }

    private func contents() async throws -> VaultContents {
        let image = try await Self.image(of: store)
        return try vault.contents(of: image)
    }

    /// What a change of the header by another process asks for.
    mutating func follow() async throws {
        let image = try await Self.image(of: store)
        vault = try vault.following(image)
    }

    mutating func addAccount(
        _ name: String,
        credits: Int64,
        maxInFlight: Int = 1_000_000
    ) async throws {
        let account = Account(
            id: AccountID(using: &chance),
            createdAt: Self.start,
            name: name,
            tier: .ultra,
            settings: AccountSettings(maxInFlight: maxInFlight),
            credentialVersion: 1
        )
        let change = try await contents().addCredential(
            draft(account.id, 1),
            of: account.id,
            now: Self.start
        )
        let opening = Opening(
            credits: Credits(unchecked: credits),
            evidence: "told by the operator",
            operation: OperationID(using: &chance)
        )
        try await store.addAccount(
            account,
            opening: opening,
            vault: change.change,
            by: Self.actor,
            at: Self.start
        )
        accounts.append(account)
    }

    /// Puts a fresh token in place and answers its version.
    @discardableResult
    func rotate(_ account: Account) async throws -> UInt64 {
        let contents = try await contents()
        let next = try contents.versions(of: account.id).map(\.version).max() ?? 0
        let change = try contents.stageAndPlace(
            draft(account.id, next + 1),
            for: account.id,
            now: Self.start
        )
        try await store.placeCredential(
            account.id,
            version: change.version,
            expiresAt: nil,
            vault: change.change,
            audit: audit("account.rotate", account.name),
            at: Self.start
        )
        return change.version
    }

    /// The versions of an account's credential that are sealed.
    func versions(of account: Account) async throws -> [UInt64] {
        try await contents().versions(of: account.id).map(\.version)
    }

    /// Lets another person in.
    mutating func addSlot(_ name: String) async throws {
        let change = try await contents().addSlot(
            .key(SlotSeed(), kind: .identity, name: name, role: .member),
            now: Self.start
        )
        try await store.applyVaultChange(
            change.change,
            audit: audit("vault.key.add", name),
            at: Self.start
        )
        vault = change.vault
    }

    /// Takes a person out, which makes a new vault key.
    mutating func removeSlot(_ name: String) async throws {
        let contents = try await contents()
        let change = try contents.rotate(
            removing: Set(vault.slots.filter { $0.name == name }.map(\.id)),
            now: Self.start
        )
        _ = try await store.rotateVaultKey(
            change.change,
            resealing: contents.resealing(to: change.vault) { _, _, _, _ in nil },
            audit: audit("vault.key.remove", name),
            at: Self.start
        )
        vault = change.vault
    }

    // MARK: The ledger

    mutating func addMember(_ name: String, budget: Int64?) async throws {
        let member = Member(
            id: MemberID(using: &chance),
            name: name,
            createdAt: Self.start,
            hasBudget: budget != nil
        )
        try await store.addMember(
            member,
            budget: budget.map(Credits.init(unchecked:)),
            operation: OperationID(using: &chance),
            by: Self.actor,
            at: Self.start
        )
        members.append(member)
    }

    mutating func order(_ member: Member, only: Account? = nil) -> ClaimOrder {
        ClaimOrder(
            submissionID: SubmissionID(using: &chance),
            attempt: 1,
            memberID: member.id,
            idempotencyKey: nil,
            fingerprint: [1],
            path: "video:test",
            request: RouteRequest(models: [Self.model], only: only?.id),
            mediaIDs: [],
            operation: OperationID(using: &chance)
        )
    }

    func claim(_ order: ClaimOrder) async throws -> Claim {
        guard case .claimed(let claim) = try await store.claim(order, at: Self.start) else {
            throw ProofError("a claim was answered from an earlier submission")
        }
        return claim
    }

    mutating func settle(_ claim: Claim) async throws {
        try await end(claim, isSettled: true, operation: OperationID(using: &chance))
    }

    mutating func void(_ claim: Claim) async throws {
        try await end(claim, isSettled: false, operation: OperationID(using: &chance))
    }

    mutating func end(_ claim: Claim, isSettled: Bool, operation: OperationID) async throws {
        let ending: Settlement.Ending =
            isSettled ? .settled(charged: claim.price, jobs: [job(of: claim)]) : .voided
        try await store.settle(
            claim,
            as: Settlement(ending: ending, evidence: "test", operation: operation),
            at: Self.start
        )
    }

    private mutating func job(of claim: Claim) -> Job {
        let id = JobID(using: &chance)
        return Job(
            id: id,
            operationName: "operations/\(id)",
            shape: .operations,
            sceneID: nil,
            projectID: nil,
            accountID: claim.account.id,
            memberID: claim.memberID,
            submissionID: claim.submissionID,
            credentialVersion: claim.account.credentialVersion,
            modelID: Self.model.id,
            modelKey: "veo_ultra",
            price: claim.price,
            createdAt: Self.start
        )
    }

    func writeCheckpoint(at now: Timestamp) async throws {
        try await store.writeCheckpoint(at: now, epoch: vault.epoch, mac: vault.ledgerMAC)
    }

    /// Writes a line to the audit trail.
    func note(_ subject: String = "home") async throws {
        try await store.recordAudit(audit("prove", subject), at: Self.start)
    }

    private func audit(_ verb: String, _ subject: String) -> AuditRecord {
        AuditRecord(actor: Self.actor, verb: verb, subject: subject)
    }

    // MARK: Checking

    /// How a fault ends that is worse than any other.
    static let anotherToken = " is another token"

    /// What is wrong with books and vault; empty when every rule holds and every token is the right one.
    func faults() async throws -> [String] {
        let found = try await store.verify(at: Self.start, checkpointMAC: vault.ledgerMAC)
        var faults = found.findings.filter(\.isViolation)
            .map { "\($0.rule) \($0.place): \($0.message)" }
        let contents = try await contents()
        for account in try await store.accounts().map(\.account) {
            let current = try contents.currentVersion(of: account.id)
            if current != account.credentialVersion {
                faults.append("\(account.name): the books say version \(account.credentialVersion)")
            }
            for version in try contents.versions(of: account.id).map(\.version) {
                let token = try await token(of: account.id, version, in: contents)
                if token != "Bearer \(Self.token(account.id, version))" {
                    faults.append("\(account.name), version \(version)\(Self.anotherToken)")
                }
            }
        }
        return faults
    }

    private func token(
        of account: AccountID,
        _ version: UInt64,
        in contents: VaultContents
    ) async throws -> String {
        try await contents.withOpenCredential(of: account, version: version) {
            credential in
            try credential.header(for: Origin(scheme: "https", host: "upstream.test", port: 443))
                .value
        }
    }
}
