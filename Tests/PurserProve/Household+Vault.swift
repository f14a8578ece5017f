import PurserCore
import PurserStore
import PurserVault

extension Household {
    /// The token that every version of an account's credential holds, so that a wrong one is noticed.
    static func token(_ account: AccountID, _ version: UInt64) -> String {
        "ya29.\(account)-\(version)"
    }

    private func draft(_ account: AccountID, _ version: UInt64) throws -> CredentialDraft {
        try CredentialDraft(
            token: Secret(copying: Self.token(account, version).utf8),
            origins: [Origin(scheme: "https", host: "upstream.test", port: 443)]
        )
    }

    func contents() async throws -> VaultContents {
        let image = try await Self.image(of: store)
        return try vault.contents(of: image)
    }

    /// What a change of the header by another process asks for.
    mutating func follow() async throws {
        let image = try await Self.image(of: store)
        vault = try vault.following(image)
    }

    mutating func addAccount(
        _ name: String,
        credits: Int64,
        maxInFlight: Int = 1_000_000
    ) async throws {
        let account = Account(
            id: AccountID(using: &chance),
            createdAt: Self.start,
            name: name,
            tier: .ultra,
            settings: AccountSettings(maxInFlight: maxInFlight),
            credentialVersion: 1
        )
        let change = try await contents().addCredential(
            draft(account.id, 1),
            of: account.id,
            now: Self.start
        )
        let opening = Opening(
            credits: Credits(unchecked: credits),
            evidence: "told by the operator",
            operation: OperationID(using: &chance)
        )
        try await store.addAccount(
            account,
            opening: opening,
            vault: change.change,
            by: Self.actor,
            at: Self.start
        )
        accounts.append(account)
    }

    /// Puts a fresh token in place and answers its version.
    @discardableResult
    func rotate(_ account: Account) async throws -> UInt64 {
        let contents = try await contents()
        let next = try contents.versions(of: account.id).map(\.version).max() ?? 0
        let change = try contents.stageAndPlace(
            draft(account.id, next + 1),
            for: account.id,
            now: Self.start
        )
        try await store.placeCredential(
            account.id,
            version: change.version,
            expiresAt: nil,
            hasCommand: false,
            vault: change.change,
            audit: audit("account.rotate", account.name),
            at: Self.start
        )
        return change.version
    }

    /// The versions of an account's credential that are sealed.
    func versions(of account: Account) async throws -> [UInt64] {
        try await contents().versions(of: account.id).map(\.version)
    }

    /// Lets another person in.
    mutating func addSlot(_ name: String) async throws {
        let change = try await contents().addSlot(
            .key(SlotSeed(), kind: .identity, name: name, role: .member),
            now: Self.start
        )
        try await store.applyVaultChange(
            change.change,
            audit: audit("vault.key.add", name),
            at: Self.start
        )
        vault = change.vault
    }

    /// Takes a person out, which makes a new vault key.
    mutating func removeSlot(_ name: String) async throws {
        let contents = try await contents()
        let change = try contents.rotate(
            removing: Set(vault.slots.filter { $0.name == name }.map(\.id)),
            now: Self.start
        )
        // No answers are stored here.
        _ = try await store.rotateVaultKey(
            change.change,
            resealing: contents.resealing(to: change.vault) { _, _, _, _ in nil },
            audit: audit("vault.key_remove", name),
            at: Self.start
        )
        vault = change.vault
    }
}
