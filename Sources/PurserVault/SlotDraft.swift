import PurserCore

/// A slot to be made: who opens it, and how.
package final class SlotDraft: Sendable {
    fileprivate enum Key: ~Copyable, Sendable {
        case passphrase(Secret)
        case seed(SlotSeed)
        case publicKeys(SlotPublicKeys)
    }

    private let key: Key
    package let kind: SlotKind
    package let role: SlotRole
    package let name: String

    private init(_ key: consuming Key, kind: SlotKind, role: SlotRole, name: String) {
        self.key = key
        self.kind = kind
        self.role = role
        self.name = name
    }

    /// A slot that a person opens by typing.
    package static func passphrase(
        _ passphrase: consuming Secret,
        name: String,
        role: SlotRole = .admin
    ) -> SlotDraft {
        SlotDraft(.passphrase(passphrase), kind: .passphrase, role: role, name: name)
    }

    /// A slot whose seed lies in a file or on a sheet; `kind` is any but `passphrase`.
    package static func key(
        _ seed: consuming SlotSeed,
        kind: SlotKind,
        name: String,
        role: SlotRole
    ) -> SlotDraft {
        precondition(kind != .passphrase)
        return SlotDraft(.seed(seed), kind: kind, role: role, name: name)
    }

    /// A slot for someone who keeps the seed and sent only public keys, whose fingerprint was compared.
    package static func publicKeys(
        _ keys: SlotPublicKeys,
        kind: SlotKind = .identity,
        name: String,
        role: SlotRole = .member
    ) -> SlotDraft {
        precondition(kind != .passphrase)
        return SlotDraft(.publicKeys(keys), kind: kind, role: role, name: name)
    }

    /// A slot's two halves, and its seed where this process has it.
    struct Made: ~Copyable {
        let entry: VaultHeader.Entry
        let seed: SlotSeed?
    }

    /// Makes the slot with a fresh id and wraps the vault key to it.
    func make(
        for vaultKey: borrowing Secret,
        vaultID: [UInt8],
        epoch: UInt32,
        cost: PassphraseCost,
        now: Timestamp,
        random: Randomness
    ) throws -> Made {
        let id = try random.bytes(8)
        switch key {
        case .passphrase(let passphrase):
            try PassphraseBlock.checkNew(passphrase)
            let seed = try SlotSeed(random: random)
            let slot = KeySlot(
                id: id,
                kind: kind,
                role: role,
                name: name,
                keys: try seed.publicKeys(),
                createdAt: now
            )
            let sealed = try SlotSecrets.SealedSeed(
                seed,
                passphrase: passphrase,
                cost: cost,
                slot: slot,
                vaultID: vaultID,
                random: random
            )
            let wrap = try Wrap.wrap(
                vaultKey,
                to: slot,
                vaultID: vaultID,
                epoch: epoch,
                random: random
            )
            return Made(
                entry: .init(slot: slot, secrets: SlotSecrets(passphrase: sealed, wrap: wrap)),
                seed: seed
            )
        case .seed(let seed):
            let entry = try entry(
                id,
                keys: seed.publicKeys(),
                vaultKey,
                vaultID,
                epoch,
                now,
                random
            )
            return Made(entry: entry, seed: try seed.copy())
        case .publicKeys(let keys):
            let entry = try entry(id, keys: keys, vaultKey, vaultID, epoch, now, random)
            return Made(entry: entry, seed: nil)
        }
    }

    private func entry(
        _ id: [UInt8],
        keys: SlotPublicKeys,
        _ vaultKey: borrowing Secret,
        _ vaultID: [UInt8],
        _ epoch: UInt32,
        _ now: Timestamp,
        _ random: Randomness
    ) throws -> VaultHeader.Entry {
        let slot = KeySlot(
            id: id,
            kind: kind,
            role: role,
            name: name,
            keys: keys,
            createdAt: now
        )
        let wrap = try Wrap.wrap(
            vaultKey,
            to: slot,
            vaultID: vaultID,
            epoch: epoch,
            random: random
        )
        return .init(slot: slot, secrets: SlotSecrets(passphrase: nil, wrap: wrap))
    }
}
