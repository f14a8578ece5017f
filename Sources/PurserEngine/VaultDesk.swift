package import PurserCore
package import PurserVault

/// Looks after the vault itself: who may open it, and its key.
///
/// Each change is one transaction with its line in the audit trail. It needs the open vault and no service.
package struct VaultDesk: Sendable {
    private let keyring: Keyring
    private let store: any Store
    private let actor: Actor
    private let now: @Sendable () -> Timestamp
    /// Changes are computed, with all that may stand in their way, and not written.
    private let dryRun: Bool

    package init(
        keyring: Keyring,
        store: any Store,
        actor: Actor,
        dryRun: Bool = false,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.dryRun = dryRun
        self.keyring = keyring
        self.store = store
        self.actor = actor
        self.now = now
    }

    // MARK: Slots

    /// Gives another person or server a way to open the vault.
    ///
    /// `handOver` gives them what opens it, once it is sure that nothing stands in the way and before the slot is in:
    /// a failure in between leaves a key without a slot, never a slot whose key nobody has. A dry run does not call it.
    package func addSlot(
        _ draft: SlotDraft,
        cost: PassphraseCost = .minimum,
        handOver: (KeySlot) throws -> Void = { _ in }
    ) async throws -> KeySlot {
        let now = now()
        var added: KeySlot?
        var isHandedOver = false
        try await commit { contents in
            let change = try contents.addSlot(draft, cost: cost, now: now)
            added = change.vault.slots.first { $0.name == draft.name }
            return change
        } apply: { change, _ in
            if let added, !isHandedOver {
                try handOver(added)
                isHandedOver = true
            }
            try await store.applyVaultChange(
                change.change,
                audit: record(
                    "vault.key_add",
                    draft.name,
                    "\(draft.role.name), \(draft.kind.name)"
                ),
                at: now
            )
        }
        guard let added else { throw VaultError.noSuchSlot(draft.name, known: []) }
        return added
    }

    package struct Rotated: Sendable, Equatable {
        package let epoch: UInt32
        /// Slots that were removed with it.
        package let removed: [String]
        /// Accounts whose token must be changed at the provider, by name.
        package let exposed: [ExposedToken]
        /// Stored answers that did not open before either, and were left as they were.
        package let lostAnswers: Int
    }

    /// Takes a slot away and makes a new vault key, in one transaction.
    ///
    /// What its owner could read is marked until it is changed at the provider. For a person who leaves and for a key
    /// that is lost.
    package func removeSlot(named name: String) async throws -> Rotated {
        try await rotate { contents, now in
            let slot = try Self.slot(named: name, of: contents.vault)
            return (
                record("vault.key_remove", name, "\(slot.role.name), \(slot.kind.name)"),
                try contents.rotate(removing: [slot.id], now: now)
            )
        }
    }

    /// Makes a new vault key; `exposing` marks every token, as when somebody may have opened the vault who should not.
    package func rotateKey(exposing: Bool = false) async throws -> Rotated {
        try await rotate { contents, now in
            (record("vault.rotate", "vault"), try contents.rotate(exposing: exposing, now: now))
        }
    }

    /// Gives the slot in use a new passphrase; `compromised` makes a new vault key too, and marks every token: all of
    /// it, or nothing.
    package func changePassphrase(
        to passphrase: borrowing Secret,
        cost: PassphraseCost = .minimum,
        compromised: Bool = false
    ) async throws -> Rotated? {
        let slot = keyring.vault.slot.name
        if compromised {
            return try await rotate { contents, now in
                (
                    record("vault.change_passphrase", slot, "compromised: a new vault key"),
                    try contents.changePassphrase(
                        to: passphrase,
                        cost: cost,
                        compromised: true,
                        now: now
                    )
                )
            }
        }
        let now = now()
        try await commit { contents in
            try contents.changePassphrase(to: passphrase, cost: cost, now: now)
        } apply: { change, _ in
            try await store.applyVaultChange(
                change.change,
                audit: record("vault.change_passphrase", slot),
                at: now
            )
        }
        return nil
    }

    /// Seals the slot in use under a passphrase cost of today, where it was made with a lower one.
    ///
    /// Whether there was anything to do.
    package func raiseCost(of unlocking: borrowing Unlocking) async throws -> Bool {
        let now = now()
        let slot = keyring.vault.slot.name
        var isRaised = false
        try await keyring.commitHeader { contents in
            let change = try contents.raisingCost(of: unlocking, now: now)
            isRaised = change != nil
            return change
        } apply: { change, _ in
            try await store.applyVaultChange(
                change.change,
                audit: record("vault.raise_cost", slot),
                at: now
            )
        }
        return isRaised
    }

    private func commit(
        _ change: (VaultContents) throws -> HeaderChange?,
        apply: (HeaderChange, VaultContents) async throws -> Void
    ) async throws {
        guard !dryRun else {
            _ = try change(try await keyring.contents())
            return
        }
        try await keyring.commitHeader(change, apply: apply)
    }

    private func rotate(
        _ plan: (VaultContents, Timestamp) throws -> (audit: AuditRecord, change: HeaderChange)
    ) async throws -> Rotated {
        let now = now()
        var audit: AuditRecord?
        var removed: [String] = []
        var exposures: [Exposure] = []
        var epoch = keyring.vault.epoch
        var lost = 0
        try await commit { contents in
            let (record, change) = try plan(contents, now)
            audit = record
            let kept = Set(change.vault.slots.map(\.id))
            removed = contents.vault.slots.filter { !kept.contains($0.id) }.map(\.name)
            exposures = change.change.exposures
            if exposures.isEmpty { exposures = try contents.exposures() }
            epoch = change.vault.epoch
            return change
        } apply: { change, contents in
            lost = try await store.rotateVaultKey(
                change.change,
                resealing: contents.resealing(to: change.vault, answers: Keyring.resealed),
                audit: audit ?? record("vault.rotate", "vault"),
                at: now
            )
        }
        return Rotated(
            epoch: epoch,
            removed: removed,
            exposed: try await named(exposures),
            lostAnswers: lost
        )
    }

    private static func slot(named name: String, of vault: Vault) throws(VaultError) -> KeySlot {
        guard let slot = vault.slots.first(where: { $0.name == name }) else {
            throw .noSuchSlot(name, known: vault.slots.map(\.name))
        }
        return slot
    }

    func record(_ verb: String, _ subject: String, _ detail: String = "") -> AuditRecord {
        AuditRecord(actor: actor, verb: verb, subject: subject, detail: detail)
    }

    // MARK: What to tell

    /// The tokens that somebody knows who should not, as the sealed records say, in order of the accounts' names.
    package func exposed() async throws -> [ExposedToken] {
        try await named(try await keyring.contents().exposures())
    }

    private func named(_ exposures: [Exposure]) async throws -> [ExposedToken] {
        let names = Dictionary(
            uniqueKeysWithValues: try await store.accounts().map {
                ($0.account.id, $0.account.name)
            }
        )
        return exposures.compactMap { exposure in
            exposure.since.map {
                ExposedToken(
                    account: names[exposure.account] ?? exposure.account.description,
                    since: $0
                )
            }
        }.sorted { $0.account < $1.account }
    }

    /// A line that says how far vault and ledger are, to be kept where nobody who writes the home can reach it.
    package func checkpoint() async throws -> VaultCheckpoint {
        let contents = try await keyring.contents()
        let heads = try await store.ledgerHeads(through: nil)
        return VaultCheckpoint(
            vaultID: contents.vault.id,
            headerSequence: contents.vault.headerSequence,
            stateSequence: contents.state.sequence,
            headerID: contents.vault.headerID,
            lastEntry: heads.lastEntry,
            ledgerDigest: Digest.sha256(Array(heads.text.utf8))
        )
    }

    /// Takes a vault that is older than this machine's pin, because a person said so.
    ///
    /// `vault` was unlocked with `accepting`. The entry in the audit trail comes first: a pin that went back without one
    /// would tell nobody.
    package static func acceptRollback(
        of vault: Vault,
        in store: any Store,
        pin: PinFile,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        guard let image = try await store.vaultImage() else { throw EngineError.noVault }
        let contents = try vault.contents(of: image)
        let before = try? pin.read()
        let detail =
            "header \(vault.headerSequence), state \(contents.state.sequence)"
            + (before.map { "; was \($0.headerSequence), \($0.stateSequence)" } ?? "")
        try await store.recordAudit(
            AuditRecord(
                actor: actor,
                verb: "vault.accept_rollback",
                subject: "vault",
                detail: detail
            ),
            at: now
        )
        try pin.reset(to: contents.pin)
    }
}

/// A token that somebody knows who should not: to be changed at the provider.
package struct ExposedToken: Sendable, Equatable {
    package let account: String
    package let since: Timestamp

    package init(account: String, since: Timestamp) {
        self.account = account
        self.since = since
    }
}

extension Keyring {
    /// An answer under the next vault key; `nil` where it does not open.
    static func resealed(
        _ place: AnswerPlace,
        _ answer: SealedAnswer,
        _ old: Vault,
        _ next: Vault
    ) -> SealedAnswer? {
        guard let plain = try? open(answer, of: place, with: old) else { return nil }
        return try? seal(plain, of: place, with: next)
    }
}
