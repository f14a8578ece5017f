/// The vault key of one epoch and the five keys that come from it.
struct VaultKeys: ~Copyable, Sendable {
    static let size = 32

    let vaultKey: Secret
    /// Authenticates the header.
    let header: Secret
    /// Seals records and notes.
    let record: Secret
    /// Authenticates the list of records.
    let manifest: Secret
    /// Makes fingerprints of tokens.
    let index: Secret
    /// Authenticates checkpoints of the ledger.
    let ledger: Secret

    init(_ vaultKey: consuming Secret, vaultID: [UInt8], epoch: UInt32) throws {
        guard vaultKey.count == Self.size else {
            throw VaultError.tampered("a vault key of \(vaultKey.count) bytes")
        }
        let header = try Self.derive("header", vaultKey, vaultID, epoch)
        let record = try Self.derive("record", vaultKey, vaultID, epoch)
        let manifest = try Self.derive("manifest", vaultKey, vaultID, epoch)
        let index = try Self.derive("index", vaultKey, vaultID, epoch)
        let ledger = try Self.derive("ledger", vaultKey, vaultID, epoch)
        self.vaultKey = vaultKey
        self.header = header
        self.record = record
        self.manifest = manifest
        self.index = index
        self.ledger = ledger
    }

    private static func derive(
        _ name: String,
        _ vaultKey: borrowing Secret,
        _ vaultID: [UInt8],
        _ epoch: UInt32
    ) throws -> Secret {
        try OpenSSL.hkdf(
            .sha512,
            key: vaultKey,
            salt: nil,
            info: Array("purser/v1/key/\(name)\0".utf8) + vaultID + epoch.bytes,
            count: 32
        )
    }
}
