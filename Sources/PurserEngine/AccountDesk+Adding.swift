package import PurserCore
package import PurserVault

/// Names and tokens that are taken, read once for any number of accounts.
package struct Taken: Sendable {
    fileprivate let names: Set<String>
    /// Whose each token is, by fingerprint.
    package let holders: [String: AccountID]
    /// The vault's records that this was read from.
    let contents: VaultContents
}

extension AccountDesk {
    package struct Added: Sendable {
        package let account: Account
        package let reading: CreditsReading?
        package let credits: Credits?
        package let fingerprint: String
    }

    /// An account that was checked, asked about and sealed, and is in no book yet.
    package struct Prepared: Sendable {
        package let added: Added
        fileprivate let new: NewAccount
        fileprivate let credential: FirstCredential
    }

    package func taken() async throws -> Taken {
        let accounts = try await engine.store.accounts()
        let contents = try await engine.keyring.contents()
        return Taken(
            names: Set(accounts.map(\.account.name)),
            holders: try contents.holders(),
            contents: contents
        )
    }

    /// Refuses a token that an account other than `account` has.
    ///
    /// `names`: of holders that are in no book yet.
    func checkIsFree(
        _ fingerprint: String,
        for account: AccountID?,
        among holders: [String: AccountID],
        names: [AccountID: String] = [:]
    ) async throws {
        guard let holder = holders[fingerprint], holder != account else { return }
        var name = names[holder]
        if name == nil { name = try await engine.store.account(holder)?.name }
        throw EngineError.tokenTaken(by: name ?? holder.description)
    }

    /// Adds an account: probes the token, then seals it and opens its ledger account in one transaction.
    ///
    /// With `dryRun` everything is checked and asked, and nothing written.
    package func add(
        name: String,
        opening: OpeningSource,
        token: borrowing CredentialDraft,
        settings: AccountSettings,
        expiresAt: Timestamp?,
        dryRun: Bool = false
    ) async throws -> Added {
        let prepared = try await prepare(
            name: name,
            opening: opening,
            token: token,
            settings: settings,
            expiresAt: expiresAt,
            against: try await taken()
        )
        if !dryRun { try await put([prepared]) }
        return prepared.added
    }

    /// The first half of `add`: what may be done side by side for many accounts, and writes nothing.
    package func prepare(
        name: String,
        opening: OpeningSource,
        token: borrowing CredentialDraft,
        settings: AccountSettings,
        expiresAt: Timestamp?,
        against taken: Taken
    ) async throws -> Prepared {
        guard Account.isName(name) else { throw EngineError.invalidName(name) }
        try AccountRegister.validate(settings)
        guard !taken.names.contains(name) else { throw StoreError.nameTaken(name) }
        let fingerprint = token.fingerprint(in: taken.contents.vault)
        try await checkIsFree(fingerprint, for: nil, among: taken.holders)
        let id: AccountID = engine.ambient.newID()
        let (tier, credits, reading) = try await resolve(opening, id, name, token)
        let now = engine.ambient.now()
        let account = Account(
            id: id,
            createdAt: now,
            name: name,
            tier: tier,
            settings: settings,
            tokenExpiresAt: expiresAt,
            tokenCommand: token.command != nil ? TokenCommand() : nil
        )
        let evidence = reading == nil ? "told by the operator" : "read from the service"
        let first = credits.map {
            Opening(credits: $0, evidence: evidence, operation: engine.ambient.newID())
        }
        let credential = try taken.contents.firstCredential(token, of: id, now: now)
        return Prepared(
            added: Added(
                account: account,
                reading: reading,
                credits: credits,
                fingerprint: credential.fingerprint
            ),
            new: NewAccount(account: account, opening: first),
            credential: credential
        )
    }

    /// The second half of `add`: all of them in one transaction, or none.
    package func put(_ prepared: [Prepared]) async throws {
        let names = Dictionary(
            uniqueKeysWithValues: prepared.map { ($0.added.account.id, $0.added.account.name) }
        )
        try await engine.keyring.commit { contents in
            // Looked at again, with these among them: another process, or two of these, may have the token.
            var holders = try contents.holders()
            // The vault key may have been rotated while the service was asked.
            let credentials = try prepared.map { try $0.credential.sealed(for: contents.vault) }
            for credential in credentials {
                try await checkIsFree(
                    credential.fingerprint,
                    for: nil,
                    among: holders,
                    names: names
                )
                holders[credential.fingerprint] = credential.account
            }
            return try contents.adding(credentials)
        } apply: { change in
            try await engine.store.addAccounts(
                prepared.map(\.new),
                vault: change,
                by: engine.actor,
                at: engine.ambient.now()
            )
        }
    }
}
