/// Bech32 (BIP 173), upper case: the text form of keys.
///
/// Works from buffer to buffer, so that a key's text need not pass through ordinary memory.
enum Bech32 {
    struct Malformed: Error {}

    private static let alphabet = Array("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".utf8)
    private static let checksumSize = 6

    /// The length of the text for `count` bytes.
    static func textSize(prefix: String, count: Int) -> Int {
        prefix.utf8.count + 1 + (count * 8 + 4) / 5 + checksumSize
    }

    /// Writes the prefix, a `1`, the data and a checksum; the prefix is upper case and ASCII.
    static func encode(
        prefix: String,
        _ data: UnsafeRawBufferPointer,
        emit: (UInt8) -> Void
    ) {
        var checksum = Checksum(prefix: prefix)
        for character in prefix.utf8 { emit(character) }
        emit(UInt8(ascii: "1"))
        func put(_ group: UInt8) {
            checksum.feed(group)
            emit(alphabet[Int(group)])
        }
        var pending: UInt16 = 0
        var bits = 0
        for index in 0..<data.count {
            pending = unsafe (pending & 0x1F) << 8 | UInt16(data[index])
            bits += 8
            while bits >= 5 {
                bits -= 5
                put(UInt8(truncatingIfNeeded: pending >> UInt16(bits)) & 0x1F)
            }
        }
        if bits > 0 { put(UInt8(truncatingIfNeeded: pending << UInt16(5 - bits)) & 0x1F) }
        for group in checksum.final { emit(alphabet[Int(group)]) }
    }

    /// Reads what `encode` writes; the checksum finds any four wrong characters.
    static func decode(
        prefix: String,
        _ text: UnsafeRawBufferPointer,
        emit: (UInt8) -> Void
    ) throws(Malformed) {
        let head = Array(prefix.utf8) + [UInt8(ascii: "1")]
        guard text.count >= head.count + checksumSize, unsafe text.starts(with: head) else {
            throw Malformed()
        }
        var checksum = Checksum(prefix: prefix)
        let last = text.count - checksumSize
        var pending: UInt16 = 0
        var bits = 0
        for index in head.count..<text.count {
            guard let group = unsafe alphabet.firstIndex(of: text[index]) else { throw Malformed() }
            checksum.feed(UInt8(group))
            guard index < last else { continue }
            pending = (pending & 0x7F) << 5 | UInt16(group)
            bits += 5
            if bits >= 8 {
                bits -= 8
                emit(UInt8(truncatingIfNeeded: pending >> UInt16(bits)))
            }
        }
        // What is left over is padding: fewer than five bits, all zero.
        guard checksum.isValid, bits < 5, pending & (1 << UInt16(bits) - 1) == 0 else {
            throw Malformed()
        }
    }

    private struct Checksum {
        private var state: UInt32 = 1

        init(prefix: String) {
            // BIP 173 computes the checksum over the prefix in lower case.
            let characters = prefix.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            for character in characters { feed(character >> 5) }
            feed(0)
            for character in characters { feed(character & 0x1F) }
        }

        mutating func feed(_ group: UInt8) {
            let top = state >> 25
            state = (state & 0x1FF_FFFF) << 5 ^ UInt32(group)
            let generator: [UInt32] = [
                0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
            ]
            for (bit, term) in generator.enumerated() where top >> UInt32(bit) & 1 == 1 {
                state ^= term
            }
        }

        var isValid: Bool { state == 1 }

        var final: [UInt8] {
            var ending = self
            for _ in 0..<6 { ending.feed(0) }
            let value = ending.state ^ 1
            return (0..<6).map { UInt8(truncatingIfNeeded: value >> UInt32(5 * (5 - $0))) & 0x1F }
        }
    }
}
