/// Reads big-endian fields and refuses to read past the end.
struct ByteReader {
    /// The bytes end inside a field, or go on after the last.
    struct Misfit: Error {}

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: some Collection<UInt8>) {
        self.bytes = ArraySlice(bytes)
        self.position = self.bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func take(_ count: Int) throws(Misfit) -> [UInt8] {
        guard count <= bytes.endIndex - position else { throw Misfit() }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func integer<Number: FixedWidthInteger>(
        _: Number.Type = Number.self
    ) throws(Misfit) -> Number {
        try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number($1) }
    }

    func finish() throws(Misfit) {
        guard isAtEnd else { throw Misfit() }
    }
}

extension FixedWidthInteger {
    /// Big-endian.
    var bytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: self >> Self($0))
        }
    }
}

extension Collection<UInt8> {
    /// Two lower-case digits a byte.
    package var hexadecimal: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(count * 2)
        for byte in self {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? 48 + nibble : 87 + nibble)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Fails unless every two characters are hexadecimal digits.
    package init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
