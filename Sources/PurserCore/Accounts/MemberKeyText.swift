/// The text of a member's key: `psr_<id>_<secret><checksum>` with an underscore between each part, 63 characters.
///
/// The prefix lets scanners find a key that was published, the checksum tells a typing mistake from a wrong key without
/// a look at the books, and the id is what lists and the audit trail show.
package struct MemberKeyText: Sendable {
    /// Eight characters.
    package let id: String
    /// 256 random bits.
    package let secret: [UInt8]

    package static let prefix = "psr"
    /// How many random bytes `init(random:)` takes.
    package static let randomBytes = 40
    private static let widths = (id: 8, secret: 43, checksum: 6)

    /// Makes a key of 40 random bytes: 8 for the id, 32 for the secret.
    package init?(random bytes: [UInt8]) {
        guard bytes.count == Self.randomBytes else { return nil }
        let digits = Base62.digits(of: Array(bytes.prefix(8)), width: 11)
        id = String(decoding: digits.suffix(Self.widths.id), as: UTF8.self)
        secret = Array(bytes.suffix(32))
    }

    /// Reads a key exactly as `text` writes it; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        let widths = Self.widths
        guard parts.count == 4, parts[0].elementsEqual(Self.prefix.utf8),
            parts[1].count == widths.id, parts[2].count == widths.secret,
            parts[3].count == widths.checksum, parts[1].allSatisfy(Base62.isDigit),
            let secret = Base62.bytes(of: parts[2], count: 32),
            parts[3].elementsEqual(Self.checksum(of: bytes.dropLast(widths.checksum + 1)))
        else { return nil }
        // A number has one spelling in so many digits, so nothing else writes the same key.
        id = String(decoding: parts[1], as: UTF8.self)
        self.secret = secret
    }

    /// The whole key, in ASCII: to be shown once and not kept.
    package var text: [UInt8] {
        var text = Array("\(Self.prefix)_\(id)_".utf8)
        text += Base62.digits(of: secret, width: Self.widths.secret)
        let checksum = Self.checksum(of: text[...])
        text.append(UInt8(ascii: "_"))
        return text + checksum
    }

    /// Of all that stands before it, in digits.
    private static func checksum(of text: ArraySlice<UInt8>) -> [UInt8] {
        let checksum = CRC32.checksum(of: text)
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
        return Base62.digits(of: bytes, width: widths.checksum)
    }
}

/// Numbers in the digits 0–9, A–Z and a–z.
private enum Base62 {
    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
    )

    static func isDigit(_ byte: UInt8) -> Bool { value(of: byte) != nil }

    /// A big-endian number in exactly `width` digits, which must be enough for it.
    static func digits(of bytes: [UInt8], width: Int) -> [UInt8] {
        var number = bytes
        var digits: [UInt8] = []
        for _ in 0..<width {
            var rest = 0
            for index in number.indices {
                let value = rest << 8 | Int(number[index])
                number[index] = UInt8(value / 62)
                rest = value % 62
            }
            digits.append(alphabet[rest])
        }
        return digits.reversed()
    }

    /// The number that the digits write, big-endian in `count` bytes; `nil` where it needs more, or one is no digit.
    static func bytes(of digits: some Sequence<UInt8>, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        for digit in digits {
            guard var carry = value(of: digit) else { return nil }
            for index in bytes.indices.reversed() {
                let value = Int(bytes[index]) * 62 + carry
                bytes[index] = UInt8(truncatingIfNeeded: value)
                carry = value >> 8
            }
            if carry > 0 { return nil }
        }
        return bytes
    }

    private static func value(of byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x5A: Int(byte) - 0x41 + 10
        case 0x61...0x7A: Int(byte) - 0x61 + 36
        default: nil
        }
    }
}

/// The checksum of Ethernet and zip files (reflected, polynomial 0xEDB88320).
private enum CRC32 {
    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
