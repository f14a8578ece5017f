package import PurserCore

/// What `Vault.create` made: to be written, to be used, and to be kept on paper.
package struct CreatedVault: ~Copyable {
    package let change: VaultChange
    package let vault: Vault
    /// `PURSER-KEY-1…`, to be shown once; it opens the recovery slot.
    package let recoveryKey: Secret

    /// Gives the recovery key away.
    package consuming func recovery() -> Secret { recoveryKey }
}

/// A change of the header, and the vault that is unlocked once it is written.
package struct HeaderChange: Sendable {
    package let change: VaultChange
    package let vault: Vault
}

extension Vault {
    /// Makes a vault with the given slots and a recovery slot, and unlocks it with the first of them.
    ///
    /// The first of `slots` is an admin's, with a passphrase or a seed; it signs the first header.
    package static func create(
        slots: [SlotDraft],
        cost: PassphraseCost = .minimum,
        now: Timestamp,
        random: Randomness = .system
    ) throws -> CreatedVault {
        let recovery = try SlotSeed(random: random)
        let recoveryKey = try recovery.text()
        let recoverySlot = SlotDraft.key(
            recovery,
            kind: .recovery,
            name: "recovery",
            role: .admin
        )
        guard let first = slots.first, first.role == .admin else {
            throw VaultError.unusable("the first slot of a vault must be an admin's")
        }
        try checkNames((slots + [recoverySlot]).map(\.name))
        let vaultID = try random.bytes(16)
        let keys = try VaultKeys(random.secret(VaultKeys.size), vaultID: vaultID, epoch: 1)
        let signer = try first.make(
            for: keys.vaultKey,
            vaultID: vaultID,
            epoch: 1,
            cost: cost,
            now: now,
            random: random
        )
        let entry = signer.entry
        guard let seed = signer.takeSeed() else {
            throw VaultError.unusable("the first slot needs a passphrase or a seed")
        }
        let others = try (slots.dropFirst() + [recoverySlot]).map { draft in
            try draft.make(
                for: keys.vaultKey,
                vaultID: vaultID,
                epoch: 1,
                cost: cost,
                now: now,
                random: random
            ).entry
        }
        let header = try HeaderDraft(
            vaultID: vaultID,
            sequence: 1,
            epoch: 1,
            previousID: [UInt8](repeating: 0, count: 32),
            createdAt: now,
            entries: [entry] + others
        ).signed(keys: keys, signerID: entry.slot.id, seed: seed)
        let vault = Vault(
            header: header,
            keys: keys,
            seed: seed,
            slot: entry.slot,
            fingerprint: header.open.fingerprint,
            pin: nil,
            random: random
        )
        let change = VaultChange(
            baseSequence: nil,
            state: vault.state(after: 0, records: []),
            header: header.bytes,
            logEntry: header.logEntry
        )
        return CreatedVault(change: change, vault: vault, recoveryKey: recoveryKey)
    }

    static func checkNames(_ names: [String]) throws(VaultError) {
        for name in names {
            guard KeySlot.names.contains(name.utf8.count),
                name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw .unusable("a slot's name has 1 to 64 bytes and no control characters") }
        }
        guard Set(names).count == names.count else {
            throw .conflict("two slots would have the same name")
        }
    }
}

extension SlotDraft.Made {
    consuming func takeSeed() -> SlotSeed? { seed }
}
