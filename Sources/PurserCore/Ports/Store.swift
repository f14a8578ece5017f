/// What persistence must do, in business verbs.
///
/// Each write is one transaction that keeps every rule of the ledger, and each is safe to repeat under the same
/// operation id. There is no general "transaction" on purpose. Reads see one consistent state.
package protocol Store: Sendable {
    // MARK: Vault

    /// `nil` until `createVault`.
    func vaultImage() async throws -> VaultImage?
    /// The image's state alone: whoever holds that image already need not read it again.
    func vaultState() async throws -> VaultState?
    /// Makes the vault, and the member whom work from the command line belongs to.
    func createVault(
        _ change: VaultChange,
        owner: Member,
        by actor: Actor,
        at now: Timestamp
    ) async throws
    /// Applies a change that touches nothing but the vault.
    func applyVaultChange(
        _ change: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Applies a change of the vault key, and puts stored answers and checkpoints under the new one with it.
    ///
    /// Returns how many answers did not open and were left as they are.
    func rotateVaultKey(
        _ change: VaultChange,
        resealing: Resealing,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws -> Int

    // MARK: Accounts

    /// Accounts in order of name.
    func accounts() async throws -> [AccountOverview]
    /// One account; `nil`: there is none of that id, or it was removed.
    func account(_ id: AccountID) async throws -> Account?
    /// Accounts that were removed, the latest first; a name may stand there more than once.
    func removedAccounts() async throws -> [Account]
    /// Adds accounts with their sealed credentials and, where a balance was read or told, their first entries: all or
    /// none.
    func addAccounts(
        _ accounts: [NewAccount],
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws
    /// Changes what `change` names and nothing else, so that two changes at once cannot undo each other.
    ///
    /// Throws `StoreError.needsRotation` where a state is to change that only a fresh credential may end.
    func updateAccount(
        _ id: AccountID,
        _ change: AccountChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Takes an enabled account out of use until a rotation, because the service refused its token.
    ///
    /// Only if `version` is still the one in place and nobody stopped the account meanwhile: a late answer to an
    /// old token says nothing of the new one, and a pause is an operator's to end.
    func markTokenDead(
        _ id: AccountID,
        version: UInt64,
        reason: String,
        by actor: Actor,
        at now: Timestamp
    ) async throws
    /// Takes an enabled account out of use because a reading of it was refused: only at the second such word about
    /// the version in place, at least `quietAfter` after the first, with no reading between.
    ///
    /// Two words are alike that would put the account in the same state, whatever reasons the service gives. Returns
    /// whether it did.
    func suspect(
        _ id: AccountID,
        _ state: AccountState,
        version: UInt64,
        by actor: Actor,
        at now: Timestamp
    ) async throws -> Bool
    /// Puts another credential version in place: the vault's change and the account's copy of it,
    /// together. An account that needed a rotation is enabled.
    ///
    /// `hasCommand`: whether a command that prints the next one is sealed with it.
    func placeCredential(
        _ id: AccountID,
        version: UInt64,
        expiresAt: Timestamp?,
        hasCommand: Bool,
        vault: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Refused while work of the account is not decided. The ledger and the jobs stay.
    func removeAccount(
        _ id: AccountID,
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws

    // MARK: Members

    /// Members in order of name, the revoked ones too.
    func members() async throws -> [MemberOverview]
    /// Members and keys for whoever has to know them at every call; `nil` where nothing changed since `revision`, which
    /// costs next to nothing to ask.
    func memberDirectory(changedSince revision: Int64?) async throws -> MemberDirectory?
    /// How far the limits on spending are used up, in the order of their windows.
    func spending(of owner: SpendingOwner, at now: Timestamp) async throws -> [SpendingStatus]
    /// What a member may still spend: `claim` refuses what costs more.
    func allowance(of member: MemberID, at now: Timestamp) async throws -> Allowance
    /// `budget`: the first entry of its ledger account; `nil`, spending is recorded but not limited. `key`: the first key.
    func addMember(
        _ member: Member,
        budget: Credits?,
        key: MemberKey?,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws
    /// Changes what `change` names and nothing else, so that two changes at once cannot undo each other.
    func updateMember(
        _ id: MemberID,
        _ change: MemberChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Changes the limits that all members' spending together is under.
    func updateTeam(
        _ change: SpendingChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Gives a member a key; those before end at `overlapEnd`, or earlier where they would have.
    func addMemberKey(
        _ key: MemberKey,
        overlapEnd: Timestamp,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Ends all keys of a member at once, and with them the member; with `key`, that one key alone.
    func revokeMember(
        _ id: MemberID,
        key: String?,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws
    /// Grants or takes away budget (an `adjust` entry, manual, with the actor as reason).
    ///
    /// A member without a budget gets one of that amount, which limits the member from then on; there is nothing
    /// to take away from them.
    func adjustBudget(
        of member: MemberID,
        by amount: Credits,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws

    // MARK: Work

    /// Chooses an account and holds its credits, the member's budget and a slot: all or nothing.
    ///
    /// Durable when it returns. Claims that wait at the same time are committed together.
    func claim(_ order: ClaimOrder, at now: Timestamp) async throws -> ClaimResult
    /// The same for several, in that order and next to each other; each ends on its own.
    func claim(
        _ orders: [ClaimOrder],
        at now: Timestamp
    ) async -> [Result<ClaimResult, any Error>]
    /// The submission that `claim` would answer with, without taking anything; `nil`, there is none. Throws as `claim`
    /// does where the key's first request had other content, or is under way.
    func predecessor(of order: ClaimOrder) async throws -> SubmissionRecord?
    /// Ends a claim: posts what it came to, binds jobs, remembers media, starts rests, stores the answer.
    /// Throws `StoreError.vaultMoved` where the answer is sealed under a vault key that was rotated meanwhile.
    /// Repeating a settlement that is already in the books returns what they say.
    func settle(_ claim: Claim, as settlement: Settlement, at now: Timestamp) async throws
    /// Explains a choice without taking it: within what `member` may use and still spend; `nil`, nobody's limits.
    func explain(
        _ request: RouteRequest,
        mediaIDs: [String],
        for member: MemberID?,
        at now: Timestamp
    ) async throws
        -> RouteExplanation
    /// How far everything has come that a choice looks at: while it is the same, a refused claim is refused again,
    /// unless time alone lifts what was in its way.
    func routingRevision() async throws -> RoutingRevision
    /// Holds of processes that are gone become unknown. Returns how many.
    func sweep(at now: Timestamp) async throws -> Int

    // MARK: Jobs

    /// The newest first.
    func jobs(_ filter: JobFilter) async throws -> [Job]
    /// A member's jobs by the names that the provider has for them in a shape, in the order asked; what is nobody's, or
    /// another member's, is missing.
    func jobs(
        named names: [String],
        in shape: ResponseShape,
        of member: MemberID
    ) async throws -> [NamedJob]
    /// Records what a status query said: states, failures (with their refunds due), media, the answer at the end. The
    /// reason of a failure makes the account rest, or takes it out of use, as the same reason does in an answer to a
    /// submission.
    ///
    /// Throws `StoreError.vaultMoved` where an answer is sealed under a vault key that was rotated meanwhile.
    func recordJobs(
        _ readings: [JobUpdate],
        of account: AccountID,
        at now: Timestamp
    ) async throws
    /// Forgets what the provider said of jobs that ended before `end`, the oldest first and some hundreds at most; the
    /// jobs stay. Returns how many answers.
    func pruneJobAnswers(endedBefore end: Timestamp) async throws -> Int
    /// Takes in what a refusal of a question or a cancellation means for the account: it rests, or is taken out of use,
    /// as after a submission that was refused so.
    func takeIn(_ refused: RefusedCall, of account: AccountID, at now: Timestamp) async throws

    // MARK: Alerts

    /// Raises what holds by the rule and is not open, and ends what is open and does not hold, as one consistent state says.
    ///
    /// Where nothing changes nothing is written. An alert that was raised is not raised again before it has ended,
    /// whoever asks. Returns what was raised.
    func judgeAlerts(
        by rule: AlertRule,
        newID: @escaping @Sendable () -> AlertID,
        at now: Timestamp
    ) async throws -> [RaisedAlert]
    /// Takes the alert whose message is due longest, for nobody else to take before `lease`; `nil`, none is due.
    func takeAlert(until lease: Timestamp, at now: Timestamp) async throws -> RaisedAlert?
    /// Writes down what came of a try. A failure counts only if nobody else has taken the alert since.
    func finishAlert(
        _ alert: RaisedAlert,
        as attempt: AlertAttempt,
        at now: Timestamp
    ) async throws
    /// The newest first, at most `limit`.
    func alerts(openOnly: Bool, limit: Int?) async throws -> [RaisedAlert]

    // MARK: The database itself

    /// Looks at the database for what only damage or a foreign hand explains; needs no key.
    func inspect() async throws -> DatabaseInspection

    // MARK: Ledger

    /// Records a reading of an account's balance; at a quiet point books the difference by cause.
    /// The first reading of an account whose balance was unknown opens its ledger account.
    ///
    /// A higher tier is taken over at once, a lower one at the second equal reading at least `quietAfter` after
    /// the first. A rest for lack of credits ends with a reading of what the work costs.
    func observe(
        _ account: AccountID,
        reading: CreditsReading,
        operation: OperationID,
        at now: Timestamp
    ) async throws -> Reconciliation
    /// In order of writing.
    func entries(_ filter: EntryFilter) async throws -> [LedgerEntry]
    /// The next entries in order of writing, at most `filter.limit`, behind the entry at the position `after`.
    ///
    /// For whoever reads all of them: entries never change, so pages fit together while others write.
    func entryPage(_ filter: EntryFilter, after: Int64?) async throws -> [BookedEntry]
    /// Holds whose outcome is unknown, oldest first; `nil`: of every account.
    func unknownHolds(of account: AccountID?) async throws -> [OpenHold]
    /// Checks every rule of the books. `mac` is there when the vault is open.
    func verify(
        at now: Timestamp,
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws
        -> LedgerVerification
    /// The sums of a report, as one state says: sums that were kept, not added up. Usage comes by day, then by the names of
    /// accounts and members, then by model; movements and failures come by day.
    func reportSums(_ query: ReportQuery) async throws -> ReportSums
    /// What was asked for and accepted within a span, in order of time: of each submission the videos of each model.
    func requestHistory(from: Timestamp?, to: Timestamp?) async throws -> [PastRequest]
    /// The last entry of each ledger account that has one, by name.
    func heads() async throws -> [LedgerHead]
    /// Those of `heads` that are no entries here: what these books lack.
    func missing(_ heads: [LedgerHead]) async throws -> [LedgerHead]
    /// The last hash of every ledger account, of all entries or of those up to one.
    func ledgerHeads(through entry: Int64?) async throws -> LedgerHeads
    /// Writes a checkpoint of the heads that moved, and of the audit trail's, when one is due (1,000 entries or 10
    /// minutes).
    ///
    /// `epoch` is the one of the key of `mac`; where the vault's is another by now, nothing is written.
    func writeCheckpoint(
        at now: Timestamp,
        epoch: UInt32,
        mac: @Sendable ([UInt8]) -> [UInt8]
    ) async throws

    /// How the store is at work, for a checkup.
    func condition() async throws -> StoreCondition

    // MARK: Audit

    /// Writes a line about what changes nothing in the store, such as a token that was shown.
    func recordAudit(_ record: AuditRecord, at now: Timestamp) async throws
    /// Records that the vault was opened with a slot, once a UTC day for each actor and slot: a script that sends all
    /// day would bury everything else.
    func recordOpening(slot: String, by actor: Actor, at now: Timestamp) async throws
    /// Lines of the audit trail, in order.
    func audit(_ filter: AuditFilter) async throws -> [AuditEntry]
    /// Recomputes the chain of the audit trail, and looks for the heads that checkpoints name.
    func verifyAudit(
        checkpointMAC: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws -> AuditVerification

    // MARK: Copies

    /// Writes a copy of everything as one state to `path`, an empty file; others go on writing meanwhile.
    ///
    /// Durable and checked when it returns; a copy that is not right is left empty.
    func backUp(to path: String) async throws -> BackupContents
}

extension Store {
    /// The whole audit trail, in order.
    package func audit() async throws -> [AuditEntry] { try await audit(AuditFilter()) }
}

extension Store {
    /// Adds one account.
    package func addAccount(
        _ account: Account,
        opening: Opening?,
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        let added = NewAccount(account: account, opening: opening)
        try await addAccounts([added], vault: vault, by: actor, at: now)
    }
}

extension Store {
    /// Adds a member who has no key yet.
    package func addMember(
        _ member: Member,
        budget: Credits?,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await addMember(
            member,
            budget: budget,
            key: nil,
            operation: operation,
            by: actor,
            at: now
        )
    }
}

extension Store {
    /// Explains a choice that no member's limits narrow.
    package func explain(
        _ request: RouteRequest,
        mediaIDs: [String],
        at now: Timestamp
    ) async throws -> RouteExplanation {
        try await explain(request, mediaIDs: mediaIDs, for: nil, at: now)
    }
}
