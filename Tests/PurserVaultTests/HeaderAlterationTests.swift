import PurserCore
import Testing

@testable import PurserVault

/// Every byte of a header, changed: no altered header opens, and each says the right thing.
struct HeaderAlterationTests {
    private static let masks: [UInt8] = isFullRun ? Array(1...255) : [0x01, 0x80, 0xFF]
    private static let coreStart = 52
    private static let privateStart = 52 + 375

    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes[..<20]) + Digest.sha256(Array(bytes[..<20] + bytes[52...])) + bytes[52...]
    }

    /// An attacker owns the log as well, and writes the altered header into it.
    private static func image(_ header: [UInt8], as original: VaultImage) -> VaultImage {
        let line = Array(header[..<20] + header[52..<427] + header.suffix(104))
        return original.with(
            header: header,
            log: [HeaderLogEntry(sequence: 1, headerID: Digest.sha256(line), bytes: line)]
        )
    }

    @Test func `plain damage is called damage`() throws {
        let original = try KnownAnswerTests.image()
        let key = Unlocking.key(try SlotSeed(hexadecimal: KnownAnswer.bobSeed))
        var accepted = 0
        for index in original.header.indices {
            for mask in Self.masks {
                var header = original.header
                header[index] ^= mask
                let found = failure {
                    try Vault.unlock(Self.image(header, as: original), with: key, pin: nil)
                }
                switch found {
                case nil: accepted += 1
                case .notAVault: #expect(index < 8)
                case .damaged(.header, _): #expect(index >= 8)
                default: Issue.record("byte \(index) ^ \(mask): \(String(describing: found))")
                }
            }
        }
        #expect(accepted == 0)
    }

    @Test(
        arguments: isFullRun
            ? [KnownAnswer.bobSeed, KnownAnswer.serverSeed] : [KnownAnswer.bobSeed]
    )
    func `with the checksum repaired, nothing is accepted`(seed: String) throws {
        let original = try KnownAnswerTests.image()
        let key = Unlocking.key(try SlotSeed(hexadecimal: seed))
        var accepted = 0
        for index in original.header.indices where !(20..<52).contains(index) {
            for mask in Self.masks {
                var header = original.header
                header[index] ^= mask
                let image = Self.image(Self.repaired(header), as: original)
                let found = failure { try Vault.unlock(image, with: key, pin: nil) }
                if found == nil { accepted += 1 }
                #expect(
                    found.map { Self.fits($0, at: index) } == true,
                    "byte \(index) ^ \(mask): \(String(describing: found))"
                )
            }
        }
        #expect(accepted == 0)
    }

    /// The classes of error that a change at a place may end in.
    private static func fits(_ error: VaultError, at index: Int) -> Bool {
        switch (index, error) {
        case (0..<8, .notAVault), (8..<coreStart, .damaged(.header, _)),
            (8..<10, .tampered), (10..<12, .newerVersion), (coreStart, .unsupportedSuite),
            (coreStart + 1..<coreStart + 101, .tampered),
            (coreStart + 17..<privateStart, .damaged(.header, _)),
            (coreStart + 103..<privateStart, .tampered),
            (coreStart + 103..<privateStart, .wrongIdentity),
            (privateStart..<989, .damaged(.header, _)), (privateStart..<989, .tampered),
            (989..<1021, .tampered), (1021..<1093, .untrusted):
            true
        default: false
        }
    }

    @Test func `no shorter and no longer header opens`() throws {
        let original = try KnownAnswerTests.image()
        let key = Unlocking.key(try SlotSeed(hexadecimal: KnownAnswer.bobSeed))
        for count in 0..<original.header.count {
            let found = failure {
                try Vault.unlock(
                    original.with(header: Array(original.header.prefix(count))),
                    with: key,
                    pin: nil
                )
            }
            switch found {
            case .notAVault: #expect(count < 8)
            case .damaged(.header, _): break
            default: Issue.record("\(count) bytes: \(String(describing: found))")
            }
        }
        for count in 1...199 {
            let longer = original.header + [UInt8](repeating: 0, count: count)
            let found = failure {
                try Vault.unlock(original.with(header: longer), with: key, pin: nil)
            }
            guard case .damaged(.header, _) = found else {
                Issue.record("\(count) bytes more: \(String(describing: found))")
                continue
            }
        }
    }

    @Test func `a weakened or exhausting derivation is refused before it runs`() throws {
        let original = try KnownAnswerTests.image()
        // bob's private slot, then alice's: its length, the kdf byte, logN.
        let logN = Self.privateStart + 139 + 2 + 1
        #expect(original.header[logN] == 17)
        for value in [UInt8(0), 1, 14, 21, 22, 63, 255] {
            var header = original.header
            header[logN] = value
            let found = try unlockAsAlice(Self.image(Self.repaired(header), as: original))
            guard case .kdfPolicy = found else {
                Issue.record("2^\(value): \(String(describing: found))")
                continue
            }
        }
        for (offset, value) in [(4, UInt8(9)), (8, 2)] {
            var header = original.header
            header[logN + offset] = value
            let found = try unlockAsAlice(Self.image(Self.repaired(header), as: original))
            guard case .kdfPolicy = found else {
                Issue.record("r or p: \(String(describing: found))")
                continue
            }
        }
        var header = original.header
        header[logN] = 15
        #expect(
            try unlockAsAlice(Self.image(Self.repaired(header), as: original))
                == .wrongPassphrase(slot: "alice")
        )
    }

    private func unlockAsAlice(_ image: VaultImage) throws -> VaultError? {
        let unlocking = try Unlocking.passphrase(secret(KnownAnswer.passphrase), slot: "alice")
        return failure { try Vault.unlock(image, with: unlocking, pin: nil) }
    }
}
