/// Where each table and key of a TOML document stands.
///
/// TOMLKit tells positions of syntax errors only; what is wrong in meaning deserves a line too. The
/// scan follows strings, comments, dotted and quoted keys, inline tables and arrays of tables. Of a
/// document that TOMLKit then refuses, the lines mean nothing, but any bytes end the scan.
struct SourceLines: Sendable {
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    typealias Path = [Step]

    /// Deeper paths than any setting has are not kept: a hostile file must not cost memory.
    fileprivate static let deepest = 6

    /// The most names in one key, and levels in one value.
    fileprivate static let nestingLimit = 64

    private let lines: [Path: Int]
    /// The first line that nests too deeply.
    ///
    /// TOMLKit has no limit for dotted keys and would overflow the stack: such a document must not
    /// reach it.
    let tooDeep: Int?
    /// The first line that writes a NUL as an escape; TOMLKit would cut the text there.
    let escapedNUL: Int?
    /// The first mistake at which TOMLKit's parser would end the process, or name what no person wrote.
    let mistake: Mistake?

    struct Mistake: Sendable {
        let line: Int
        let words: String
    }

    init(_ document: some Sequence<UInt8>) {
        var scan = Scan(bytes: Array(document))
        scan.document()
        lines = scan.lines
        tooDeep = scan.tooDeep
        escapedNUL = scan.escapedNUL
        mistake = scan.mistake
    }

    /// The line, from 1, where `path` is first named, or else what encloses it.
    func line(of path: Path) -> Int {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return 1
    }
}

private struct Scan {
    let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private(set) var lines: [SourceLines.Path: Int] = [:]
    private(set) var escapedNUL: Int?
    private(set) var mistake: SourceLines.Mistake?
    private(set) var tooDeep: Int?
    private var depth = 0
    /// How many tables each `[[array]]` has had so far.
    private var elements: [SourceLines.Path: Int] = [:]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func document() {
        var table: SourceLines.Path = []
        skipBlank()
        while position < bytes.count {
            let before = position
            if at("[") { table = header() } else { assignment(in: table) }
            skipBlank()
            if position == before { position += 1 }
        }
    }

    private mutating func header() -> SourceLines.Path {
        position += 1
        let isArray = at("[")
        if isArray { position += 1 }
        skipSpaces()
        if position == bytes.count || !(beginsName || at("]")) { note("a table has no name") }
        let names = dottedKey()
        while at("]") { position += 1 }
        var path: SourceLines.Path = []
        for (index, name) in names.enumerated() {
            append(.key(name), to: &path)
            record(path)
            if isArray, index == names.count - 1 {
                let count = elements[path, default: 0]
                elements[path] = count + 1
                append(.index(count), to: &path)
                record(path)
            } else if let count = elements[path] {
                append(.index(count - 1), to: &path)
            }
        }
        return path
    }

    private mutating func assignment(in table: SourceLines.Path) {
        var path = table
        for name in dottedKey() {
            append(.key(name), to: &path)
            record(path)
        }
        skipSpaces()
        if at("=") { position += 1 }
        skipSpaces()
        value(at: path)
    }

    private mutating func value(at path: SourceLines.Path) {
        guard position < bytes.count else { return }
        depth += 1
        defer { depth -= 1 }
        if depth > SourceLines.nestingLimit {
            giveUp()
        } else if at("\"") || at("'") {
            _ = string()
        } else if at("[") {
            items(closedBy: "]") { scan, index in
                if scan.at("}") || scan.bytes[scan.position] >= 0x80 {
                    scan.note("a list holds something that is no value")
                }
                var item = path
                scan.append(.index(index), to: &item)
                scan.record(item)
                scan.value(at: item)
            }
        } else if at("{") {
            items(closedBy: "}") { scan, _ in scan.assignment(in: path) }
        } else {
            let start = position
            while position < bytes.count, !isOne(of: ",]}#\n") { position += 1 }
            if isDateWithoutTime(bytes[start..<position]) { note("a date has no time after it") }
        }
    }

    /// Whether a `T` or a blank follows a date, as before a time, and then no digit.
    private func isDateWithoutTime(_ value: ArraySlice<UInt8>) -> Bool {
        let shape = value.prefix(12).map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
        let rest = shape.dropFirst(10)
        guard shape.starts(with: "0000-00-00".utf8), let sign = rest.first else { return false }
        let isBlank = value.dropFirst(10).allSatisfy { " \t\r".utf8.contains($0) }
        return "Tt ".utf8.contains(sign) && !isBlank && rest.dropFirst().first != UInt8(ascii: "0")
    }

