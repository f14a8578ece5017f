package import PurserCore
package import PurserVault
import Synchronization

/// The open vault together with the store that keeps its records, and the pin that remembers both.
///
/// It follows the vault while others change it: new slots and a rotated vault key are taken up with the slot
/// it was opened with, and what it has seen once it never accepts an older state of.
package final class Keyring: Sendable {
    private struct Seen {
        var vault: Vault
        var state: VaultState?
    }

    private let store: any Store
    private let pin: PinFile
    private let seen: Mutex<Seen>

    package init(vault: Vault, store: any Store, pin: PinFile) {
        self.store = store
        self.pin = pin
        seen = Mutex(Seen(vault: vault, state: nil))
    }

    package var vault: Vault { seen.withLock { $0.vault } }

    /// The records as they are now, checked against the manifest and against what was seen before.
    package func contents() async throws -> VaultContents {
        // Reads may pass each other; but a read cannot see less than was seen before it began.
        let before = seen.withLock { $0.state }
        guard let image = try await store.vaultImage() else { throw EngineError.noVault }
        return try seen.withLock { seen in
            let contents = try Self.contents(of: image, &seen.vault)
            try Self.check(contents.state, against: before)
            if contents.state.sequence >= seen.state?.sequence ?? 0 { seen.state = contents.state }
            return contents
        }
    }

    private static func contents(
        of image: VaultImage,
        _ vault: inout Vault
    ) throws -> VaultContents {
        do {
            return try vault.contents(of: image)
        } catch VaultError.headerChanged {
            vault = try vault.following(image)
            return try vault.contents(of: image)
        }
    }

    private static func check(_ state: VaultState, against seen: VaultState?) throws(VaultError) {
        guard let seen else { return }
        guard state.sequence >= seen.sequence else {
            throw .rollback("the state's sequence", found: state.sequence, pinned: seen.sequence)
        }
        guard state.sequence > seen.sequence || state.mac == seen.mac else {
            throw .forked("two states have the sequence \(state.sequence)")
        }
    }

    /// The version that new work of an account uses.
    func currentVersion(of account: AccountID) async throws -> UInt64 {
        let contents = try await contents()
        return try vault.currentVersion(of: account, in: contents)
    }

    /// Moves this machine's pin forward to what the store holds now.
    package func remember() async throws {
        let contents = try await contents()
        try pin.advance(to: vault.newPin(for: contents))
    }

    /// Computes a change and applies it, again from fresh records while someone else is faster.
    func commit(
        _ change: (VaultContents) throws -> VaultChange,
        apply: (VaultChange) async throws -> Void
    ) async throws {
        // Each round that fails means that another change got through; the bound guards against a bug.
        for _ in 0..<Self.rounds {
            let next = try change(try await contents())
            do {
                try await apply(next)
                return try await remember()
            } catch StoreError.vaultMoved {
                continue
            }
        }
        throw StoreError.vaultMoved
    }

    private static let rounds = 16

    /// Lends a credential: the version asked for where it still exists, otherwise the one in place.
    package func withCredential<Result>(
        of account: AccountID,
        version: UInt64?,
        _ body: (borrowing OpenCredential) async throws -> Result
    ) async throws -> Result {
        let contents = try await contents()
        let exists = try vault.versions(of: account, in: contents).contains {
            $0.version == version
        }
        return try await vault.withOpenCredential(
            of: account,
            version: exists ? version : nil,
            in: contents,
            body
        )
    }

    // MARK: Stored answers

    /// Status and content type are sealed with the body: an answer can be deleted, but not bent.
    func seal(_ answer: ProviderAnswer, of submission: SubmissionID) throws -> SealedAnswer {
        let head = Self.head(answer.status, answer.contentType)
        let record = try vault.seal(head + answer.body, at: Self.address(submission))
        return SealedAnswer(
            status: answer.status,
            contentType: answer.contentType,
            epoch: record.epoch,
            sealed: record.sealed
        )
    }

    func open(_ answer: SealedAnswer, of submission: SubmissionID) throws -> ProviderAnswer {
        let record = SealedRecord(
            address: Self.address(submission),
            epoch: answer.epoch,
            sealed: answer.sealed
        )
        let plaintext = try vault.open(record)
        let head = Self.head(answer.status, answer.contentType)
        guard plaintext.starts(with: head) else {
            throw VaultError.tampered("the stored answer of submission \(submission)")
        }
        return ProviderAnswer(
            status: answer.status,
            contentType: answer.contentType,
            body: Array(plaintext.dropFirst(head.count))
        )
    }

    private static func head(_ status: Int, _ contentType: String?) -> [UInt8] {
        var encoder = CanonicalEncoder()
        encoder.append("purser/v1/answer")
        encoder.append(Int64(status))
        encoder.append(contentType ?? "")
        return encoder.bytes
    }

    private static func address(_ submission: SubmissionID) -> RecordAddress {
        RecordAddress(table: "submission", id: submission.bytes, field: "answer", version: 1)
    }
}
