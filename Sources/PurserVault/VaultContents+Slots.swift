package import PurserCore

extension VaultContents {
    /// Gives another person or server a way to the vault key.
    package func addSlot(
        _ draft: SlotDraft,
        cost: PassphraseCost = .minimum,
        now: Timestamp
    ) throws -> HeaderChange {
        try requireAdmin()
        guard vault.slots.count < PublicHeader.slotCounts.upperBound else {
            throw VaultError.unusable("a vault has at most 256 slots")
        }
        try Vault.checkNames(vault.slots.map(\.name) + [draft.name])
        let entry = try draft.make(
            for: vault.keys.vaultKey,
            vaultID: vault.id,
            epoch: vault.epoch,
            cost: cost,
            now: now,
            random: vault.random
        ).entry
        guard !vault.slots.contains(where: { $0.keys.isTwin(of: entry.slot.keys) }) else {
            throw VaultError.conflict("a slot with these keys is there already")
        }
        return try reissue(vault.header.entries + [entry], nextSeed: vault.seed, now: now)
    }

    /// Gives one's own passphrase slot a new passphrase.
    ///
    /// It makes a new seed and new key pairs, so that the old passphrase opens nothing of the new header.
    /// Where somebody may know the old one and have a copy of the old header, `compromised` makes a new vault key and
    /// marks every token in the same change; that takes an admin.
    package func changePassphrase(
        to passphrase: borrowing Secret,
        cost: PassphraseCost = .minimum,
        compromised: Bool = false,
        now: Timestamp
    ) throws -> HeaderChange {
        try requirePassphrase()
        if compromised { try requireAdmin() }
        try PassphraseBlock.checkNew(passphrase)
        let seed = try SlotSeed(random: vault.random)
        let slot = KeySlot(
            id: vault.slot.id,
            kind: vault.slot.kind,
            role: vault.slot.role,
            name: vault.slot.name,
            keys: try seed.publicKeys(),
            createdAt: vault.slot.createdAt
        )
        let secrets = SlotSecrets(
            passphrase: try sealed(seed, under: passphrase, slot: slot, cost: cost),
            wrap: try Wrap.wrap(
                vault.keys.vaultKey,
                to: slot,
                vaultID: vault.id,
                epoch: vault.epoch,
                random: vault.random
            )
        )
        let own = VaultHeader.Entry(slot: slot, secrets: secrets)
        guard compromised else { return try reissueOwn(own, nextSeed: seed, now: now) }
        return try rotated(replacing(own), nextSeed: seed, exposedAt: now, now: now)
    }

    /// Seals the seed of the slot in use again where its passphrase costs less to guess than `cost` asks.
    ///
    /// `unlocking` is what opened the vault. `nil` when there is nothing to do: the slot is no person's passphrase, or
    /// costs enough. Takes as long as two unlocks.
    package func raisingCost(
        of unlocking: borrowing Unlocking,
        to cost: PassphraseCost = .minimum,
        now: Timestamp
    ) throws -> HeaderChange? {
        switch unlocking.means {
        case .key: nil
        case .passphrase(let passphrase): try raisingCost(of: passphrase, to: cost, now: now)
        }
    }

    private func raisingCost(
        of passphrase: borrowing Secret,
        to cost: PassphraseCost,
        now: Timestamp
    ) throws -> HeaderChange? {
        guard vault.slot.role != .server,
            let own = vault.header.entries.first(where: { $0.slot.id == vault.slot.id }),
            let block = own.secrets.passphrase?.block, block.logN < cost.logN
        else { return nil }
        let secrets = SlotSecrets(
            passphrase: try sealed(vault.seed, under: passphrase, slot: own.slot, cost: cost),
            wrap: own.secrets.wrap
        )
        return try reissueOwn(
            .init(slot: own.slot, secrets: secrets),
            nextSeed: vault.seed,
            now: now
        )
    }

    private func sealed(
        _ seed: borrowing SlotSeed,
        under passphrase: borrowing Secret,
        slot: KeySlot,
        cost: PassphraseCost
    ) throws -> SlotSecrets.SealedSeed {
        try SlotSecrets.SealedSeed(
            seed,
            passphrase: passphrase,
            cost: cost,
            slot: slot,
            vaultID: vault.id,
            random: vault.random
        )
    }

    private func reissueOwn(
        _ entry: VaultHeader.Entry,
        nextSeed: borrowing SlotSeed,
        now: Timestamp
    ) throws -> HeaderChange {
        try reissue(replacing(entry), nextSeed: nextSeed, now: now)
    }

    private func replacing(_ entry: VaultHeader.Entry) -> [VaultHeader.Entry] {
        vault.header.entries.map { $0.slot.id == entry.slot.id ? entry : $0 }
    }

    /// A header of the same epoch, signed with the key that the previous one knows for this slot.
    private func reissue(
        _ entries: [VaultHeader.Entry],
        nextSeed: borrowing SlotSeed,
        now: Timestamp
    ) throws -> HeaderChange {
        let header = try draft(entries, epoch: vault.epoch, now: now)
            .signed(keys: vault.keys, signerID: vault.slot.id, seed: vault.seed)
        let keys = try VaultKeys(
            vault.keys.vaultKey.slice(0..<VaultKeys.size),
            vaultID: vault.id,
            epoch: vault.epoch
        )
        let next = vault.next(header, keys: keys, seed: try nextSeed.copy())
        let change = VaultChange(
            baseSequence: state.sequence,
            state: next.state(after: state.sequence, records: Array(records.values)),
            header: header.bytes,
            logEntry: header.logEntry
        )
        return HeaderChange(change: change, vault: next)
    }

    func draft(
        _ entries: [VaultHeader.Entry],
        epoch: UInt32,
        now: Timestamp
    ) throws -> HeaderDraft {
        HeaderDraft(
            vaultID: vault.id,
            sequence: vault.headerSequence + 1,
            epoch: epoch,
            previousID: vault.header.open.id,
            createdAt: now,
            entries: entries
        )
    }

    func requireAdmin() throws(VaultError) {
        guard vault.slot.role == .admin else {
            throw .notPermitted(
                "slot \(vault.slot.name) is a \(vault.slot.role.name)'s, not an admin's"
            )
        }
    }

    private func requirePassphrase() throws(VaultError) {
        guard vault.slot.kind == .passphrase else {
            throw .unusable("slot \(vault.slot.name) has no passphrase")
        }
        guard vault.slot.role != .server else {
            throw .notPermitted("a server's slot may not change the header")
        }
    }
}

extension Vault {
    /// The vault that is unlocked with the same slot once `header` is written.
    func next(
        _ header: VaultHeader,
        keys: consuming VaultKeys,
        seed: consuming SlotSeed
    ) -> Vault {
        Vault(
            header: header,
            keys: keys,
            seed: seed,
            slot: header.open.slot(slot.id) ?? slot,
            fingerprint: fingerprint,
            pin: pin,
            random: random
        )
    }
}
