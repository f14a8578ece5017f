package import PurserCore

/// A change, and the number of the credential version it makes or places.
package struct CredentialChange: Sendable, Equatable {
    package let change: VaultChange
    package let version: UInt64
}

/// An account's first credential, sealed and not yet in the vault.
package struct FirstCredential: Sendable {
    package let account: AccountID
    /// As `Vault.fingerprint(of:)` gives.
    package let fingerprint: String
    let records: [SealedRecord]
    /// What it is sealed with.
    let vault: Vault
}

extension VaultContents {
    static let credentialTable = "credential"
    static let tokenField = "token"
    static let pointersField = "current"

    /// Seals an account's first credential, as version 1; `adding` puts it into the vault.
    package func firstCredential(
        _ draft: borrowing CredentialDraft,
        of account: AccountID,
        now: Timestamp
    ) throws -> FirstCredential {
        FirstCredential(
            account: account,
            fingerprint: vault.fingerprint(of: draft.token),
            records: [
                try sealedToken(draft, of: account, version: 1, now: now),
                try sealedPointers(CredentialPointers(current: 1), of: account, after: 0),
            ],
            vault: vault
        )
    }

    /// Takes up first credentials, of any number of accounts in one change.
    ///
    /// Throws `conflict` where an account has a credential, `earlierEpoch` where the vault key was rotated since one was
    /// sealed (see `FirstCredential.sealed(for:)`).
    package func adding(_ credentials: [FirstCredential]) throws -> VaultChange {
        for credential in credentials {
            guard pointersAddress(of: credential.account) == nil else {
                throw VaultError.conflict("the account has a credential already")
            }
            for record in credential.records where record.epoch != vault.epoch {
                throw VaultError.earlierEpoch(found: record.epoch, current: vault.epoch)
            }
        }
        return change(put: credentials.flatMap(\.records))
    }

    /// Seals an account's first credential and takes it up.
    package func addCredential(
        _ draft: borrowing CredentialDraft,
        of account: AccountID,
        now: Timestamp
    ) throws -> CredentialChange {
        let first = try firstCredential(draft, of: account, now: now)
        return CredentialChange(change: try adding([first]), version: 1)
    }

    /// Seals the first credentials of many accounts in one change: the manifest is computed once.
    package func addCredentials(
        of accounts: [AccountID],
        now: Timestamp,
        draft: (AccountID) throws -> CredentialDraft
    ) throws -> VaultChange {
        try adding(accounts.map { try firstCredential(draft($0), of: $0, now: now) })
    }

    /// Seals a new version beside the current one, in place of one that was staged before.
    package func stage(
        _ draft: borrowing CredentialDraft,
        for account: AccountID,
        now: Timestamp
    ) throws -> CredentialChange {
        try moving(account) { pointers in
            let dropped = pointers.staged
            pointers.latest += 1
            pointers.staged = pointers.latest
            let since = try exposure(of: draft, of: account)
            let token = try sealedToken(
                draft,
                of: account,
                version: pointers.latest,
                now: now,
                exposedAt: since
            )
            return Move(version: pointers.latest, put: [token], drop: dropped)
        }
    }

    /// Puts the staged version in place; the one before stays for a rollback and for jobs under way.
    package func place(_ account: AccountID) throws -> CredentialChange {
        try moving(account) { pointers in
            guard let staged = pointers.staged else {
                throw VaultError.noSuchCredential("no credential is staged for the account")
            }
            pointers.previous = pointers.current
            pointers.current = staged
            pointers.staged = nil
            let exposure = try exposure(of: account, current: staged)
            return Move(version: staged, exposure: exposure)
        }
    }

    /// Seals a new version and puts it in place at once.
    package func stageAndPlace(
        _ draft: borrowing CredentialDraft,
        for account: AccountID,
        now: Timestamp
    ) throws -> CredentialChange {
        try moving(account) { pointers in
            let dropped = pointers.staged
            pointers.latest += 1
            pointers.previous = pointers.current
            pointers.current = pointers.latest
            pointers.staged = nil
            let since = try exposure(of: draft, of: account)
            let token = try sealedToken(
                draft,
                of: account,
                version: pointers.latest,
                now: now,
                exposedAt: since
            )
            return Move(
                version: pointers.latest,
                exposure: Exposure(account: account, since: since),
                put: [token],
                drop: dropped
            )
        }
    }

