import PurserCore
import Testing

@testable import PurserVault

/// AES-GCM alone lets somebody build one ciphertext that opens under two keys; the commitment is why it does not help.
struct CommitmentTests {
    private let context = Array("a slot's seed".utf8)
    private let salt = [UInt8](0..<24)

    @Test func `a blob made for two keys opens under the one it commits to`() throws {
        let first = try Derived(secret([UInt8](repeating: 1, count: 32)), salt, context)
        let second = try Derived(secret([UInt8](repeating: 2, count: 32)), salt, context)
        let body = try Collision(first, second).sealed()
        // The generator is right: bare AES-GCM accepts it under both.
        #expect(try first.opens(body))
        #expect(try second.opens(body))
        let blob = salt + first.commitment + body
        let opened = try Seal.open(
            blob,
            key: secret([UInt8](repeating: 1, count: 32)),
            context: context
        )
        #expect(opened.count == 32)
        #expect(throws: SealFailure.commitment) {
            _ = try Seal.open(blob, key: secret([UInt8](repeating: 2, count: 32)), context: context)
                .count
        }
    }

    @Test func `a slot made for two passphrases opens with one`() throws {
        let block = PassphraseBlock(cost: PassphraseCost(logN: 15), salt: [UInt8](0..<32))
        let keys = try ["correct horse", "battery staple"].map {
            try block.key(from: secret($0)).copied()
        }
        let pair = try keys.map { try Derived(secret($0), salt, context) }
        let blob = salt + pair[0].commitment + (try Collision(pair[0], pair[1]).sealed())
        let outcomes = keys.map { key in
            (try? Seal.open(blob, key: secret(key), context: context).count) != nil
        }
        #expect(outcomes == [true, false])
    }
}

/// What a seal derives from a key, worked out here again.
private struct Derived {
    let key: [UInt8]
    let nonce: [UInt8]
    let commitment: [UInt8]

    init(_ key: borrowing Secret, _ salt: [UInt8], _ context: [UInt8]) throws {
        let info = Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".utf8) + salt + context
        let bytes = try OpenSSL.hkdf(.sha512, key: key, salt: nil, info: info, count: 76).copied()
        self.key = Array(bytes[0..<32])
        nonce = Array(bytes[32..<44])
        commitment = Array(bytes[44..<76])
    }

    func seal(_ plaintext: [UInt8]) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        try output.withUnsafeMutableBytes { output in
            try plaintext.withUnsafeBytes { plaintext in
                try key.withUnsafeBytes {
                    try OpenSSL.sealGCM(key: $0, nonce: nonce, plaintext: plaintext, into: output)
                }
            }
        }
        return output
    }

    func opens(_ sealed: [UInt8]) throws -> Bool {
        var output = [UInt8](repeating: 0, count: sealed.count - 16)
        return try output.withUnsafeMutableBytes { output in
            try sealed.withUnsafeBytes { sealed in
                try key.withUnsafeBytes {
                    try OpenSSL.openGCM(key: $0, nonce: nonce, sealed: sealed, into: output)
                }
            }
        }
    }
}

/// Finds two blocks of ciphertext whose GCM tags agree under two keys.
///
/// The tag of blocks A, B is A·H³ + B·H² + L·H + E over GF(2^128). E and H come from tags of chosen messages; then B is the
/// solution of one linear equation.
private struct Collision {
    private let keys: [Derived]

    init(_ first: Derived, _ second: Derived) { keys = [first, second] }

    func sealed() throws -> [UInt8] {
        // No bits of associated data, 256 of ciphertext.
        let bits = Block(high: 0, low: 256)
        let first = Block(bytes: [UInt8](0..<16))
        let parts = try keys.map { key -> (left: Block, square: Block) in
            let mask = Block(bytes: try key.seal([]))
            let hash = try hashKey(of: key)
            let square = hash * hash
            return (first * (square * hash) + bits * hash + mask, square)
        }
        let second =
            (parts[0].left + parts[1].left) * (parts[0].square + parts[1].square).inverse
        let tag = parts[0].left + second * parts[0].square
        return first.bytes + second.bytes + tag.bytes
    }

    /// Two messages of one block differ in their tags by their difference times H².
    private func hashKey(of key: Derived) throws -> Block {
        let sealed = try [UInt8(0), 1].map { try key.seal([UInt8](repeating: $0, count: 16)) }
        let texts = sealed.map { Block(bytes: Array($0.prefix(16))) }
        let tags = sealed.map { Block(bytes: Array($0.suffix(16))) }
        return ((tags[0] + tags[1]) * (texts[0] + texts[1]).inverse).squareRoot
    }
}

/// An element of GCM's field, its bits in GCM's order.
private struct Block: Equatable {
    var high: UInt64
    var low: UInt64

    static let one = Block(high: 1 << 63, low: 0)

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(bytes: [UInt8]) {
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    var bytes: [UInt8] { high.bytes + low.bytes }

    static func + (a: Block, b: Block) -> Block { Block(high: a.high ^ b.high, low: a.low ^ b.low) }

    static func * (a: Block, b: Block) -> Block {
        var sum = Block(high: 0, low: 0)
        var shifted = b
        for bit in 0..<128 {
            let word = bit < 64 ? a.high : a.low
            if word >> UInt64(63 - bit % 64) & 1 == 1 { sum = sum + shifted }
            let carry = shifted.low & 1
            shifted = Block(high: shifted.high >> 1, low: shifted.low >> 1 | shifted.high << 63)
            if carry == 1 { shifted.high ^= 0xE1 << 56 }
        }
        return sum
    }

    /// The 2^128 − 2nd power.
    var inverse: Block {
        var result = Block.one
        var power = self
        for _ in 1..<128 {
            power = power * power
            result = result * power
        }
        return result
    }

    /// The 2^127th power.
    var squareRoot: Block {
        (0..<127).reduce(self) { value, _ in value * value }
    }
}
