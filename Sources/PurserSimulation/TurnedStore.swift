import PurserCore
import PurserStore

/// The real store, behind the scheduler: each verb waits for its turn, and may be the process's last.
struct TurnedStore: Store {
    let base: SQLiteStore
    let life: Life

    func read<Value: Sendable>(
        _ name: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await life.effect(.read, name, body)
    }

    func write<Value: Sendable>(
        _ name: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await life.effect(.write, name, body)
    }

    // MARK: Told twice now and then

    func claim(_ order: ClaimOrder, at now: Timestamp) async throws -> ClaimResult {
        let result = try await life.repeatable("claim", Self.isSame) {
            try await base.claim(order, at: now)
        }
        if case .claimed(let claim) = result {
            life.note("claimed \(claim.account.name) for \(claim.price)")
        }
        return result
    }

    func claim(
        _ orders: [ClaimOrder],
        at now: Timestamp
    ) async -> [Result<ClaimResult, any Error>] {
        var results: [Result<ClaimResult, any Error>] = []
        for order in orders {
            do {
                results.append(.success(try await claim(order, at: now)))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    func predecessor(of order: ClaimOrder) async throws -> SubmissionRecord? {
        try await read("read predecessor") { try await base.predecessor(of: order) }
    }

    func settle(_ claim: Claim, as settlement: Settlement, at now: Timestamp) async throws {
        life.willSettle(claim, as: settlement)
        try await life.repeatable("settle") {
            try await base.settle(claim, as: settlement, at: now)
        }
        life.note("settled: \(settlement.evidence)")
    }

    func recordJobs(
        _ readings: [JobUpdate],
        of account: AccountID,
        at now: Timestamp
    ) async throws {
        try await life.repeatable("record jobs") {
            try await base.recordJobs(readings, of: account, at: now)
        }
    }

    func pruneJobAnswers(endedBefore end: Timestamp) async throws -> Int {
        try await write("prune answers") { try await base.pruneJobAnswers(endedBefore: end) }
    }

    func takeIn(_ refused: RefusedCall, of account: AccountID, at now: Timestamp) async throws {
        try await life.repeatable("take in a refusal") {
            try await base.takeIn(refused, of: account, at: now)
        }
    }

    func observe(
        _ account: AccountID,
        reading: CreditsReading,
        operation: OperationID,
        at now: Timestamp
    ) async throws -> Reconciliation {
        let result = try await life.repeatable("observe", Self.isSame) {
            try await base.observe(account, reading: reading, operation: operation, at: now)
        }
        life.note("observed \(reading.credits): \(result.words)")
        return result
    }

    private static func isSame(_ first: ClaimResult, _ second: ClaimResult) -> Bool {
        guard case .claimed(let a) = first, case .claimed(let b) = second else { return true }
        return a.holdSequence == b.holdSequence && a.account.id == b.account.id
    }

    private static func isSame(_ first: Reconciliation, _ second: Reconciliation) -> Bool {
        switch (first, second) {
        case (.booked, _), (.opened, _), (_, .booked), (_, .opened): first == second
        default: true
        }
    }

    // MARK: Once

    func sweep(at now: Timestamp) async throws -> Int {
        let count = try await write("sweep") { try await base.sweep(at: now) }
        if count > 0 { life.note("swept \(count)") }
        return count
    }

    func createVault(
        _ change: VaultChange,
        owner: Member,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("create vault") {
            try await base.createVault(change, owner: owner, by: actor, at: now)
        }
    }

    func applyVaultChange(
        _ change: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("change vault") {
            try await base.applyVaultChange(change, audit: audit, at: now)
        }
    }

    func addAccounts(
        _ accounts: [NewAccount],
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("add accounts") {
            try await base.addAccounts(accounts, vault: vault, by: actor, at: now)
        }
    }

    func updateAccount(
        _ id: AccountID,
        _ change: AccountChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("update account") {
            try await base.updateAccount(id, change, audit: audit, at: now)
        }
    }

    func markTokenDead(
        _ id: AccountID,
        version: UInt64,
        reason: String,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("mark token dead") {
            try await base.markTokenDead(id, version: version, reason: reason, by: actor, at: now)
        }
    }

    func placeCredential(
        _ id: AccountID,
        version: UInt64,
        expiresAt: Timestamp?,
        hasCommand: Bool,
        vault: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("place credential") {
            try await base.placeCredential(
                id,
                version: version,
                expiresAt: expiresAt,
                hasCommand: hasCommand,
                vault: vault,
                audit: audit,
                at: now
            )
        }
    }

    func removeAccount(
        _ id: AccountID,
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("remove account") {
            try await base.removeAccount(id, vault: vault, by: actor, at: now)
        }
    }

    func writeCheckpoint(
        at now: Timestamp,
        epoch: UInt32,
        mac: @Sendable ([UInt8]) -> [UInt8]
    ) async throws {
        try await write("checkpoint") {
            try await base.writeCheckpoint(at: now, epoch: epoch, mac: mac)
        }
    }

    func rotateVaultKey(
        _ change: VaultChange,
        resealing: Resealing,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws -> Int {
        try await write("rotate vault key") {
            try await base.rotateVaultKey(change, resealing: resealing, audit: audit, at: now)
        }
    }

    func suspect(
        _ id: AccountID,
        _ state: AccountState,
        version: UInt64,
        by actor: Actor,
        at now: Timestamp
    ) async throws -> Bool {
        try await write("suspect account") {
            try await base.suspect(id, state, version: version, by: actor, at: now)
        }
    }

    func recordOpening(slot: String, by actor: Actor, at now: Timestamp) async throws {
        try await write("record opening") {
            try await base.recordOpening(slot: slot, by: actor, at: now)
        }
    }

    func recordAudit(_ record: AuditRecord, at now: Timestamp) async throws {
        try await write("audit") { try await base.recordAudit(record, at: now) }
    }

    // MARK: Reading

    func vaultImage() async throws -> VaultImage? {
        try await read("read vault") { try await base.vaultImage() }
    }

    func vaultState() async throws -> VaultState? {
        try await read("read vault state") { try await base.vaultState() }
    }

    func condition() async throws -> StoreCondition {
        try await read("read condition") { try await base.condition() }
    }

    func accounts() async throws -> [AccountOverview] {
        try await read("read accounts") { try await base.accounts() }
    }

    func account(_ id: AccountID) async throws -> Account? {
        try await read("read account") { try await base.account(id) }
    }

    func removedAccounts() async throws -> [Account] {
        try await read("read removed") { try await base.removedAccounts() }
    }

    func explain(
        _ request: RouteRequest,
        mediaIDs: [String],
        for member: MemberID?,
        at now: Timestamp
    ) async throws -> RouteExplanation {
        try await read("explain") {
            try await base.explain(request, mediaIDs: mediaIDs, for: member, at: now)
        }
    }

    func routingRevision() async throws -> RoutingRevision {
        try await read("read revision") { try await base.routingRevision() }
    }

    func jobs(_ filter: JobFilter) async throws -> [Job] {
        try await read("read jobs") { try await base.jobs(filter) }
    }

    func jobs(
        named names: [String],
        in shape: ResponseShape,
        of member: MemberID
    ) async throws -> [NamedJob] {
        try await read("find jobs") {
            try await base.jobs(named: names, in: shape, of: member)
        }
    }

    func entries(_ filter: EntryFilter) async throws -> [LedgerEntry] {
        try await read("read entries") { try await base.entries(filter) }
    }

    func entryPage(_ filter: EntryFilter, after: Int64?) async throws -> [BookedEntry] {
        try await read("read entries") { try await base.entryPage(filter, after: after) }
    }

    func heads() async throws -> [LedgerHead] {
        try await read("read heads") { try await base.heads() }
    }

    func missing(_ heads: [LedgerHead]) async throws -> [LedgerHead] {
        try await read("compare heads") { try await base.missing(heads) }
    }

    func unknownHolds(of account: AccountID?) async throws -> [OpenHold] {
        try await read("read unknown") { try await base.unknownHolds(of: account) }
    }

    func verify(
        at now: Timestamp,
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws -> LedgerVerification {
        try await read("verify") {
            try await base.verify(at: now, checkpointMAC: checkpointMAC)
        }
    }

    func reportSums(_ query: ReportQuery) async throws -> ReportSums {
        try await read("read sums") { try await base.reportSums(query) }
    }

    func requestHistory(from: Timestamp?, to: Timestamp?) async throws -> [PastRequest] {
        try await read("read usage") { try await base.requestHistory(from: from, to: to) }
    }

    func inspect() async throws -> DatabaseInspection {
        try await read("inspect") { try await base.inspect() }
    }

    func ledgerHeads(through entry: Int64?) async throws -> LedgerHeads {
        try await read("read heads") { try await base.ledgerHeads(through: entry) }
    }

    func audit(_ filter: AuditFilter) async throws -> [AuditEntry] {
        try await read("read audit") { try await base.audit(filter) }
    }

    func verifyAudit(
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws -> AuditVerification {
        try await read("verify audit") { try await base.verifyAudit(checkpointMAC: checkpointMAC) }
    }

    func backUp(to path: String) async throws -> BackupContents {
        try await read("back up") { try await base.backUp(to: path) }
    }
}

extension Reconciliation {
    /// For the trace.
    fileprivate var words: String {
        switch self {
        case .opened: "opened"
        case .agrees: "agrees"
        case .waits(let difference, _): "waits with \(difference)"
        case .outside(let excess): "outside by \(excess)"
        case .booked(let bookings): "booked \(bookings.map(\.words).joined(separator: ", "))"
        }
    }
}

extension Booking {
    fileprivate var words: String {
        switch self {
        case .refund(let refund): "refund \(refund.amount)"
        case .charge(_, let actual): "charge \(actual)"
        case .free(let hold): "free \(hold.amount)"
        case .adjust(let amount, let cause): "\(cause.rawValue) \(amount)"
        case .periodClose(let unused, _): "period close \(unused)"
        case .refill(let credits, _): "refill \(credits)"
        }
    }
}
