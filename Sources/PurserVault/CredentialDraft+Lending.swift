package import PurserCore

extension CredentialDraft {
    /// Lends the credential before it is sealed, so that a token can be tried before it is put in place.
    ///
    /// It is lent as version 0, which no sealed credential has.
    package borrowing func withOpenCredential<Result>(
        for account: AccountID,
        _ body: (borrowing OpenCredential) async throws -> Result
    ) async throws -> Result {
        try await unsafe token.withBytesAcrossSuspension { bytes in
            let credential = unsafe OpenCredential(
                accountID: account,
                version: 0,
                kind: kind,
                origins: origins,
                headerName: headerName,
                headerFormat: headerFormat,
                token: bytes
            )
            return try await body(credential)
        }
    }

    /// Sixteen hexadecimal digits, as `Vault.fingerprint(of:)` gives.
    package borrowing func fingerprint(in vault: Vault) -> String {
        vault.fingerprint(of: token)
    }
}
