package import PurserCore

/// An unlocked vault: the vault key of one header, held in locked memory.
///
/// It never changes. Operations are methods of `VaultContents` and return a `VaultChange` for the store to write in
/// the transaction of the verb it belongs to; those that change slots or the vault key return the
/// vault that is unlocked afterwards, too. Tasks may share it.
package final class Vault: Sendable {
    let header: VaultHeader
    let keys: VaultKeys
    let seed: SlotSeed
    let pin: Pin?
    let random: Randomness
    /// The slot it was opened with.
    package let slot: KeySlot
    /// Twelve groups of the first header's id: what two people compare to know that they mean one vault.
    package let fingerprint: String

    init(
        header: VaultHeader,
        keys: consuming VaultKeys,
        seed: consuming SlotSeed,
        slot: KeySlot,
        fingerprint: String,
        pin: Pin?,
        random: Randomness
    ) {
        self.header = header
        self.keys = keys
        self.seed = seed
        self.slot = slot
        self.fingerprint = fingerprint
        self.pin = pin
        self.random = random
    }

    /// Sixteen bytes.
    package var id: [UInt8] { header.open.vaultID }
    /// The generation of the vault key, from 1.
    package var epoch: UInt32 { header.open.epoch }
    package var headerSequence: UInt64 { header.open.sequence }
    /// Names the header in the chain: 32 bytes.
    package var headerID: [UInt8] { header.open.id }
    /// The slots of the header that was verified, in order of id.
    package var slots: [KeySlot] { header.open.slots }

    /// HMAC-SHA-256 under the ledger's key, for its checkpoints.
    package func ledgerMAC(_ bytes: [UInt8]) -> [UInt8] {
        OpenSSL.hmac(.sha256, key: keys.ledger, bytes)
    }
}

/// What anyone who can read the database knows of a vault; nothing in it is verified.
package struct VaultDescription: Sendable, Equatable {
    /// Sixteen bytes.
    package let vaultID: [UInt8]
    package let headerSequence: UInt64
    /// Names the header in the chain: 32 bytes.
    package let headerID: [UInt8]
    /// The generation of the vault key.
    package let epoch: UInt32
    package let createdAt: Timestamp
    /// In order of id.
    package let slots: [KeySlot]
    /// What a guess at each passphrase slot costs, by the slot's id: the binary logarithm of scrypt's N.
    package let costs: [[UInt8]: UInt8]
    /// What a pin of this would say.
    package let pin: Pin
    /// Of the first header in the log; empty when the log has none.
    package let fingerprint: String
}

extension Vault {
    /// Reads the public part of a vault without opening it.
    package static func describe(_ image: VaultImage) throws(VaultError) -> VaultDescription {
        let whole = try VaultHeader(image.header)
        let header = whole.open
        let costs = whole.entries.compactMap { entry in
            entry.secrets.passphrase.map { (entry.slot.id, $0.block.logN) }
        }
        return VaultDescription(
            vaultID: header.vaultID,
            headerSequence: header.sequence,
            headerID: header.id,
            epoch: header.epoch,
            createdAt: header.createdAt,
            slots: header.slots,
            costs: Dictionary(uniqueKeysWithValues: costs),
            pin: Pin(header: header, state: image.state),
            fingerprint: rootFingerprint(image.log)
        )
    }

    static func rootFingerprint(_ log: [HeaderLogEntry]) -> String {
        log.first { $0.sequence == 1 }.map { OpenSSL.sha256($0.bytes).readAloud } ?? ""
    }

