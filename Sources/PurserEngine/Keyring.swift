package import PurserCore
package import PurserVault

/// The open vault together with the store that keeps its records, and the pin that remembers both.
package struct Keyring: Sendable {
    package let vault: Vault
    private let store: any Store
    private let pin: PinFile

    package init(vault: Vault, store: any Store, pin: PinFile) {
        self.vault = vault
        self.store = store
        self.pin = pin
    }

    /// The records as they are now, checked against the manifest and against what this machine remembers.
    package func contents() async throws -> VaultContents {
        guard let image = try await store.vaultImage() else { throw EngineError.noVault }
        return try vault.contents(of: image)
    }

    /// Moves this machine's pin forward to what the store holds now.
    package func remember() async throws {
        try pin.advance(to: vault.newPin(for: try await contents()))
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

    func seal(_ answer: ProviderAnswer, of submission: SubmissionID) throws -> SealedAnswer {
        let record = try vault.seal(answer.body, at: Self.address(submission))
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
        return ProviderAnswer(
            status: answer.status,
            contentType: answer.contentType,
            body: try vault.open(record)
        )
    }

    private static func address(_ submission: SubmissionID) -> RecordAddress {
        RecordAddress(table: "submission", id: submission.bytes, field: "answer", version: 1)
    }
}
