import PurserCore
import PurserStore
import PurserVault

/// A home with a vault that a key file opens, and as many tokens as are asked for.
struct VaultHome {
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)
    private static let origin = Origin(scheme: "https", host: "upstream.test", port: 443)

    private let store: SQLiteStore
    private let key: [UInt8]
    private(set) var vault: Vault

    init(path: String) async throws {
        store = try await SQLiteStore.open(home: path, options: .bench)
        let seed = try SlotSeed()
        key = try seed.text().withBytes { Array($0) }
        let made = try Vault.create(
            slots: [.key(seed, kind: .keyFile, name: "bench", role: .admin)],
            now: Self.now
        )
        vault = made.vault
        try await store.createVault(
            made.change,
            owner: .bench(Member.ownerName, hasBudget: false, at: Self.now),
            by: .bench,
            at: Self.now
        )
    }

    func image() async throws -> VaultImage {
        guard let image = try await store.vaultImage() else { throw BenchmarkError("no vault") }
        return image
    }

    func contents() async throws -> VaultContents {
        try vault.contents(of: await image())
    }

    /// Opens the vault as a process does that begins.
    func unlock(_ image: VaultImage) throws -> Vault {
        try Vault.unlock(image, with: .key(SlotSeed(text: Secret(copying: key))), pin: nil)
    }

    /// The place of a note that nothing else lies at.
    func address() throws -> RecordAddress {
        let id = try Randomness.system.bytes(16)
        return RecordAddress(table: "bench", id: id, field: "note", version: 1)
    }

    func add(_ count: Int) async throws {
        var generator = SystemRandomNumberGenerator()
        let accounts = (0..<count).map { _ in AccountID(using: &generator) }
        let change = try await contents().addCredentials(of: accounts, now: Self.now) { account in
            try CredentialDraft(
                token: Secret(copying: Self.token(account)),
                origins: [Self.origin]
            )
        }
        try await store.applyVaultChange(change, audit: Self.audit("bench.add"), at: Self.now)
    }

    /// Seals and opens as many notes as there are records, with nothing around it.
    func resealEach(_ contents: VaultContents) throws {
        let note = [UInt8](repeating: 0x61, count: 300)
        for address in contents.addresses {
            let place = RecordAddress(table: "bench", id: address.id, field: "note", version: 1)
            _ = try vault.open(vault.seal(note, at: place))
        }
    }

    /// Makes a new vault key; how long it took to compute, and to write.
    mutating func rotate(
        _ contents: VaultContents
    ) async throws -> (computing: Duration, writing: Duration) {
        let begun = ContinuousClock.now
        let rotation = try contents.rotate(now: Self.now)
        let computed = ContinuousClock.now
        _ = try await store.rotateVaultKey(
            rotation.change,
            resealing: contents.resealing(to: rotation.vault) { _, _, _, _ in nil },
            audit: Self.audit("vault.rotate"),
            at: Self.now
        )
        vault = rotation.vault
        return (computed - begun, ContinuousClock.now - computed)
    }

    func close() async throws {
        // What was written last must be there, and open.
        _ = try await contents()
        try await store.close()
    }

    private static func token(_ account: AccountID) -> [UInt8] {
        let text = Array("ya29.\(account)".utf8)
        return text + [UInt8](repeating: 0x61, count: 220 - text.count)
    }

    private static func audit(_ verb: String) -> AuditRecord {
        AuditRecord(actor: .bench, verb: verb, subject: "vault")
    }
}
