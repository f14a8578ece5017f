/// What a person or server brings to open a vault.
package struct Unlocking: ~Copyable, Sendable {
    enum Means: ~Copyable, Sendable {
        case passphrase(Secret)
        case key(SlotSeed)
    }

    let means: Means
    let slotName: String?

    private init(_ means: consuming Means, slotName: String?) {
        self.means = means
        self.slotName = slotName
    }

    /// A passphrase for the slot of that name; without a name, at most four slots are tried.
    package static func passphrase(_ passphrase: consuming Secret, slot: String?) -> Unlocking {
        Unlocking(.passphrase(passphrase), slotName: slot)
    }

    /// An identity's, key file's or recovery sheet's seed.
    package static func key(_ seed: consuming SlotSeed) -> Unlocking {
        Unlocking(.key(seed), slotName: nil)
    }
}

extension VaultHeader {
    /// A slot of this header that was opened, with its seed.
    struct Opened: ~Copyable {
        let entry: Entry
        let seed: SlotSeed
    }

    private static let nameless = 4

    /// Slot choice, derivation policy, seed, and whether the seed's public keys are the slot's.
    func openSlot(with unlocking: borrowing Unlocking) throws -> Opened {
        switch unlocking.means {
        case .passphrase(let passphrase):
            return try openSlot(with: passphrase, name: unlocking.slotName)
        case .key(let seed):
            let keys = try seed.publicKeys()
            guard
                let entry = entries.first(where: {
                    $0.slot.kind != .passphrase && $0.slot.keys == keys
                })
            else { throw VaultError.wrongIdentity }
            return Opened(entry: entry, seed: try seed.copy())
        }
    }

    private func openSlot(
        with passphrase: borrowing Secret,
        name: String?
    ) throws -> Opened {
        let candidates = entries.filter { $0.slot.kind == .passphrase }
        let chosen = candidates.filter { name == nil || $0.slot.name == name }
        guard !chosen.isEmpty, name != nil || chosen.count <= Self.nameless else {
            throw VaultError.noSuchSlot(name, known: candidates.map(\.slot.name))
        }
        for entry in chosen.prefix(Self.nameless) {
            guard let sealed = entry.secrets.passphrase else { continue }
            do {
                let seed = try sealed.open(passphrase, slot: entry.slot, vaultID: open.vaultID)
                guard try seed.publicKeys() == entry.slot.keys else {
                    throw VaultError.tampered("the public keys of slot \(entry.slot.name)")
                }
                return Opened(entry: entry, seed: seed)
            } catch VaultError.wrongPassphrase { continue }
        }
        throw VaultError.wrongPassphrase(slot: name)
    }
}
