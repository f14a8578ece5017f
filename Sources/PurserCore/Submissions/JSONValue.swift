/// A whole JSON text as a tree, for answers that are read and not passed on changed.
///
/// Strict: a duplicate key, a comment, more than `nodeLimit` values or a nesting beyond the scanner's
/// limit is no value at all. A number keeps its spelling, so that nobody rounds or guesses one.
package enum JSONValue: Sendable, Equatable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case number(String)
    case boolean(Bool)
    case null

    package static let nodeLimit = 100_000

    /// `nil` unless the bytes are one JSON value and nothing else.
    package init?(_ bytes: [UInt8]) {
        var budget = Self.nodeLimit
        guard var scanner = try? JSONScanner(bytes, dialect: .strict),
            (try? scanner.skipBlanks()) != nil,
            let value = try? Self.read(&scanner, &budget),
            (try? scanner.finish()) != nil
        else { return nil }
        self = value
    }

    /// A member of an object; `nil` for a null too, which in this protocol says the same as nothing.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else {
            return nil
        }
        return value
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// A whole number spelled as one: `680`, but neither `680.0`, `6.8e2` nor `"680"`.
    package var integer: Int64? {
        if case .number(let spelling) = self { Int64(spelling) } else { nil }
    }

    private static func read(
        _ scanner: inout JSONScanner,
        _ budget: inout Int
    ) throws(RequestBodyError) -> JSONValue {
        budget -= 1
        guard budget > 0 else { throw scanner.error(.tooLarge(limit: nodeLimit)) }
        switch try scanner.kind() {
        case .object: return try readObject(&scanner, &budget)
        case .array:
            var elements: [JSONValue] = []
            try scanner.readArray { (scanner, _) throws(RequestBodyError) in
                elements.append(try read(&scanner, &budget))
            }
            return .array(elements)
        case .string: return .string(scanner.text(of: try scanner.readString()))
        case .number:
            let place = try scanner.readNumber()
            return .number(String(decoding: scanner.bytes[place], as: UTF8.self))
        case .boolean:
            let isTrue = scanner.next == UInt8(ascii: "t")
            try scanner.skipValue()
            return .boolean(isTrue)
        case .null:
            try scanner.skipValue()
            return .null
        }
    }

    private static func readObject(
        _ scanner: inout JSONScanner,
        _ budget: inout Int
    ) throws(RequestBodyError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            let name = scanner.text(of: key)
            let value = try read(&scanner, &budget)
            guard members.updateValue(value, forKey: name) == nil else {
                throw scanner.error(.duplicateKey(name))
            }
        }
        return .object(members)
    }
}

extension String {
    /// As a JSON string, with its quotes; nothing is escaped that need not be.
    package var jsonQuoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\":
                text.unicodeScalars.append("\\")
                text.unicodeScalars.append(scalar)
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