    /// Opens a vault and proves whose it is.
    ///
    /// The order is the format's: size and magic, lengths, checksum, oldest reader, suite, strict parse, slot,
    /// derivation policy, seed, its public keys, vault key, header MAC, private part, signatures
    /// from the first header, sequences. Nothing of the header is acted on before its MAC, except the bounded
    /// cost of scrypt. Records are reached through `contents(of:)` only, which checks the manifest.
    ///
    /// A passphrase takes as long as its slot's cost says, half a second or more. `pin` is what this
    /// machine remembers; `nil` trusts on first use, and the caller shows `fingerprint`. `root` is a
    /// fingerprint that must be met, from `--expect-fingerprint`.
    ///
    /// `rollback` is the id of a header that a person accepts although the pin says otherwise, as after a backup was
    /// restored: the vault must have that very header, and the pin is not asked. The chain from the first header is
    /// checked all the same. Then `PinFile.reset` remembers it. Throws `VaultError`.
    package static func unlock(
        _ image: VaultImage,
        with unlocking: borrowing Unlocking,
        pin: Pin?,
        expectingFingerprint root: String? = nil,
        accepting rollback: [UInt8]? = nil,
        random: Randomness = .system
    ) throws -> Vault {
        let header = try VaultHeader(image.header)
        if let rollback, header.open.id != rollback {
            throw VaultError.untrusted(
                "its header is \(header.open.id.hexadecimal), not the one to accept"
            )
        }
        let pin = rollback == nil ? pin : nil
        let opened = try header.openSlot(with: unlocking)
        let slot = opened.entry.slot
        let keys = try header.keys(of: opened.entry, seed: opened.seed)
        try HeaderChain.verify(header.open, log: image.log, pin: pin, root: root)
        try checkState(image.state, pin: pin)
        return Vault(
            header: header,
            keys: keys,
            seed: opened.seedOnly(),
            slot: slot,
            fingerprint: rootFingerprint(image.log),
            pin: pin,
            random: random
        )
    }

    /// The vault after other processes changed its header, opened with the same slot and no person.
    ///
    /// Throws `slotRemoved` when the slot was removed or its keys replaced, otherwise as `unlock`.
    package func following(_ image: VaultImage) throws -> Vault {
        let seen = Pin(
            vaultID: id,
            headerSequence: headerSequence,
            headerID: header.open.id,
            epoch: epoch,
            stateSequence: pin?.stateSequence ?? 0,
            manifestMAC: pin?.manifestMAC ?? []
        )
        let header = try VaultHeader(image.header)
        guard
            let entry = header.entries.first(where: {
                $0.slot.id == slot.id && $0.slot.keys == slot.keys
            })
        else {
            // The chain first: a vault that is not ours says nothing of who was removed.
            try HeaderChain.verify(header.open, log: image.log, pin: seen, root: nil)
            throw VaultError.slotRemoved(slot.name)
        }
        let keys = try header.keys(of: entry, seed: seed)
        try HeaderChain.verify(header.open, log: image.log, pin: seen, root: nil)
        try Self.checkState(image.state, pin: pin)
        return Vault(
            header: header,
            keys: keys,
            seed: try seed.copy(),
            slot: entry.slot,
            fingerprint: fingerprint,
            pin: pin,
            random: random
        )
    }

    static func checkState(_ state: VaultState, pin: Pin?) throws(VaultError) {
        guard let pin else { return }
        guard state.sequence >= pin.stateSequence else {
            throw .rollback(
                "the state's sequence",
                found: state.sequence,
                pinned: pin.stateSequence
            )
        }
        guard state.sequence > pin.stateSequence || state.mac == pin.manifestMAC else {
            throw .forked("two states have the sequence \(state.sequence)")
        }
    }
}

extension VaultHeader {
    /// Unwraps the vault key and checks with it that the header is whole.
    func keys(of entry: Entry, seed: borrowing SlotSeed) throws -> VaultKeys {
        let vaultKey = try Wrap.unwrap(
            entry.secrets.wrap,
            seed: seed,
            slot: entry.slot,
            vaultID: open.vaultID,
            epoch: open.epoch
        )
        let keys = try VaultKeys(vaultKey, vaultID: open.vaultID, epoch: open.epoch)
        guard
            OpenSSL.equal(OpenSSL.hmac(.sha256, key: keys.header, open.authenticated), open.mac)
        else { throw VaultError.tampered("the header's MAC") }
        guard OpenSSL.sha256(secretBytes) == open.privateHash else {
            throw VaultError.tampered("the header's private part")
        }
        return keys
    }
}

extension VaultHeader.Opened {
    /// Gives the seed away.
    consuming func seedOnly() -> SlotSeed { seed }
}

extension SlotSeed {
    borrowing func copy() throws -> SlotSeed {
        try SlotSeed(bytes: bytes.slice(0..<Self.size))
    }
}
