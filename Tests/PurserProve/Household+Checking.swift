import PurserCore
import PurserStore
import PurserVault

extension Household {
    /// How a fault ends that is worse than any other.
    static let anotherToken = " is another token"

    /// What is wrong with books and vault; empty when every rule holds and every token is the right one.
    func faults() async throws -> [String] {
        let found = try await store.verify(at: Self.start, checkpointMAC: vault.ledgerMAC)
        var faults = found.findings.filter(\.isViolation)
            .map { "\($0.rule) \($0.place): \($0.message)" }
        let contents = try await contents()
        for account in try await store.accounts().map(\.account) {
            let current = try contents.currentVersion(of: account.id)
            if current != account.credentialVersion {
                faults.append("\(account.name): the books say version \(account.credentialVersion)")
            }
            for version in try contents.versions(of: account.id).map(\.version) {
                let token = try await token(of: account.id, version, in: contents)
                if token != "Bearer \(Self.token(account.id, version))" {
                    faults.append("\(account.name), version \(version)\(Self.anotherToken)")
                }
            }
        }
        return faults
    }

    private func token(
        of account: AccountID,
        _ version: UInt64,
        in contents: VaultContents
    ) async throws -> String {
        try await contents.withOpenCredential(of: account, version: version) {
            credential in
            try credential.header(for: Origin(scheme: "https", host: "upstream.test", port: 443))
                .value
        }
    }
}
