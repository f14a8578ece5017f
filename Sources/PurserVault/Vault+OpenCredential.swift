package import PurserCore

extension Vault {
    /// Lends an account's credential in clear for the time of `body`, and wipes it.
    ///
    /// Without a version it is the current one.
    /// Throws `noSuchCredential`, `tampered`, or what `body` throws.
    package func withOpenCredential<Result>(
        of account: AccountID,
        version: UInt64? = nil,
        in contents: VaultContents,
        _ body: (borrowing OpenCredential) async throws -> Result
    ) async throws -> Result {
        let version = try version ?? currentVersion(of: account, in: contents)
        let record = try record(of: account, version: version, in: contents)
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
    package func currentVersion(
        of account: AccountID,
        in contents: VaultContents
    ) throws -> UInt64 {
        try pointers(of: account, in: contents).current
    }

    /// All versions there are, in order.
    package func versions(
        of account: AccountID,
        in contents: VaultContents
    ) throws -> [CredentialVersion] {
        let pointers = try pointers(of: account, in: contents)
        return try tokens(of: account, in: contents).map { address in
            let record = try record(of: account, version: address.version, in: contents)
            return CredentialVersion(
                version: address.version,
                state: pointers.state(of: address.version),
                fingerprint: fingerprint(of: record.token),
                expiresAt: record.expiresAt,
                addedAt: record.addedAt
            )
        }
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

    /// The account that has this token already, under any version.
    package func account(
        holding token: borrowing Secret,
        in contents: VaultContents
    ) throws -> AccountID? {
        let wanted = fingerprint(of: token)
        for address in contents.addresses
        where address.table == Self.credentialTable && address.field == Self.tokenField {
            guard let account = AccountID(bytes: address.id) else { continue }
            let record = try record(of: account, version: address.version, in: contents)
            if fingerprint(of: record.token) == wanted { return account }
        }
        return nil
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

    func tokens(of account: AccountID, in contents: VaultContents) -> [RecordAddress] {
        contents.versions(
            table: Self.credentialTable,
            id: account.bytes,
            field: Self.tokenField
        )
    }

    func pointersAddress(of account: AccountID, in contents: VaultContents) -> RecordAddress? {
        contents.versions(
            table: Self.credentialTable,
            id: account.bytes,
            field: Self.pointersField
        ).last
    }

    func pointers(
        of account: AccountID,
        in contents: VaultContents
    ) throws -> CredentialPointers {
        guard let address = pointersAddress(of: account, in: contents),
            let record = contents.records[address]
        else { throw VaultError.noSuchCredential("the account has no credential") }
        return try reading(address) { try CredentialPointers(opened(record)) }
    }

    private func record(
        of account: AccountID,
        version: UInt64,
        in contents: VaultContents
    ) throws -> CredentialRecord {
        let address = tokenAddress(of: account, version: version)
        guard let sealed = contents.records[address] else {
            throw VaultError.noSuchCredential("the account has no credential version \(version)")
        }
        let plaintext = try opened(sealed)
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
