import Foundation
import PurserCore

/// What scrypt costs for a passphrase slot: `N = 2^logN`, with `r` = 8 and `p` = 1.
package struct PassphraseCost: Sendable, Equatable {
    /// Half a second and 128 MiB on a small machine; OWASP's minimum.
    package static let minimum = PassphraseCost(logN: 17)
    static let written: ClosedRange<UInt8> = 17...20
    static let readable: ClosedRange<UInt8> = 15...20

    /// A reader accepts 15…20; tests may go below what the product writes.
    package let logN: UInt8

    /// The cost, between the least and the most this format writes, that takes this machine the
    /// half to one and a half seconds an unlock may take.
    ///
    /// `measure` says how long some work takes; it is passed in, as rules read no clock.
    package static func calibrated(
        measure: (() throws -> Void) throws -> Duration
    ) throws -> PassphraseCost {
        let probe = try Secret(copying: Array("purser".utf8))
        let base = try measure {
            _ = try OpenSSL.scrypt(
                probe,
                salt: Array("calibration".utf8),
                logN: minimum.logN
            )
        }
        var cost = minimum
        var expected = base
        while cost.logN < written.upperBound, expected * 2 <= .milliseconds(1500),
            expected < .milliseconds(500)
        {
            cost = PassphraseCost(logN: cost.logN + 1)
            expected *= 2
        }
        return cost
    }
}

/// The key derivation block of a passphrase slot: `kdf=1: logN u8 | r u32 | p u32 | salt 32`.
struct PassphraseBlock: Equatable, Sendable {
    static let maximumPassphrase = 4096
    /// Characters of a new passphrase; old ones open whatever they are.
    static let shortestNew = 8

    let logN: UInt8
    let r: UInt32
    let p: UInt32
    let salt: [UInt8]

    /// The 42 bytes as they stand in the header, with the leading `kdf` byte.
    var encoded: [UInt8] { [1, logN] + r.bytes + p.bytes + salt }

    init(cost: PassphraseCost, salt: [UInt8]) {
        self.logN = cost.logN
        self.r = 8
        self.p = 1
        self.salt = salt
    }

    /// Reads what follows the `kdf` byte.
    init(from reader: inout ByteReader) throws(ByteReader.Misfit) {
        logN = try reader.integer()
        r = try reader.integer()
        p = try reader.integer()
        salt = try reader.take(32)
    }

    /// Refuses a weakened slot, and one made to exhaust memory, before anything is derived.
    func checkPolicy() throws(VaultError) {
        guard PassphraseCost.readable.contains(logN) else {
            throw .kdfPolicy("scrypt with N = 2^\(logN), not 2^15…2^20")
        }
        guard r == 8, p == 1 else { throw .kdfPolicy("scrypt with r = \(r), p = \(p)") }
    }

    /// Refuses a new passphrase that is guessed whatever scrypt costs.
    static func checkNew(_ passphrase: borrowing Secret) throws {
        let text = try normalized(passphrase)
        // Bytes that go on with a character do not count.
        let count = unsafe text.withBytes { bytes in
            unsafe bytes.count { $0 & 0xC0 != 0x80 }
        }
        guard count >= shortestNew else { throw VaultError.weakPassphrase(characters: count) }
    }

    func key(from passphrase: borrowing Secret) throws -> Secret {
        try checkPolicy()
        let text = try Self.normalized(passphrase)
        return try OpenSSL.scrypt(
            text,
            salt: Array("purser/v1/scrypt".utf8) + salt,
            logN: logN
        )
    }

    /// NFC, so that the same passphrase typed on another system gives the same key.
    ///
    /// ASCII is its own NFC and never leaves locked memory; other text has to pass through a `String`.
    static func normalized(_ passphrase: borrowing Secret) throws -> Secret {
        guard passphrase.count > 0 else { throw VaultError.unusable("the passphrase is empty") }
        guard passphrase.count <= maximumPassphrase else {
            throw VaultError.unusable("the passphrase is longer than \(maximumPassphrase) bytes")
        }
        return try unsafe passphrase.withBytes { bytes in
            if unsafe bytes.allSatisfy({ $0 < 0x80 }) { return try unsafe Secret(copying: bytes) }
            guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
                throw VaultError.unusable("the passphrase is not UTF-8")
            }
            return try Secret(copying: text.precomposedStringWithCanonicalMapping.utf8)
        }
    }
}
