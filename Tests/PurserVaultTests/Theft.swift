import PurserCore
import Testing

@testable import PurserVault

/// A whole vault of a thief's own, wrapped to the slots of a vault whose file they can write.
struct Theft {
    let desk: Desk

    func forged(sequence: UInt64, previous: [UInt8]) throws -> VaultImage {
        let thief = Randomness.repeatable("thief")
        let theirs = try SlotSeed(random: thief)
        let keys = try VaultKeys(thief.secret(32), vaultID: desk.vault.id, epoch: 1)
        let own = KeySlot(
            id: [0, 0, 0, 0, 0, 0, 0, 1],
            kind: .identity,
            role: .admin,
            name: "thief",
            keys: try theirs.publicKeys(),
            createdAt: noon
        )
        let entries = try (desk.vault.slots + [own]).map { slot in
            VaultHeader.Entry(
                slot: slot,
                secrets: SlotSecrets(
                    // Copied: it was sealed for this slot, and the thief need not open it.
                    passphrase: desk.vault.header.entries.first { $0.slot.id == slot.id }?
                        .secrets.passphrase,
                    wrap: try Wrap.wrap(
                        keys.vaultKey,
                        to: slot,
                        vaultID: desk.vault.id,
                        epoch: 1,
                        random: thief
                    )
                )
            )
        }
        let header = try HeaderDraft(
            vaultID: desk.vault.id,
            sequence: sequence,
            epoch: 1,
            previousID: previous,
            createdAt: noon,
            entries: entries
        ).signed(keys: keys, signerID: own.id, seed: theirs)
        let state = VaultState(
            sequence: 9,
            epoch: 1,
            recordCount: 0,
            mac: Manifest.mac(
                of: [],
                sequence: 9,
                epoch: 1,
                vaultID: desk.vault.id,
                key: keys.manifest
            )
        )
        return VaultImage(
            header: header.bytes,
            log: sequence == 1 ? [header.logEntry] : desk.image.log + [header.logEntry],
            state: state,
            records: []
        )
    }
}
