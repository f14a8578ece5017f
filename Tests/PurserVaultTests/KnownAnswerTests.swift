import Foundation
import PurserCore
import Testing

@testable import PurserVault

struct KnownAnswerTests {
    static let record = SealedRecord(
        address: RecordAddress(
            table: KnownAnswer.recordTable,
            id: hex(KnownAnswer.recordID),
            field: KnownAnswer.recordField,
            version: KnownAnswer.recordVersion
        ),
        epoch: 1,
        sealed: hex(KnownAnswer.recordSealed)
    )

    static func image() throws -> VaultImage {
        let header = try VaultHeader(hex(KnownAnswer.header))
        return VaultImage(
            header: hex(KnownAnswer.header),
            log: [header.logEntry],
            state: VaultState(
                sequence: 1,
                epoch: 1,
                recordCount: 1,
                mac: hex(KnownAnswer.manifestMAC)
            ),
            records: [record]
        )
    }

    private func check(_ vault: Vault) throws {
        #expect(vault.keys.vaultKey.copied() == hex(KnownAnswer.vaultKey))
        let contents = try vault.contents(of: Self.image())
        let opened = try vault.open(Self.record)
        #expect(String(decoding: opened, as: UTF8.self) == KnownAnswer.recordPlaintext)
        #expect(contents.addresses == [Self.record.address])
    }

    @Test func `it opens by passphrase`() throws {
        let unlocking = try Unlocking.passphrase(secret(KnownAnswer.passphrase), slot: "alice")
        try check(Vault.unlock(Self.image(), with: unlocking, pin: nil))
    }

    @Test(arguments: [KnownAnswer.bobSeed, KnownAnswer.serverSeed])
    func `it opens by identity and by key file`(seed: String) throws {
        let unlocking = Unlocking.key(try SlotSeed(hexadecimal: seed))
        try check(Vault.unlock(Self.image(), with: unlocking, pin: nil))
    }

    @Test func `it refuses a seed that belongs to a passphrase slot only`() throws {
        let unlocking = Unlocking.key(try SlotSeed(hexadecimal: KnownAnswer.aliceSeed))
        #expect(
            failure { try Vault.unlock(Self.image(), with: unlocking, pin: nil) } == .wrongIdentity
        )
    }

    @Test func `the header is written back byte for byte`() throws {
        let header = try VaultHeader(hex(KnownAnswer.header))
        #expect(header.bytes == hex(KnownAnswer.header))
        #expect(header.bytes.count == 1093)
        #expect(Digest.sha256(header.bytes) == hex(KnownAnswer.headerSHA256))
        #expect(header.open.id == hex(KnownAnswer.headerID))
        #expect(header.open.slots.map(\.name) == ["bob", "alice", "gateway-1"])
        #expect(header.open.slots.map(\.kind) == [.identity, .passphrase, .keyFile])
    }

    /// From what the header says, all of it is computed again: keys, MAC, signature, checksum.
    @Test func `the header is made again from its fields`() throws {
        let header = try VaultHeader(hex(KnownAnswer.header))
        let keys = try VaultKeys(
            secret(hex(KnownAnswer.vaultKey)),
            vaultID: hex(KnownAnswer.vaultID),
            epoch: 1
        )
        let again = try HeaderDraft(
            vaultID: hex(KnownAnswer.vaultID),
            sequence: 1,
            epoch: 1,
            previousID: [UInt8](repeating: 0, count: 32),
            createdAt: noon,
            entries: header.entries.reversed()
        ).signed(
            keys: keys,
            signerID: header.open.signerID,
            seed: SlotSeed(hexadecimal: KnownAnswer.aliceSeed)
        )
        #expect(again.bytes == hex(KnownAnswer.header))
    }

    @Test func `the subkeys are the ones of the answer`() throws {
        let keys = try VaultKeys(
            secret(hex(KnownAnswer.vaultKey)),
            vaultID: hex(KnownAnswer.vaultID),
            epoch: 1
        )
        #expect(keys.header.copied() == hex(KnownAnswer.subkeys["header"] ?? ""))
        #expect(keys.record.copied() == hex(KnownAnswer.subkeys["record"] ?? ""))
        #expect(keys.manifest.copied() == hex(KnownAnswer.subkeys["manifest"] ?? ""))
        #expect(keys.index.copied() == hex(KnownAnswer.subkeys["index"] ?? ""))
        #expect(keys.ledger.copied() == hex(KnownAnswer.subkeys["ledger"] ?? ""))
    }

    @Test func `a seed gives the slot's public keys`() throws {
        let keys = try SlotSeed(hexadecimal: KnownAnswer.aliceSeed).publicKeys()
        #expect(keys.x25519 == hex(KnownAnswer.aliceX25519))
        #expect(keys.ed25519 == hex(KnownAnswer.aliceEd25519))
    }

    @Test func `the sealed seed comes out the same under the same salts`() throws {
        let header = try VaultHeader(hex(KnownAnswer.header))
        let alice = try #require(header.entries.first { $0.slot.name == "alice" })
        let sealed = try #require(alice.secrets.passphrase)
        let salts = [sealed.block.salt, Array(sealed.sealed.prefix(24))]
        let seed = try SlotSeed(hexadecimal: KnownAnswer.aliceSeed)
        let again = try SlotSecrets.SealedSeed(
            seed,
            passphrase: secret(KnownAnswer.passphrase),
            cost: .minimum,
            slot: alice.slot,
            vaultID: header.open.vaultID,
            random: Randomness { buffer in
                buffer.copyBytes(from: buffer.count == 32 ? salts[0] : salts[1])
            }
        )
        #expect(again == sealed)
    }

    @Test func `the record comes out the same under the same salt`() throws {
        let address = Self.record.address
        let vaultID = hex(KnownAnswer.vaultID)
        #expect(address.context(vaultID: vaultID, epoch: 1) == hex(KnownAnswer.recordContext))
        let sealed = try Seal.seal(
            secret(KnownAnswer.recordPlaintext),
            key: secret(hex(KnownAnswer.subkeys["record"] ?? "")),
            context: address.context(vaultID: vaultID, epoch: 1),
            salt: Array(Self.record.sealed.prefix(24))
        )
        #expect(sealed == Self.record.sealed)
    }

    @Test(.enabled(if: Wycheproof.folder != nil, "PURSER_VECTORS names no folder"))
    func `the shared file holds this answer`() throws {
        let folder = try #require(Wycheproof.folder)
        let url = URL(fileURLWithPath: "\(folder)/vault_kat.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        for part in [
            KnownAnswer.header, KnownAnswer.headerID, KnownAnswer.manifestMAC,
            KnownAnswer.recordSealed,
        ] {
            #expect(text.contains("\"\(part)\""))
        }
    }
}
