package import PurserCore

/// What `Vault.create` made: to be written, to be used, and to be kept on paper.
package struct CreatedVault: ~Copyable {
    package let change: VaultChange
    package let vault: Vault
    /// `PURSER-KEY-1…`, to be shown once; it opens the recovery slot.
    package let recoveryKey: Secret
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

    /// Gives another person or server a way to the vault key.
    package func addSlot(
        _ draft: SlotDraft,
        to contents: VaultContents,
        cost: PassphraseCost = .minimum,
        now: Timestamp
    ) throws -> HeaderChange {
        try requireAdmin()
        guard slots.count < PublicHeader.slotCounts.upperBound else {
            throw VaultError.unusable("a vault has at most 256 slots")
        }
        try Self.checkNames(slots.map(\.name) + [draft.name])
        let entry = try draft.make(
            for: keys.vaultKey,
            vaultID: id,
            epoch: epoch,
            cost: cost,
            now: now,
            random: random
        ).entry
        guard !slots.contains(where: { $0.keys.isTwin(of: entry.slot.keys) }) else {
            throw VaultError.conflict("a slot with these keys is there already")
        }
        return try reissue(
            header.entries + [entry],
            signedBy: seed,
            contents: contents,
            now: now
        )
    }

    /// Makes a new vault key, seals every record under it and wraps it to the slots that stay.
    ///
    /// Whoever held a removed slot can open nothing that is written from then on; what they could
    /// read before must be changed at the provider. Notes of earlier epochs no longer open.
    ///
    /// `removing` holds ids of slots. One's own stays, so at least one admin's does.
    package func rotate(
        _ contents: VaultContents,
        removing: Set<[UInt8]> = [],
        now: Timestamp
    ) throws -> HeaderChange {
        try requireAdmin()
        let unknown = removing.subtracting(slots.map(\.id))
        guard unknown.isEmpty else {
            throw VaultError.noSuchSlot(
                unknown.first?.hexadecimal,
                known: slots.map(\.name)
            )
        }
        guard !removing.contains(slot.id) else {
            throw VaultError.notPermitted("a slot cannot remove itself")
        }
        let nextEpoch = epoch + 1
        let nextKey = try random.secret(VaultKeys.size)
        let entries = try header.entries.filter { !removing.contains($0.slot.id) }.map { entry in
            let wrap = try Wrap.wrap(
                nextKey,
                to: entry.slot,
                vaultID: id,
                epoch: nextEpoch,
                random: random
            )
            return VaultHeader.Entry(
                slot: entry.slot,
                secrets: SlotSecrets(passphrase: entry.secrets.passphrase, wrap: wrap)
            )
        }
        let nextKeys = try VaultKeys(nextKey, vaultID: id, epoch: nextEpoch)
        let nextHeader = try draft(entries, epoch: nextEpoch, now: now)
            .signed(keys: nextKeys, signerID: slot.id, seed: seed)
        let next = Vault(
            header: nextHeader,
            keys: nextKeys,
            seed: try seed.copy(),
            slot: slot,
            fingerprint: fingerprint,
            pin: pin,
            random: random
        )
        let put = try contents.addresses.compactMap { contents.records[$0] }.map { record in
            try unsafe opened(record).withBytes { bytes in
                try unsafe next.sealed(bytes, at: record.address)
            }
        }
        let change = VaultChange(
            baseSequence: contents.state.sequence,
            state: next.state(after: contents.state.sequence, records: put),
            header: nextHeader.bytes,
            logEntry: nextHeader.logEntry,
            put: put
        )
        return HeaderChange(change: change, vault: next)
    }

    /// Gives one's own passphrase slot a new passphrase.
    ///
    /// It makes a new seed and new key pairs, so that the old passphrase opens nothing of the new header.
    /// Where somebody may have copied an old header and knows the old passphrase, `rotate` as well.
    package func changePassphrase(
        to passphrase: borrowing Secret,
        in contents: VaultContents,
        cost: PassphraseCost = .minimum,
        now: Timestamp
    ) throws -> HeaderChange {
        guard slot.kind == .passphrase else {
            throw VaultError.unusable("slot \(slot.name) has no passphrase")
        }
        guard slot.role != .server else {
            throw VaultError.notPermitted("a server's slot may not change the header")
        }
        let nextSeed = try SlotSeed(random: random)
        let nextSlot = KeySlot(
            id: slot.id,
            kind: slot.kind,
            role: slot.role,
            name: slot.name,
            keys: try nextSeed.publicKeys(),
            createdAt: slot.createdAt
        )
        let sealed = try SlotSecrets.SealedSeed(
            nextSeed,
            passphrase: passphrase,
            cost: cost,
            slot: nextSlot,
            vaultID: id,
            random: random
        )
        let wrap = try Wrap.wrap(
            keys.vaultKey,
            to: nextSlot,
            vaultID: id,
            epoch: epoch,
            random: random
        )
        let entry = VaultHeader.Entry(
            slot: nextSlot,
            secrets: SlotSecrets(passphrase: sealed, wrap: wrap)
        )
        let entries = header.entries.map { $0.slot.id == slot.id ? entry : $0 }
        return try reissue(entries, signedBy: nextSeed, contents: contents, now: now)
    }

    /// A header of the same epoch, signed with the key that the previous one knows for this slot.
    private func reissue(
        _ entries: [VaultHeader.Entry],
        signedBy owner: borrowing SlotSeed,
        contents: VaultContents,
        now: Timestamp
    ) throws -> HeaderChange {
        let nextHeader = try draft(entries, epoch: epoch, now: now)
            .signed(keys: keys, signerID: slot.id, seed: seed)
        let next = Vault(
            header: nextHeader,
            keys: try VaultKeys(
                keys.vaultKey.slice(0..<VaultKeys.size),
                vaultID: id,
                epoch: epoch
            ),
            seed: try owner.copy(),
            slot: nextHeader.open.slot(slot.id) ?? slot,
            fingerprint: fingerprint,
            pin: pin,
            random: random
        )
        let change = VaultChange(
            baseSequence: contents.state.sequence,
            state: next.state(
                after: contents.state.sequence,
                records: Array(contents.records.values)
            ),
            header: nextHeader.bytes,
            logEntry: nextHeader.logEntry
        )
        return HeaderChange(change: change, vault: next)
    }

    private func draft(
        _ entries: [VaultHeader.Entry],
        epoch: UInt32,
        now: Timestamp
    ) throws -> HeaderDraft {
        HeaderDraft(
            vaultID: id,
            sequence: headerSequence + 1,
            epoch: epoch,
            previousID: header.open.id,
            createdAt: now,
            entries: entries
        )
    }

    private func requireAdmin() throws(VaultError) {
        guard slot.role == .admin else {
            throw .notPermitted("slot \(slot.name) is a \(slot.role.name)'s, not an admin's")
        }
    }

    private static func checkNames(_ names: [String]) throws(VaultError) {
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
