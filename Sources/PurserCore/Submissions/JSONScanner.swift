/// Which JSON is taken.
package enum JSONDialect: Sendable {
    /// RFC 8259 and nothing else.
    case strict
    /// With `//` and `/* */` comments and trailing commas, which are left out of what is passed on.
    case relaxed
}

/// A string among the bytes: what is between its quotes.
struct JSONString {
    let content: Range<Int>
    let isEscaped: Bool

    /// With the quotes.
    var quoted: Range<Int> { content.lowerBound - 1..<content.upperBound + 1 }
}

/// Reads JSON from bytes in one pass and keeps the places, so that a caller can change a value and leave
/// every other byte alone.
///
/// There is no tree: a caller gives a closure for the members it wants and skips the others, which
/// checks them all the same. Every error names its line, column and path.
struct JSONScanner {
    enum Kind {
        case object
        case array
        case string
        case number
        case boolean
        case null
    }

    enum Step {
        case key(JSONString)
        case index(Int)
    }

    static let depthLimit = 64
    static let sizeLimit = 32 << 20

    let bytes: [UInt8]
    let end: Int
    /// What stands between the bytes but is not among them: plain text inside of strings.
    let holes: [Payload.Hole]
    let dialect: JSONDialect
    /// Where the next byte is read.
    var offset: Int
    /// Comments and trailing commas; not in order.
    private(set) var removals: [Range<Int>] = []
    /// The way to the value that is being read.
    private(set) var path: [Step] = []
    private var depth = 0

    /// Checks size and UTF-8 at once, so that what is read later needs no checking again.
    init(
        _ bytes: [UInt8],
        in range: Range<Int>? = nil,
        holes: [Payload.Hole] = [],
        dialect: JSONDialect
    ) throws(RequestBodyError) {
        let range = range ?? 0..<bytes.count
        self.bytes = bytes
        self.holes = holes
        self.dialect = dialect
        offset = range.lowerBound
        end = range.upperBound
        let size = holes.reduce(range.count) { $0 + $1.source.count }
        guard size <= Self.sizeLimit else { throw error(.tooLarge(limit: Self.sizeLimit)) }
        do {
            _ = try UTF8Span(validating: bytes.span.extracting(range))
        } catch {
            let place = range.lowerBound + error.byteOffsets.lowerBound
            throw self.error(.notUTF8, at: place)
        }
        if bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) { throw error(.byteOrderMark) }
    }

    var next: UInt8? { offset < end ? bytes[offset] : nil }

    /// The kind of the value that begins here.
    func kind() throws(RequestBodyError) -> Kind {
        switch next {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: .number
        default: throw unexpected("a value")
        }
    }
}

// MARK: - Containers

extension JSONScanner {
    /// Reads an object; `member` is called at each value and must read or skip it.
    mutating func readObject(
        _ member: (inout JSONScanner, JSONString) throws(RequestBodyError) -> Void
    ) throws(RequestBodyError) {
        try open(UInt8(ascii: "{"), "an object")
        if try closes(UInt8(ascii: "}")) { return }
        repeat {
            let key = try readKey()
            try skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw unexpected("a colon") }
            try skipBlanks()
            path.append(.key(key))
            try member(&self, key)
            path.removeLast()
        } while try continues(until: UInt8(ascii: "}"))
    }

    /// Reads an array; `element` is called at each value and must read or skip it.
    mutating func readArray(
        _ element: (inout JSONScanner, Int) throws(RequestBodyError) -> Void
    ) throws(RequestBodyError) {
        try open(UInt8(ascii: "["), "an array")
        if try closes(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            path.append(.index(index))
            try element(&self, index)
            path.removeLast()
            index += 1
        } while try continues(until: UInt8(ascii: "]"))
    }

    private mutating func open(_ bracket: UInt8, _ what: String) throws(RequestBodyError) {
        guard next == bracket else { throw wrongType(expected: what) }
        guard depth < Self.depthLimit else { throw error(.tooDeep(limit: Self.depthLimit)) }
        depth += 1
        offset += 1
        try skipBlanks()
    }

    private mutating func closes(_ bracket: UInt8) throws(RequestBodyError) -> Bool {
        guard take(bracket) else { return false }
        depth -= 1
        return true
    }

    /// Whether another member follows; past the closing bracket when none does.
    private mutating func continues(until bracket: UInt8) throws(RequestBodyError) -> Bool {
        try skipBlanks()
        if try closes(bracket) { return false }
        let comma = offset
        guard take(UInt8(ascii: ",")) else {
            throw unexpected("a comma or '\(Character(UnicodeScalar(bracket)))'")
        }
        try skipBlanks()
        guard next == bracket else { return true }
        guard dialect == .relaxed else { throw error(.trailingComma, at: comma) }
        removals.append(comma..<comma + 1)
        return try !closes(bracket)
    }

    private mutating func readKey() throws(RequestBodyError) -> JSONString {
        switch next {
        case UInt8(ascii: "\""): return try readName()
        case UInt8(ascii: "'"), UInt8(ascii: "_"), UInt8(ascii: "$"),
            (UInt8(ascii: "a")...UInt8(ascii: "z"))?, (UInt8(ascii: "A")...UInt8(ascii: "Z"))?:
            throw error(.looserSpelling("the key is not in double quotes"))
        default: throw unexpected("a key in double quotes")
        }
    }
}

// MARK: - Between values

extension JSONScanner {
    /// Goes past whitespace and, where they are taken, comments.
    mutating func skipBlanks() throws(RequestBodyError) {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    /// Goes past what may follow the last value, and refuses anything else.
    mutating func finish() throws(RequestBodyError) {
        try skipBlanks()
        if let next { throw error(next == 0 ? .nulByte : .textAfterBody) }
    }

    private mutating func skipComment() throws(RequestBodyError) {
        let start = offset
        let second = start + 1 < end ? bytes[start + 1] : nil
        guard second == UInt8(ascii: "/") || second == UInt8(ascii: "*") else {
            throw unexpected("a value, a bracket or a comma")
        }
        guard dialect == .relaxed else { throw error(.comment) }
        offset += 2
        if second == UInt8(ascii: "/") {
            while let next, next != 0x0A { offset += 1 }
        } else {
            while offset + 1 < end,
                bytes[offset] != UInt8(ascii: "*") || bytes[offset + 1] != UInt8(ascii: "/")
            {
                offset += 1
            }
            guard offset + 1 < end else {
                throw error(.endsEarly(expected: "the end of a comment"), at: end)
            }
            offset += 2
        }
        removals.append(start..<offset)
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }
}
