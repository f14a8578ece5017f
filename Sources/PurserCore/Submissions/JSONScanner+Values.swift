extension JSONScanner {
    /// Checks a value of any kind and goes past it.
    mutating func skipValue() throws(RequestBodyError) {
        switch try kind() {
        case .object:
            try readObject { (scanner, _) throws(RequestBodyError) in try scanner.skipValue() }
        case .array:
            try readArray { (scanner, _) throws(RequestBodyError) in try scanner.skipValue() }
        case .string: _ = try readString()
        case .number: _ = try readNumber()
        case .boolean: try readWord(next == UInt8(ascii: "t") ? "true" : "false")
        case .null: try readWord("null")
        }
    }

    /// Reads a string; anything else is of the wrong type.
    mutating func readString() throws(RequestBodyError) -> JSONString {
        guard next == UInt8(ascii: "\"") else { throw wrongType(expected: "a string") }
        var index = offset + 1
        let start = index
        var isEscaped = false
        while index < end {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                offset = index + 1
                return JSONString(content: start..<index, isEscaped: isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                index += try escapeLength(at: index)
            } else if byte >= 0x20 {
                index += 1
            } else {
                throw error(byte == 0 ? .nulByte : .controlCharacter, at: index)
            }
        }
        throw error(.endsEarly(expected: "the end of a string"), at: end)
    }

    /// Reads a string whose text matters, so that all of it must be there.
    mutating func readName() throws(RequestBodyError) -> JSONString {
        let start = offset
        let name = try readString()
        // A hole before the closing quote is in it, one before the opening quote cannot be.
        if holes.contains(where: { name.quoted.contains($0.place) }) {
            throw error(.tooLong, at: start)
        }
        return name
    }

    private func escapeLength(at index: Int) throws(RequestBodyError) -> Int {
        guard index + 1 < end else { return 1 }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            let digits = bytes[index + 2..<min(index + 6, end)]
            guard digits.allSatisfy(Self.isHexDigit) else { throw error(.badEscape, at: index) }
            return 2 + digits.count
        default: throw error(.badEscape, at: index)
        }
    }

    /// Reads a number by RFC 8259's grammar and returns its place: how it is spelled is its value.
    mutating func readNumber() throws(RequestBodyError) -> Range<Int> {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let whole = takeDigits()
        guard whole == 1 || whole > 1 && bytes[offset - whole] != UInt8(ascii: "0") else {
            throw error(.badNumber, at: start)
        }
        if take(UInt8(ascii: ".")), takeDigits() == 0 { throw error(.badNumber, at: start) }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if takeDigits() == 0 { throw error(.badNumber, at: start) }
        }
        if let next, Self.isWordByte(next) { throw error(.badNumber, at: start) }
        return start..<offset
    }

    private mutating func takeDigits() -> Int {
        let start = offset
        while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { offset += 1 }
        return offset - start
    }

    private mutating func readWord(_ word: StaticString) throws(RequestBodyError) {
        let start = offset
        while let next, Self.isWordByte(next) { offset += 1 }
        guard bytes[start..<offset].elementsEqual(word.description.utf8) else {
            throw unexpected("a value", at: start)
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