    /// Drops the staged version, as when its probe failed, and returns the current one's number.
    package func discardStaged(of account: AccountID) throws -> CredentialChange {
        try moving(account) { pointers in
            guard let staged = pointers.staged else {
                throw VaultError.noSuchCredential("no credential is staged for the account")
            }
            pointers.staged = nil
            return Move(version: pointers.current, drop: staged)
        }
    }

    /// Exchanges the current version and the one before it.
    package func rollBack(_ account: AccountID) throws -> CredentialChange {
        try moving(account) { pointers in
            guard let previous = pointers.previous else {
                throw VaultError.noSuchCredential("the account has no credential before this one")
            }
            pointers.previous = pointers.current
            pointers.current = previous
            let exposure = try exposure(of: account, current: previous)
            return Move(version: previous, exposure: exposure)
        }
    }

    /// Deletes versions that nothing uses any more; refused for the current and the staged one.
    package func purge(
        _ versions: Set<UInt64>,
        of account: AccountID
    ) throws -> VaultChange {
        var pointers = try pointers(of: account)
        let there = Set(tokens(of: account).map(\.version))
        guard !versions.isEmpty, versions.isSubset(of: there) else {
            throw VaultError.noSuchCredential("the account has no such credential version")
        }
        guard !versions.contains(pointers.current), pointers.staged.map(versions.contains) != true
        else { throw VaultError.conflict("a current or staged credential cannot be purged") }
        let gone = versions.map { tokenAddress(of: account, version: $0) }
        guard let previous = pointers.previous, versions.contains(previous) else {
            return change(remove: gone.sorted())
        }
        pointers.previous = nil
        return try replacing(pointers, of: account, put: [], remove: gone)
    }

    /// Deletes everything sealed for an account.
    package func removeAccount(_ account: AccountID) throws -> VaultChange {
        let gone =
            tokens(of: account)
            + versions(
                table: Self.credentialTable,
                id: account.bytes,
                field: Self.pointersField
            )
        guard !gone.isEmpty else {
            throw VaultError.noSuchCredential("the account has no credential")
        }
        return change(remove: gone)
    }

    // MARK: Moving the pointers

    private struct Move {
        let version: UInt64
        /// Of the version that is in place afterwards, where the move makes it.
        var exposure: Exposure?
        var put: [SealedRecord] = []
        var drop: UInt64?
    }

    private func moving(
        _ account: AccountID,
        _ move: (inout CredentialPointers) throws -> Move
    ) throws -> CredentialChange {
        var pointers = try pointers(of: account)
        let move = try move(&pointers)
        let gone = move.drop.map { [tokenAddress(of: account, version: $0)] } ?? []
        let change = try replacing(
            pointers,
            of: account,
            put: move.put,
            remove: gone,
            exposures: move.exposure.map { [$0] } ?? []
        )
        return CredentialChange(change: change, version: move.version)
    }

    private func replacing(
        _ pointers: CredentialPointers,
        of account: AccountID,
        put: [SealedRecord],
        remove: [RecordAddress],
        exposures: [Exposure] = []
    ) throws -> VaultChange {
        guard let old = pointersAddress(of: account) else {
            throw VaultError.noSuchCredential("the account has no credential")
        }
        let sealed = try sealedPointers(pointers, of: account, after: old.version)
        return change(
            put: put + [sealed],
            remove: (remove + [old]).sorted(),
            exposures: exposures
        )
    }

    /// A token that was exposed stays so under another version: only another token ends it.
    private func exposure(
        of draft: borrowing CredentialDraft,
        of account: AccountID
    ) throws -> Timestamp? {
        let fingerprint = vault.fingerprint(of: draft.token)
        return try versions(of: account).filter { $0.fingerprint == fingerprint }
            .compactMap(\.exposedAt).min()
    }

    private func sealedToken(
        _ draft: borrowing CredentialDraft,
        of account: AccountID,
        version: UInt64,
        now: Timestamp,
        exposedAt: Timestamp? = nil
    ) throws -> SealedRecord {
        let plaintext = try CredentialRecord.encode(
            draft,
            account: account,
            addedAt: now,
            exposedAt: exposedAt
        )
        return try unsafe plaintext.withBytes { bytes in
            try unsafe vault.sealed(bytes, at: tokenAddress(of: account, version: version))
        }
    }

    private func sealedPointers(
        _ pointers: CredentialPointers,
        of account: AccountID,
        after version: UInt64
    ) throws -> SealedRecord {
        try vault.seal(
            pointers.encoded,
            at: RecordAddress(
                table: Self.credentialTable,
                id: account.bytes,
                field: Self.pointersField,
                version: version + 1
            )
        )
    }
}