    private mutating func items(
        closedBy close: Unicode.Scalar,
        item: (inout Scan, Int) -> Void
    ) {
        position += 1
        var index = 0
        skipBlank()
        while position < bytes.count, !at(close) {
            let before = position
            item(&self, index)
            index += 1
            skipBlank()
            if at(",") { position += 1 }
            skipBlank()
            if position == before { position += 1 }
        }
        position += 1
    }

    private mutating func dottedKey() -> [String] {
        var names: [String] = []
        while true {
            skipSpaces()
            if at("\"") || at("'") {
                names.append(string())
            } else {
                let start = position
                while position < bytes.count, !isOne(of: ".=] \t\n\r") { position += 1 }
                names.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipSpaces()
            if names.count > SourceLines.nestingLimit { giveUp() }
            guard at(".") else { return names }
            position += 1
        }
    }

    private mutating func note(_ words: String, at line: Int? = nil) {
        mistake = mistake ?? SourceLines.Mistake(line: line ?? self.line, words: words)
    }

    private mutating func giveUp() {
        tooDeep = tooDeep ?? line
        position = bytes.count
    }

    /// Reads past a string of any of the four kinds, and answers what it says.
    private mutating func string() -> String {
        let start = line
        let quote = bytes[position]
        let isLong = bytes[position...].starts(with: [quote, quote, quote])
        position += isLong ? 3 : 1
        var text: [UInt8] = []
        while position < bytes.count {
            if bytes[position] == quote {
                guard isLong else { break }
                if bytes[position...].starts(with: [quote, quote, quote]) { break }
            }
            if !isLong, at("\n") { break }
            if quote == UInt8(ascii: "\""), at("\\") {
                escape(into: &text)
            } else {
                if at("\n") { line += 1 }
                text.append(bytes[position])
                position += 1
            }
        }
        if position >= bytes.count || at("\n") { note("a text has no closing quote", at: start) }
        position += isLong ? 3 : 1
        // A long string may end in one or two quotes of its own, before the three that close it.
        while isLong, position < bytes.count, bytes[position] == quote { position += 1 }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func escape(into text: inout [UInt8]) {
        position += 1
        guard position < bytes.count else { return }
        let letter = bytes[position]
        if letter == UInt8(ascii: "\n") { line += 1 }
        position += 1
        let digits = letter == UInt8(ascii: "u") ? 4 : letter == UInt8(ascii: "U") ? 8 : 0
        guard digits == 0 else {
            let end = min(position + digits, bytes.count)
            let number = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
            position = end
            if number == 0 { escapedNUL = escapedNUL ?? line }
            guard let scalar = number.flatMap(Unicode.Scalar.init) else { return }
            text.append(contentsOf: String(Character(scalar)).utf8)
            return
        }
        let short: [Character: UInt8] = ["b": 8, "t": 9, "n": 10, "f": 12, "r": 13]
        text.append(short[Character(Unicode.Scalar(letter))] ?? letter)
    }

    private mutating func skipBlank() {
        while position < bytes.count {
            if at("#") {
                while position < bytes.count, !at("\n") { position += 1 }
            } else if isOne(of: " \t\r\n") {
                if at("\n") { line += 1 }
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func skipSpaces() {
        while position < bytes.count, isOne(of: " \t") { position += 1 }
    }

    private var beginsName: Bool {
        let byte = bytes[position]
        return at("\"") || at("'") || isNameByte(byte) && byte != UInt8(ascii: ".")
    }

    private func at(_ scalar: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: scalar)
    }

    private func isOne(of scalars: StaticString) -> Bool {
        scalars.withUTF8Buffer { $0.contains(bytes[position]) }
    }

    private mutating func record(_ path: SourceLines.Path) {
        guard path.count <= SourceLines.deepest, lines[path] == nil else { return }
        lines[path] = line
    }

    /// One step beyond the deepest stands for all that lie deeper and are never recorded.
    private func append(_ step: SourceLines.Step, to path: inout SourceLines.Path) {
        if path.count <= SourceLines.deepest { path.append(step) }
    }
}
