package import PurserCore

/// A JSON value whose fields keep their order: what `--json` prints and the gateway's own interface answers.
///
/// Numbers are whole; instants are ISO 8601 in UTC with milliseconds.
package enum JSONOutput: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: JSONOutput

        package init(name: String, value: JSONOutput) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONOutput])
    case object([Field])

    /// Over several lines, indented by two spaces, without a line end after it.
    package var pretty: String {
        var text = ""
        write(to: &text, indent: 0)
        return text
    }

    /// On one line: for JSON Lines.
    package var compact: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .string(let value): Self.write(value, to: &text)
        case .array(let items):
            Self.write(items, between: ("[", "]"), to: &text, indent: indent) {
                item,
                text,
                indent in
                item.write(to: &text, indent: indent)
            }
        case .object(let fields):
            Self.write(fields, between: ("{", "}"), to: &text, indent: indent) {
                field,
                text,
                indent in
                Self.write(field.name, to: &text)
                text += indent == nil ? ":" : ": "
                field.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item],
        between brackets: (String, String),
        to text: inout String,
        indent: Int?,
        item write: (Item, inout String, Int?) -> Void
    ) {
        text += brackets.0
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let indent { text += "\n" + String(repeating: " ", count: indent + 2) }
            write(item, &text, indent.map { $0 + 2 })
        }
        if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
        text += brackets.1
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Beyond what JSON asks for: the text may be read on a terminal.
            case _ where scalar.isTreacherous:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONOutput: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONOutput...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONOutput)...) {
        self = .object(elements.map { Field(name: $0.0, value: $0.1) })
    }
}

extension JSONOutput {
    package init(_ value: String?) { self = value.map(JSONOutput.string) ?? .null }
    package init(_ value: Bool?) { self = value.map(JSONOutput.bool) ?? .null }
    package init(_ value: (some FixedWidthInteger)?) {
        self = value.map { .integer(Int64(clamping: $0)) } ?? .null
    }
    package init(_ value: Credits?) { self = value.map { .integer($0.amount) } ?? .null }
    package init(_ value: Timestamp?) { self = value.map { .string($0.iso8601) } ?? .null }
    package init(_ value: CalendarDay?) { self = value.map { .string($0.description) } ?? .null }
    package init<Subject>(_ value: Identifier<Subject>?) {
        self = value.map { .string($0.description) } ?? .null
    }

    /// The shape of every error under `--json`: `{"error": {"kind": …, "message": …, "hint": …}}`.
    package init(_ failure: any Failure) {
        let kind = failure.kind.rawValue
        self = [
            "error": [
                "kind": .string(kind),
                "message": .string(failure.message),
                "hint": JSONOutput(failure.hint),
            ]
        ]
    }

    /// The field of that name, of an object.
    package subscript(name: String) -> JSONOutput? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }
}

extension Unicode.Scalar {
    /// Not to be shown as it is.
    ///
    /// The joiners U+200C and U+200D stay: scripts and emoji need them.
    package var isTreacherous: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E,
            0x2060...0x206F,
            0xFEFF, 0xE0000...0xE007F:
            true
        default: false
        }
    }
}
