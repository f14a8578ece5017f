import Foundation
import PurserCore
import Synchronization
import Testing

@testable import PurserVault

let noon = Timestamp(milliseconds: 1_767_225_600_000)

/// Bytes of written-out digits; a test that mistypes them fails at once.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = [UInt8](hexadecimal: text) else {
        Issue.record("not hexadecimal: \(text.prefix(40))")
        return []
    }
    return bytes
}

func secret(_ bytes: [UInt8]) throws -> Secret { try Secret(copying: bytes) }

func secret(_ text: String) throws -> Secret { try Secret(copying: text.utf8) }

extension Secret {
    borrowing func copied() -> [UInt8] { withBytes { Array($0) } }
}

extension SlotSeed {
    init(hexadecimal text: String) throws {
        try self.init(bytes: secret(hex(text)))
    }
}

/// What `body` failed with; `nil` when it did not fail.
func failure<Result: ~Copyable>(_ body: () throws -> Result) -> VaultError? {
    do {
        _ = try body()
        return nil
    } catch let error as VaultError {
        return error
    } catch {
        Issue.record("an error of another kind: \(error)")
        return nil
    }
}

extension Randomness {
    /// The same bytes for the same seed: SHA-256 over seed and counter.
    static func repeatable(_ seed: String) -> Randomness {
        let counter = Mutex(0)
        return Randomness { buffer in
            var index = 0
            while index < buffer.count {
                let number = counter.withLock {
                    $0 += 1
                    return $0
                }
                for byte in Digest.sha256(Array("\(seed) \(number)".utf8))
                where index < buffer.count {
                    buffer[index] = byte
                    index += 1
                }
            }
        }
    }
}

extension VaultImage {
    /// What the store does with a change.
    func applying(_ change: VaultChange) -> VaultImage {
        #expect(change.baseSequence == state.sequence)
        var rows = Dictionary(uniqueKeysWithValues: records.map { ($0.address, $0) })
        for address in change.remove {
            #expect(rows.removeValue(forKey: address) != nil)
        }
        for record in change.put { rows[record.address] = record }
        return VaultImage(
            header: change.header ?? header,
            log: log + (change.logEntry.map { [$0] } ?? []),
            state: change.state,
            records: Array(rows.values)
        )
    }

    init(_ change: VaultChange) throws {
        self.init(
            header: try #require(change.header),
            log: [try #require(change.logEntry)],
            state: change.state,
            records: change.put
        )
    }

    func with(
        header: [UInt8]? = nil,
        log: [HeaderLogEntry]? = nil,
        state: VaultState? = nil,
        records: [SealedRecord]? = nil
    ) -> VaultImage {
        VaultImage(
            header: header ?? self.header,
            log: log ?? self.log,
            state: state ?? self.state,
            records: records ?? self.records
        )
    }
}

/// A vault with one admin's key and its recovery slot, in memory.
struct Desk {
    var image: VaultImage
    var vault: Vault
    let seedText: [UInt8]

    init(_ name: String = "desk") throws {
        let random = Randomness.repeatable(name)
        let seed = try SlotSeed(random: random)
        seedText = try seed.text().copied()
        let made = try Vault.create(
            slots: [.key(seed, kind: .keyFile, name: "desk", role: .admin)],
            now: noon,
            random: random
        )
        image = try VaultImage(made.change)
        vault = made.vault
    }

    func key() throws -> Unlocking { .key(try SlotSeed(text: secret(seedText))) }

    func contents() throws -> VaultContents { try vault.contents(of: image) }

    mutating func apply(_ change: VaultChange) { image = image.applying(change) }

    mutating func apply(_ change: HeaderChange) {
        apply(change.change)
        vault = change.vault
    }

    @discardableResult
    mutating func add(_ token: String, to account: AccountID) throws -> UInt64 {
        let change = try contents().addCredential(draft(token), of: account, now: noon)
        apply(change.change)
        return change.version
    }
}

func draft(_ token: String, expiresAt: Timestamp? = nil) throws -> CredentialDraft {
    try CredentialDraft(
        token: secret(token),
        origins: [Origin(scheme: "https", host: "upstream.test", port: 443)],
        expiresAt: expiresAt
    )
}

let ada = AccountID(high: 1, low: 1)
let ben = AccountID(high: 1, low: 2)

/// A directory of its own, gone when the test is.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory
        .appendingPathComponent("purser-vault-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        at: url,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
    )
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
}

/// The whole of a test that takes minutes runs only where this is set.
let isFullRun = ProcessInfo.processInfo.environment["PURSER_FULL"] == "1"
