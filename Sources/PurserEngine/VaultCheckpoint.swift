package import PurserCore
import PurserVault

/// How far a vault and its ledger were, in one line to keep elsewhere.
///
/// Who can write the home can write the pin too; not the line in a ticket or a log on another machine.
package struct VaultCheckpoint: Sendable, Equatable {
    package let vaultID: [UInt8]
    package let headerSequence: UInt64
    package let stateSequence: UInt64
    package let headerID: [UInt8]
    /// The newest entry of the ledger that the digest covers.
    package let lastEntry: Int64
    /// SHA-256 over the last hash of every ledger account.
    package let ledgerDigest: [UInt8]

    private static let word = "purser-checkpoint-1"

    /// `purser-checkpoint-1 vault_id header_seq state_seq header_id last_entry ledger_digest`.
    package var line: String {
        [
            Self.word, vaultID.hexadecimal, "\(headerSequence)", "\(stateSequence)",
            headerID.hexadecimal, "\(lastEntry)", ledgerDigest.hexadecimal,
        ].joined(separator: " ")
    }

    package init(
        vaultID: [UInt8],
        headerSequence: UInt64,
        stateSequence: UInt64,
        headerID: [UInt8],
        lastEntry: Int64,
        ledgerDigest: [UInt8]
    ) {
        self.vaultID = vaultID
        self.headerSequence = headerSequence
        self.stateSequence = stateSequence
        self.headerID = headerID
        self.lastEntry = lastEntry
        self.ledgerDigest = ledgerDigest
    }

    /// Reads what `line` gives.
    package init(line: String) throws(EngineError) {
        let fields = line.split(separator: " ")
        guard fields.count == 7, fields[0] == Self.word,
            let vaultID = [UInt8](hexadecimal: String(fields[1])),
            let headerSequence = UInt64(fields[2]), let stateSequence = UInt64(fields[3]),
            let headerID = [UInt8](hexadecimal: String(fields[4])),
            let lastEntry = Int64(fields[5]),
            let ledgerDigest = [UInt8](hexadecimal: String(fields[6]))
        else { throw .invalidSetting("not a line that purser vault checkpoint printed") }
        self.init(
            vaultID: vaultID,
            headerSequence: headerSequence,
            stateSequence: stateSequence,
            headerID: headerID,
            lastEntry: lastEntry,
            ledgerDigest: ledgerDigest
        )
    }
}

extension VaultDesk {
    /// Refuses a home that does not follow from a line printed earlier.
    package static func check(
        _ earlier: VaultCheckpoint,
        image: VaultImage,
        store: any Store
    ) async throws {
        let description = try Vault.describe(image)
        guard description.vaultID == earlier.vaultID else {
            throw VaultError.untrusted("the checkpoint is another vault's")
        }
        guard image.state.sequence >= earlier.stateSequence else {
            throw VaultError.rollback(
                "the state's sequence",
                found: image.state.sequence,
                pinned: earlier.stateSequence
            )
        }
        let line = image.log.first { $0.sequence == earlier.headerSequence }
        guard line?.headerID == earlier.headerID else {
            throw VaultError.untrusted("header \(earlier.headerSequence) is not the checkpoint's")
        }
        let heads = try await store.ledgerHeads(through: earlier.lastEntry)
        guard Digest.sha256(Array(heads.text.utf8)) == earlier.ledgerDigest else {
            throw VaultError.untrusted("the ledger's entries are not those of the checkpoint")
        }
    }
}
