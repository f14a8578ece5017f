/// Where a sealed record belongs.
///
/// The record's context binds all of it, so that no row can move.
package struct RecordAddress: Hashable, Comparable, Sendable {
    package let table: String
    /// Sixteen bytes.
    package let id: [UInt8]
    package let field: String
    package let version: UInt64

    package init(table: String, id: [UInt8], field: String, version: UInt64) {
        self.table = table
        self.id = id
        self.field = field
        self.version = version
    }

    /// The order of the manifest: table, id, field, version; text compared byte by byte.
    package static func < (a: RecordAddress, b: RecordAddress) -> Bool {
        if a.table != b.table { return a.table.utf8.lexicographicallyPrecedes(b.table.utf8) }
        if a.id != b.id { return a.id.lexicographicallyPrecedes(b.id) }
        if a.field != b.field { return a.field.utf8.lexicographicallyPrecedes(b.field.utf8) }
        return a.version < b.version
    }
}

/// A record as it lies in the database: nothing in it is in clear.
package struct SealedRecord: Sendable, Equatable {
    package let address: RecordAddress
    package let epoch: UInt32
    package let sealed: [UInt8]

    package init(address: RecordAddress, epoch: UInt32, sealed: [UInt8]) {
        self.address = address
        self.epoch = epoch
        self.sealed = sealed
    }
}

/// The one row that authenticates which records exist (table `vault_state`).
package struct VaultState: Sendable, Equatable {
    package let sequence: UInt64
    package let epoch: UInt32
    package let recordCount: UInt64
    package let mac: [UInt8]

    package init(sequence: UInt64, epoch: UInt32, recordCount: UInt64, mac: [UInt8]) {
        self.sequence = sequence
        self.epoch = epoch
        self.recordCount = recordCount
        self.mac = mac
    }
}

/// One line of the append-only header log: the public part and trailer of a header (`header_log`).
package struct HeaderLogEntry: Sendable, Equatable {
    package let sequence: UInt64
    package let headerID: [UInt8]
    package let bytes: [UInt8]

    package init(sequence: UInt64, headerID: [UInt8], bytes: [UInt8]) {
        self.sequence = sequence
        self.headerID = headerID
        self.bytes = bytes
    }
}

/// Everything of the vault that lies in the database, read in one transaction.
///
/// Nothing in it may be trusted before the vault has checked it.
package struct VaultImage: Sendable, Equatable {
    package let header: [UInt8]
    package let log: [HeaderLogEntry]
    package let state: VaultState
    package let records: [SealedRecord]

    package init(
        header: [UInt8],
        log: [HeaderLogEntry],
        state: VaultState,
        records: [SealedRecord]
    ) {
        self.header = header
        self.log = log
        self.state = state
        self.records = records
    }
}

/// What one operation of the vault writes, computed outside the transaction that writes it.
///
/// The store applies it together with the rest of the business verb, and only if `baseSequence` is
/// still the sequence in the database; otherwise it throws `StoreError.vaultMoved` and the caller
/// computes the change again from a fresh image.
package struct VaultChange: Sendable, Equatable {
    /// The `VaultState.sequence` this change was computed from; `nil` makes a new vault.
    package let baseSequence: UInt64?
    package let state: VaultState
    /// A new header with its line for the log, where the operation changes slots or the vault key.
    package let header: [UInt8]?
    package let logEntry: HeaderLogEntry?
    package let put: [SealedRecord]
    package let remove: [RecordAddress]
    /// What the records say of the tokens in place, to be copied in clear for lists.
    package let exposures: [Exposure]

    package init(
        baseSequence: UInt64?,
        state: VaultState,
        header: [UInt8]? = nil,
        logEntry: HeaderLogEntry? = nil,
        put: [SealedRecord] = [],
        remove: [RecordAddress] = [],
        exposures: [Exposure] = []
    ) {
        self.baseSequence = baseSequence
        self.state = state
        self.header = header
        self.logEntry = logEntry
        self.put = put
        self.remove = remove
        self.exposures = exposures
    }
}

/// Whether somebody knows an account's token in place who should not: a person whose key was removed.
package struct Exposure: Sendable, Equatable {
    package let account: AccountID
    /// `nil` when nobody does.
    package let since: Timestamp?

    package init(account: AccountID, since: Timestamp?) {
        self.account = account
        self.since = since
    }
}

/// What depends on the vault key beside the vault's records, put under the next one by the store: row by row, in the
/// transaction of the rotation, so that nothing of the old key is left or lost.
package struct Resealing: Sendable {
    /// `nil` for an answer that does not open: it stays as it is, and no one who wrote it can stop a rotation.
    package let answer: @Sendable (AnswerPlace, SealedAnswer) -> SealedAnswer?
    /// The next MAC of a checkpoint of the ledger; `nil` when `mac` is not that of `message`.
    package let checkpoint: @Sendable (_ message: [UInt8], _ mac: [UInt8]) -> [UInt8]?

    package init(
        answer: @escaping @Sendable (AnswerPlace, SealedAnswer) -> SealedAnswer?,
        checkpoint: @escaping @Sendable (_ message: [UInt8], _ mac: [UInt8]) -> [UInt8]?
    ) {
        self.answer = answer
        self.checkpoint = checkpoint
    }
}

/// How far a home is: what every change of its vault, its books or its settings moves.
package struct HomeMark: Sendable, Equatable {
    /// `nil` where no vault was made yet.
    package let vault: VaultState?
    package let heads: [LedgerHead]
    /// The newest line of the audit trail.
    package let lastLine: AuditEntry?

    /// Where there is no home.
    package static let none = HomeMark(vault: nil, heads: [], lastLine: nil)

    package init(vault: VaultState?, heads: [LedgerHead], lastLine: AuditEntry?) {
        self.vault = vault
        self.heads = heads
        self.lastLine = lastLine
    }
}

/// What a copy of a home holds, read from the copy.
package struct BackupContents: Sendable {
    package let vault: VaultImage
    package let accounts: Int
    package let entries: Int
    package let auditLines: Int
    package let heads: [LedgerHead]

    package init(
        vault: VaultImage,
        accounts: Int,
        entries: Int,
        auditLines: Int,
        heads: [LedgerHead]
    ) {
        self.vault = vault
        self.accounts = accounts
        self.entries = entries
        self.auditLines = auditLines
        self.heads = heads
    }
}
