import Foundation
import PurserCore
import Testing

@testable import PurserVault

struct SecretTests {
    @Test func `its pages are locked and left out of dumps and forks`() throws {
        try secret("a marked secret").withBytes { bytes in
            let flags = try #require(Self.flags(of: UInt(bitPattern: bytes.baseAddress)))
            #expect(flags.contains("lo"), "locked")
            #expect(flags.contains("dd"), "not dumped")
            #expect(flags.contains("dc"), "not given to children")
        }
    }

    /// The kernel's flags of the mapping that begins at an address.
    private static func flags(of address: UInt) -> [String]? {
        guard let file = FileHandle(forReadingAtPath: "/proc/self/smaps"),
            let data = try? file.readToEnd()
        else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        var isInside = false
        for line in text.split(separator: "\n") {
            let range = line.prefix { $0 != " " }.split(separator: "-")
            if range.count == 2, let start = UInt(range[0], radix: 16),
                let end = UInt(range[1], radix: 16)
            {
                isInside = (start..<end).contains(address)
            } else if isInside, line.hasPrefix("VmFlags:") {
                return line.split(separator: " ").map(String.init)
            }
        }
        return nil
    }

    @Test func `equality looks at all bytes`() throws {
        for (other, expected) in [("abc", true), ("abd", false), ("ab", false), ("abcd", false)] {
            let isEqual = try Secret.equal(secret("abc"), secret(other))
            #expect(isEqual == expected)
        }
    }

    @Test func `an error while filling leaves no secret`() {
        #expect(throws: VaultError.randomness) {
            _ = try Secret(capacity: 8) { _ in throw VaultError.randomness }
        }
    }

    @Test func `random bytes differ and come in any number`() throws {
        let random = Randomness.system
        #expect(try random.bytes(32) != random.bytes(32))
        #expect(try random.bytes(0).isEmpty)
    }

    @Test func `NFC and NFD of a passphrase give one key`() throws {
        let block = PassphraseBlock(cost: PassphraseCost(logN: 15), salt: [UInt8](0..<32))
        let composed = try block.key(from: secret("Gr\u{00FC}\u{00DF}e"))
        let decomposed = try block.key(from: secret("Gru\u{0308}\u{00DF}e"))
        #expect(composed.copied() == decomposed.copied())
    }

    @Test func `an unusable passphrase is refused`() throws {
        let block = PassphraseBlock(cost: PassphraseCost(logN: 15), salt: [UInt8](0..<32))
        for bytes in [[], [0xFF, 0xFE], [UInt8](repeating: 0x61, count: 4097)] as [[UInt8]] {
            let found = failure { try block.key(from: secret(bytes)) }
            #expect(found?.kind == .invalidInput)
        }
    }

    @Test func `calibration stays between the least and the most`() throws {
        for (took, expected) in [(800, 17), (400, 18), (150, 19), (60, 20), (1, 20)] {
            let cost = try PassphraseCost.calibrated { _ in .milliseconds(took) }
            #expect(cost.logN == expected, "\(took) ms")
        }
    }
}
