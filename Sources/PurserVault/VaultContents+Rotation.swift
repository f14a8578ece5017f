package import PurserCore

extension VaultContents {
    /// Makes a new vault key, seals every record under it and wraps it to the slots that stay.
    ///
    /// Whoever held a removed slot can open nothing that is written from then on; what they could read before must be
    /// changed at the provider. So where slots are removed every token is marked as exposed, in its sealed record; with
    /// `exposing` it is too, as when a passphrase got known. What lies beside the records goes with `resealing(to:)`.
    ///
    /// `removing` holds ids of slots. One's own stays, so at least one admin's does.
    package func rotate(
        removing: Set<[UInt8]> = [],
        exposing: Bool = false,
        now: Timestamp
    ) throws -> HeaderChange {
        try checkRemovable(removing)
        return try rotated(
            vault.header.entries.filter { !removing.contains($0.slot.id) },
            nextSeed: vault.seed,
            exposedAt: exposing || !removing.isEmpty ? now : nil,
            now: now
        )
    }

    /// A new vault key for these slots, whose wraps are replaced; `nextSeed` is of the slot in use, as it is in them.
    func rotated(
        _ entries: [VaultHeader.Entry],
        nextSeed: borrowing SlotSeed,
        exposedAt: Timestamp?,
        now: Timestamp
    ) throws -> HeaderChange {
        try requireAdmin()
        let epoch = vault.epoch + 1
        let key = try vault.random.secret(VaultKeys.size)
        let wrapped = try entries.map { entry in
            let wrap = try Wrap.wrap(
                key,
                to: entry.slot,
                vaultID: vault.id,
                epoch: epoch,
                random: vault.random
            )
            let secrets = SlotSecrets(passphrase: entry.secrets.passphrase, wrap: wrap)
            return VaultHeader.Entry(slot: entry.slot, secrets: secrets)
        }
        let keys = try VaultKeys(key, vaultID: vault.id, epoch: epoch)
        let header = try draft(wrapped, epoch: epoch, now: now)
            .signed(keys: keys, signerID: vault.slot.id, seed: vault.seed)
        let next = vault.next(header, keys: keys, seed: try nextSeed.copy())
        let put = try addresses.map { try resealed($0, for: next, exposedAt: exposedAt) }
        let change = VaultChange(
            baseSequence: state.sequence,
            state: next.state(after: state.sequence, records: put),
            header: header.bytes,
            logEntry: header.logEntry,
            put: put,
            exposures: try exposures(markedAt: exposedAt)
        )
        return HeaderChange(change: change, vault: next)
    }

    /// What puts stored answers and checkpoints under the key of `next`, which a rotation of this made.
    package func resealing(to next: Vault, answers: @escaping AnswerResealing) -> Resealing {
        let vault = vault
        return Resealing(
            answer: { answers($0, $1, vault, next) },
            checkpoint: { message, mac in
                OpenSSL.equal(vault.ledgerMAC(message), mac) ? next.ledgerMAC(message) : nil
            }
        )
    }

    /// Opens an answer with the first vault and seals it with the second.
    package typealias AnswerResealing =
        @Sendable (AnswerPlace, SealedAnswer, _ old: Vault, _ next: Vault) -> SealedAnswer?

    private func checkRemovable(_ slots: Set<[UInt8]>) throws(VaultError) {
        if let unknown = slots.subtracting(vault.slots.map(\.id)).first {
            throw .noSuchSlot(unknown.hexadecimal, known: vault.slots.map(\.name))
        }
        guard !slots.contains(vault.slot.id) else {
            throw .notPermitted("a slot cannot remove itself")
        }
    }

    /// A record under the next key; a token with the mark, unless it has an earlier one.
    private func resealed(
        _ address: RecordAddress,
        for next: Vault,
        exposedAt: Timestamp?
    ) throws -> SealedRecord {
        guard let record = records[address] else {
            throw VaultError.damaged(.record, "\(address.name) is gone")
        }
        let plaintext = try vault.opened(record)
        guard address.table == Self.credentialTable, address.field == Self.tokenField,
            let account = AccountID(bytes: address.id), exposedAt != nil
        else {
            return try unsafe plaintext.withBytes { try unsafe next.sealed($0, at: address) }
        }
        let token = try self.record(of: account, version: address.version)
        let (addedAt, earlier) = (token.addedAt, token.exposedAt)
        let marked = try CredentialRecord.encode(
            token.draft(),
            account: account,
            addedAt: addedAt,
            exposedAt: earlier ?? exposedAt
        )
        return try unsafe marked.withBytes { try unsafe next.sealed($0, at: address) }
    }

    private func exposures(markedAt: Timestamp?) throws -> [Exposure] {
        guard let markedAt else { return [] }
        return try addresses.filter { $0.field == Self.pointersField }.compactMap { address in
            guard let account = AccountID(bytes: address.id) else { return nil }
            let known = try exposure(of: account, current: currentVersion(of: account))
            return Exposure(account: account, since: known.since ?? markedAt)
        }
    }
}

extension FirstCredential {
    /// The same under the key of `next`, which may be a later one of the same vault: the fingerprint is another then.
    package func sealed(for next: Vault) throws -> FirstCredential {
        guard next.epoch != vault.epoch else { return self }
        var fingerprint = fingerprint
        let records = try records.map { record in
            let plaintext = try vault.opened(record)
            if record.address.field == VaultContents.tokenField {
                fingerprint = next.fingerprint(of: try CredentialRecord(plaintext).token)
            }
            return try unsafe plaintext.withBytes { try unsafe next.sealed($0, at: record.address) }
        }
        return FirstCredential(
            account: account,
            fingerprint: fingerprint,
            records: records,
            vault: next
        )
    }
}
