package import PurserCore

extension VaultContents {
    /// Lends an account's credential in clear for the time of `body`, and wipes it.
    ///
    /// Without a version it is the current one.
    /// Throws `noSuchCredential`, `tampered`, or what `body` throws.
    package func withOpenCredential<Result>(
        of account: AccountID,
        version: UInt64? = nil,
        _ body: (borrowing OpenCredential) async throws -> Result
    ) async throws -> Result {
        let version = try version ?? currentVersion(of: account)
        let record = try record(of: account, version: version)
        return try await unsafe record.token.withBytesAcrossSuspension { token in
            let credential = unsafe OpenCredential(
                accountID: account,
                version: version,
                kind: record.kind,
                origins: record.origins,
                headerName: record.headerName,
                headerFormat: record.headerFormat,
                token: token
            )
            return try await body(credential)
        }
    }

    /// The version that new work uses.
    package func currentVersion(of account: AccountID) throws -> UInt64 {
        try pointers(of: account).current
    }

    /// Whether there is a record of that version; it is not opened.
    package func hasCredential(of account: AccountID, version: UInt64) -> Bool {
        records[tokenAddress(of: account, version: version)] != nil
    }

    /// All versions there are, in order.
    package func versions(of account: AccountID) throws -> [CredentialVersion] {
        let pointers = try pointers(of: account)
        return try tokens(of: account).map { address in
            let record = try record(of: account, version: address.version)
            return CredentialVersion(
                version: address.version,
                state: pointers.state(of: address.version),
                fingerprint: vault.fingerprint(of: record.token),
                expiresAt: record.expiresAt,
                addedAt: record.addedAt,
                exposedAt: record.exposedAt,
                command: record.command
            )
        }
    }

    /// The version in place, as `versions` tells of it; opens one record where that opens all.
    package func current(of account: AccountID) throws -> CredentialVersion {
        let version = try currentVersion(of: account)
        let record = try record(of: account, version: version)
        return CredentialVersion(
            version: version,
            state: .current,
            fingerprint: vault.fingerprint(of: record.token),
            expiresAt: record.expiresAt,
            addedAt: record.addedAt,
            exposedAt: record.exposedAt,
            command: record.command
        )
    }

    /// Whose each token is, by fingerprint, under any version.
    package func holders() throws -> [String: AccountID] {
        var holders: [String: AccountID] = [:]
        for address in records.keys
        where address.table == Self.credentialTable && address.field == Self.tokenField {
            guard let account = AccountID(bytes: address.id) else { continue }
            let record = try record(of: account, version: address.version)
            holders[vault.fingerprint(of: record.token)] = account
        }
        return holders
    }

    /// The current credential with another token: kind, origins, header and, unless it goes, command stay as they were
    /// sealed.
    package func successor(
        of account: AccountID,
        token: consuming Secret,
        expiresAt: Timestamp?,
        keepsCommand: Bool = true
    ) throws -> CredentialDraft {
        let record = try record(of: account, version: try currentVersion(of: account))
        return try CredentialDraft(
            kind: record.kind,
            token: token,
            origins: record.origins,
            headerName: record.headerName,
            headerFormat: record.headerFormat,
            expiresAt: expiresAt,
            command: keepsCommand ? record.command : nil
        )
    }

    /// The accounts whose token in place somebody knows who should not, and since when.
    ///
    /// They stay until another token is put in place: no rotation of a key makes a person forget.
    package func exposures() throws -> [Exposure] {
        try addresses.filter { $0.field == Self.pointersField }.compactMap { address in
            guard let account = AccountID(bytes: address.id) else { return nil }
            let exposure = try exposure(of: account, current: currentVersion(of: account))
            return exposure.since == nil ? nil : exposure
        }
    }

    func exposure(of account: AccountID, current version: UInt64) throws -> Exposure {
        let record = try record(of: account, version: version)
        return Exposure(account: account, since: record.exposedAt)
    }

    // MARK: Records

    func tokenAddress(of account: AccountID, version: UInt64) -> RecordAddress {
        RecordAddress(
            table: Self.credentialTable,
            id: account.bytes,
            field: Self.tokenField,
            version: version
        )
    }

    func tokens(of account: AccountID) -> [RecordAddress] {
        versions(
            table: Self.credentialTable,
            id: account.bytes,
            field: Self.tokenField
        )
    }

    func pointersAddress(of account: AccountID) -> RecordAddress? {
        versions(
            table: Self.credentialTable,
            id: account.bytes,
            field: Self.pointersField
        ).last
    }

    func pointers(of account: AccountID) throws -> CredentialPointers {
        try pointers.of(account) { try openedPointers(of: account) }
    }

    private func openedPointers(of account: AccountID) throws -> CredentialPointers {
        guard let address = pointersAddress(of: account),
            let record = records[address]
        else { throw VaultError.noSuchCredential("the account has no credential") }
        return try reading(address) { try CredentialPointers(vault.opened(record)) }
    }

    func record(
        of account: AccountID,
        version: UInt64
    ) throws -> CredentialRecord {
        let address = tokenAddress(of: account, version: version)
        guard let sealed = records[address] else {
            throw VaultError.noSuchCredential("the account has no credential version \(version)")
        }
        let plaintext = try vault.opened(sealed)
        let record = try reading(address) { try CredentialRecord(plaintext) }
        guard record.account == account else {
            throw VaultError.damaged(.record, "\(address.name) names another account")
        }
        return record
    }

    private func reading<Value: ~Copyable>(
        _ address: RecordAddress,
        _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch is CanonicalJSON.Misfit {
            throw VaultError.damaged(.record, "\(address.name) does not parse")
        }
    }
}
