package import PurserCore

/// The records of a vault, after the manifest said that they are all there and no others, and the vault that opens
/// them.
///
/// Only `Vault.contents(of:)` makes one, and every operation is one of its methods: a record that was not checked
/// cannot be used, and records of one vault key never meet another key, whatever others change meanwhile.
package struct VaultContents: Sendable {
    package let vault: Vault
    package let state: VaultState
    let records: [RecordAddress: SealedRecord]
    /// Read once for each state of the vault: the records do not change, and to open one takes longer than all else that
    /// lending a token does.
    let pointers = KnownPointers()
    private let rows: [Row: [RecordAddress]]

    private struct Row: Hashable {
        let table: String
        let id: [UInt8]

        init(_ address: RecordAddress) {
            table = address.table
            id = address.id
        }
    }

    init(vault: Vault, state: VaultState, records: [RecordAddress: SealedRecord]) {
        self.vault = vault
        self.state = state
        self.records = records
        rows = Dictionary(grouping: records.keys, by: Row.init)
    }

    /// What a machine should remember after it has seen this.
    package var pin: Pin { Pin(header: vault.header.open, state: state) }

    /// Addresses in the order of the manifest.
    package var addresses: [RecordAddress] { records.keys.sorted() }

    /// The addresses that one row has under one field, in order of version.
    func versions(table: String, id: [UInt8], field: String) -> [RecordAddress] {
        let any = RecordAddress(table: table, id: id, field: field, version: 0)
        return (rows[Row(any)] ?? []).filter { $0.field == field }.sorted()
    }
}

extension Vault {
    /// Checks an image's list of records.
    ///
    /// Throws `headerChanged` when the image belongs to another header (see `following`), `rollback` and
    ///   `forked` when it is older than the pin or differs from it, `tampered` when the manifest does not fit.
    package func contents(of image: VaultImage) throws -> VaultContents {
        guard image.header == header.bytes else { throw VaultError.headerChanged }
        try Self.checkState(image.state, pin: pin)
        guard image.state.sequence <= Self.largestSequence else {
            throw VaultError.tampered("the state's sequence")
        }
        guard image.state.epoch == epoch else { throw VaultError.tampered("the state's epoch") }
        guard image.state.recordCount == image.records.count else {
            throw VaultError.tampered("the number of records")
        }
        var records: [RecordAddress: SealedRecord] = [:]
        for record in image.records {
            try record.address.checkShape()
            guard record.epoch == epoch else {
                throw VaultError.tampered("the epoch of \(record.address.name)")
            }
            guard records.updateValue(record, forKey: record.address) == nil else {
                throw VaultError.tampered("two records at \(record.address.name)")
            }
        }
        let mac = Manifest.mac(
            of: image.records,
            sequence: image.state.sequence,
            epoch: epoch,
            vaultID: id,
            key: keys.manifest
        )
        guard OpenSSL.equal(mac, image.state.mac) else {
            throw VaultError.tampered("the manifest does not fit the records")
        }
        return VaultContents(vault: self, state: image.state, records: records)
    }

    /// Seals a note of at most 1 MiB for a place.
    ///
    /// Records of the manifest are written by `change` only; this is for notes that lie elsewhere, such as
    /// stored answers: they cannot be read, altered or moved, but who can write the database can
    /// delete them or bring an old one back.
    package func seal(_ plaintext: [UInt8], at address: RecordAddress) throws -> SealedRecord {
        try unsafe plaintext.withUnsafeBytes { bytes in
            try unsafe sealed(bytes, at: address)
        }
    }

    /// Opens a note.
    ///
    /// Throws `earlierEpoch` when the vault key was rotated since, `tampered` when it was altered or moved.
    package func open(_ note: SealedRecord) throws -> [UInt8] {
        guard note.epoch == epoch else {
            throw VaultError.earlierEpoch(found: note.epoch, current: epoch)
        }
        return try unsafe opened(note).withBytes { unsafe Array($0) }
    }

    /// Sixteen hexadecimal digits that are equal for equal tokens and tell nothing else of them.
    ///
    /// They change when the vault key is rotated.
    package func fingerprint(of token: borrowing Secret) -> String {
        let code = unsafe token.withBytes { token in
            unsafe keys.index.withBytes { key in unsafe OpenSSL.hmac(.sha256, key: key, token) }
        }
        return code.prefix(8).hexadecimal
    }

    static let largestPlaintext = 1 << 20

    func sealed(
        _ plaintext: UnsafeRawBufferPointer,
        at address: RecordAddress
    ) throws -> SealedRecord {
        try address.checkShape()
        guard plaintext.count <= Self.largestPlaintext else {
            throw VaultError.unusable(
                "\(address.name) has \(plaintext.count) bytes, more than 1 MiB"
            )
        }
        let sealed = try unsafe Seal.seal(
            plaintext,
            key: keys.record,
            context: address.context(vaultID: id, epoch: epoch),
            salt: random.bytes(Seal.saltSize)
        )
        return SealedRecord(address: address, epoch: epoch, sealed: sealed)
    }

    func opened(_ record: SealedRecord) throws -> Secret {
        try record.address.checkShape()
        do {
            return try Seal.open(
                record.sealed,
                key: keys.record,
                context: record.address.context(vaultID: id, epoch: record.epoch)
            )
        } catch SealFailure.length {
            throw VaultError.damaged(.record, "\(record.address.name) has an impossible length")
        } catch is SealFailure {
            throw VaultError.tampered("\(record.address.name) does not open")
        }
    }

    /// Far beyond any use, and far from where adding one would trap.
    static let largestSequence: UInt64 = 1 << 62

    func state(after sequence: UInt64, records: [SealedRecord]) -> VaultState {
        let next = sequence + 1
        return VaultState(
            sequence: next,
            epoch: epoch,
            recordCount: UInt64(records.count),
            mac: Manifest.mac(
                of: records,
                sequence: next,
                epoch: epoch,
                vaultID: id,
                key: keys.manifest
            )
        )
    }
}

extension VaultContents {
    /// The next state, with its manifest, after `put` and `remove`.
    func change(
        put: [SealedRecord] = [],
        remove: [RecordAddress] = [],
        exposures: [Exposure] = []
    ) -> VaultChange {
        var records = records
        for address in remove { records[address] = nil }
        for record in put { records[record.address] = record }
        return VaultChange(
            baseSequence: state.sequence,
            state: vault.state(after: state.sequence, records: Array(records.values)),
            put: put,
            remove: remove,
            exposures: exposures
        )
    }
}

extension RecordAddress {
    /// For messages: where, never what.
    var name: String { "\(table)/\(id.hexadecimal)/\(field)/\(version)" }
}
