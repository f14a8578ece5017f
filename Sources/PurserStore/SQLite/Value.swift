import PurserCore

/// A value to bind to a statement.
enum Value {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])
    /// Sixteen bytes, big-endian.
    case words(UInt64, UInt64)

    static func int(_ number: Int) -> Value { .int(Int64(number)) }
    static func int(_ number: Int64?) -> Value { number.map(Value.int) ?? .null }
    static func bits(_ number: UInt64) -> Value { .int(Int64(bitPattern: number)) }
    static func bool(_ flag: Bool) -> Value { .int(flag ? 1 : 0) }
    static func text(_ text: String?) -> Value { text.map(Value.text) ?? .null }
    /// A set in one column, in order; `nil` is not the empty one.
    static func list(_ parts: (some Sequence<String>)?) -> Value {
        parts.map { .text(Lines.join($0.sorted())) } ?? .null
    }
    static func blob(_ bytes: [UInt8]?) -> Value { bytes.map(Value.blob) ?? .null }
    static func id<Subject>(_ id: Identifier<Subject>) -> Value { .words(id.high, id.low) }
    static func id<Subject>(_ id: Identifier<Subject>?) -> Value {
        id.map { .words($0.high, $0.low) } ?? .null
    }
    static func credits(_ credits: Credits) -> Value { .int(credits.amount) }
    static func credits(_ credits: Credits?) -> Value { .int(credits?.amount) }
    static func time(_ time: Timestamp) -> Value { .int(time.milliseconds) }
    static func time(_ time: Timestamp?) -> Value { .int(time?.milliseconds) }
}

/// A list of texts in one column: separated by tabs, with tabs, line feeds and backslashes in them escaped.
///
/// An empty list and one empty text are the same column; the second is read as the first.
enum Lines {
    static func join(_ parts: [String]) -> String {
        parts.map(escape).joined(separator: "\t")
    }

    static func split(_ text: String) -> [String] {
        text.isEmpty
            ? [] : text.split(separator: "\t", omittingEmptySubsequences: false).map(unescape)
    }

    private static func escape(_ part: String) -> String {
        guard part.utf8.contains(where: { $0 == 9 || $0 == 10 || $0 == 92 }) else { return part }
        return part.reduce(into: "") { text, character in
            switch character {
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\\": text += "\\\\"
            default: text.append(character)
            }
        }
    }

    private static func unescape(_ part: Substring) -> String {
        guard part.contains("\\") else { return String(part) }
        var text = ""
        var escaped = false
        for character in part {
            if escaped {
                text.append(character == "t" ? "\t" : character == "n" ? "\n" : character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
