import Logging
package import PurserCore
package import PurserVault

/// Looks after accounts and their tokens.
///
/// Nothing is put in place before the service was asked.
package struct AccountDesk: Sendable {
    let engine: Engine

    package init(_ engine: Engine) {
        self.engine = engine
    }

    /// How an account that is being added gets its tier and opening balance.
    package enum OpeningSource: Sendable {
        /// From `/v1/credits`; a tier that differs from what was said is an error.
        case asking(said: Tier?)
        /// From the operator, without asking; unknown credits stay unknown.
        case told(tier: Tier, credits: Credits?)
    }

    package struct Rotated: Sendable {
        package let account: Account
        package let reading: CreditsReading?
        package let fingerprint: String
    }

    /// Puts a fresh token in place in one step; jobs under way keep the version they began with.
    ///
    /// The probe uses the new token before anything is written, so a refused one leaves everything as it was. The
    /// token in place is refused, unless `keepingToken`: then what is sealed beside it changes.
    package func rotate(
        _ account: Account,
        to token: borrowing CredentialDraft,
        probing: Bool,
        expiresAt: Timestamp?,
        keepingToken: Bool = false,
        dryRun: Bool = false
    ) async throws -> Rotated {
        func check(_ contents: VaultContents) async throws {
            let fingerprint = token.fingerprint(in: contents.vault)
            if try contents.current(of: account.id).fingerprint == fingerprint {
                if keepingToken { return }
                throw EngineError.sameToken(account.name)
            }
            try await checkIsFree(fingerprint, for: account.id, among: try contents.holders())
        }
        try await check(try await engine.keyring.contents())
        var reading: CreditsReading?
        if probing {
            reading = try await probe(token, account.id)
            try Self.check(reading, said: account.tier, name: account.name)
        }
        let fingerprint = token.fingerprint(in: engine.keyring.vault)
        let now = engine.ambient.now()
        var rotated = account
        rotated.tokenExpiresAt = expiresAt
        if dryRun { return Rotated(account: rotated, reading: reading, fingerprint: fingerprint) }
        try await engine.keyring.commit { contents in
            try await check(contents)
            let change = try contents.stageAndPlace(token, for: account.id, now: now)
            rotated.credentialVersion = change.version
            return change.change
        } apply: { change in
            try await engine.store.placeCredential(
                rotated.id,
                version: rotated.credentialVersion,
                expiresAt: expiresAt,
                hasCommand: token.command != nil,
                vault: change,
                audit: record(
                    "account.rotate",
                    account.name,
                    "version \(rotated.credentialVersion)"
                ),
                at: now
            )
        }
        if let reading { await note(reading, of: account.id) }
        return Rotated(account: rotated, reading: reading, fingerprint: fingerprint)
    }

    /// Takes down what the probe read: the token is in place, and whoever put it there must not hear otherwise.
    private func note(_ reading: CreditsReading, of account: AccountID) async {
        do {
            try await observe(account, reading)
        } catch {
            engine.logger.warning(
                "a token is in place, and the balance that was read with it could not be noted",
                metadata: ["account.id": "\(account)", "error": "\(error)"]
            )
        }
    }

    /// Puts the version before back in place; with `dryRun`, checks whether there is one.
    package func rollBack(_ account: Account, dryRun: Bool = false) async throws -> Account {
        let now = engine.ambient.now()
        var restored = account
        if dryRun {
            let contents = try await engine.keyring.contents()
            restored.credentialVersion = try contents.rollBack(account.id).version
            return restored
        }
        try await engine.keyring.commit { contents in
            let change = try contents.rollBack(account.id)
            restored.credentialVersion = change.version
            let version = try contents.versions(of: account.id)
                .first { $0.version == change.version }
            restored.tokenExpiresAt = version?.expiresAt
            restored.tokenCommand = version?.command.map { _ in TokenCommand() }
            return change.change
        } apply: { change in
            try await engine.store.placeCredential(
                restored.id,
                version: restored.credentialVersion,
                expiresAt: restored.tokenExpiresAt,
                hasCommand: restored.tokenCommand != nil,
                vault: change,
                audit: record(
                    "account.rollback",
                    account.name,
                    "version \(restored.credentialVersion)"
                ),
                at: now
            )
        }
        return restored
    }

    package func versions(of account: Account) async throws -> [CredentialVersion] {
        try await engine.keyring.contents().versions(of: account.id)
    }

    /// Deletes retired tokens that no open job still uses; with `dryRun`, finds them only.
    ///
    /// Returns the versions deleted.
    package func purge(_ account: Account, dryRun: Bool = false) async throws -> [UInt64] {
        let now = engine.ambient.now()
        func purgeable(_ contents: VaultContents) async throws -> [UInt64] {
            // Asked after the records were read, in every round: what began with a version keeps it. A lost job may never
            // end, and is asked about with the token in place.
            let inUse = Set(
                try await engine.store.jobs(JobFilter(openOnly: true, accountID: account.id))
                    .filter(\.state.isUnderWay).map(\.credentialVersion)
            )
            let versions = try contents.versions(of: account.id)
                .filter {
                    $0.state != .current && $0.state != .staged && !inUse.contains($0.version)
                }.map(\.version)
            guard !versions.isEmpty else { throw EngineError.nothingToPurge(account.name) }
            return versions
        }
        var purged = try await purgeable(try await engine.keyring.contents())
        if dryRun { return purged }
        try await engine.keyring.commit { contents in
            purged = try await purgeable(contents)
            return try contents.purge(Set(purged), of: account.id)
        } apply: { change in
            let versions = purged.map(String.init).joined(separator: ", ")
            try await engine.store.applyVaultChange(
                change,
                audit: record("account.purge", account.name, "versions \(versions)"),
                at: now
            )
        }
        return purged
    }

    /// Removes the account and its tokens; the ledger and the jobs stay.
    package func remove(_ account: Account) async throws {
        let now = engine.ambient.now()
        try await engine.keyring.commit { contents in
            try contents.removeAccount(account.id)
        } apply: { change in
            try await engine.store.removeAccount(
                account.id,
                vault: change,
                by: engine.actor,
                at: now
            )
        }
    }

    /// Lends the token's bytes, after the reveal was written to the audit trail.
    package func reveal<Result>(
        _ account: Account,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) async throws -> Result {
        try await engine.store.recordAudit(
            record("token.reveal", account.name, "version \(account.credentialVersion)"),
            at: engine.ambient.now()
        )
        return try await engine.keyring.withCredential(of: account.id, version: nil) {
            credential in try credential.withTokenBytes(body)
        }
    }
}
