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
    var vault: Vault
    var accounts: [Account]
    var members: [Member]
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

    static func image(of store: SQLiteStore) async throws -> VaultImage {
        guard let image = try await store.vaultImage() else { throw ProofError("no vault") }
        return image
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

    /// What all members together may hold and spend.
    func limitTeam(to credits: Int64) async throws {
        let limit = SpendingLimit(window: .day, credits: Credits(unchecked: credits))
        try await store.updateTeam(
            SpendingChange(set: [limit]),
            audit: audit("team.set", "team"),
            at: Self.start
        )
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

    func audit(_ verb: String, _ subject: String) -> AuditRecord {
        AuditRecord(actor: Self.actor, verb: verb, subject: subject)
    }
}
