import PurserCore
import PurserPages

/// The parameters of a request's query, read strictly: what a call does not know is a mistake and not passed over.
struct Query {
    private var values: [String: String] = [:]

    /// - Throws: a ``Problem`` that names the parameter.
    init(of target: String, for call: OwnCall) throws(Problem) {
        try self.init(of: target, knowing: Set(call.parameters.map(\.name)))
    }

    /// - Throws: a ``Problem`` that names the parameter.
    init(of target: String, knowing known: Set<String>) throws(Problem) {
        let query = target.prefix { $0 != "#" }.drop { $0 != "?" }.dropFirst()
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.plain(parts[0]), let value = Self.plain(parts.dropFirst().first)
            else { throw Problem(.invalidRequest, .query(.unreadable)) }
            guard known.contains(name) else {
                throw Problem(.invalidRequest, .query(.unknown(name)))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(.invalidRequest, .query(.twice(name)))
            }
        }
    }

    subscript(_ name: String) -> String? { values[name] }

    /// One of the values that `read` takes; `nil` where the parameter is not given.
    func value<Value>(
        _ name: String,
        _ wanted: String,
        _ read: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = read(text) else {
            throw Problem(.invalidRequest, "\(name): \(text.jsonQuoted) is not \(wanted)")
        }
        return value
    }

    /// The first instant of `from`, and the first after `to`.
    func span() throws(Problem) -> (from: Timestamp?, to: Timestamp?) {
        let first = try value("from", "a day such as 2026-11-30") { CalendarDay($0) }
        let last = try value("to", "a day such as 2026-11-30") { CalendarDay($0) }
        if let first, let last, last < first {
            throw Problem(.invalidRequest, .query(.backwards))
        }
        return (first?.start, last.map { CalendarDay(number: $0.number + 1).start })
    }

    func limit() throws(Problem) -> Int {
        try value("limit", "a number from 1 to \(OwnCall.mostRows)") { text in
            Int(text).flatMap { (1...OwnCall.mostRows).contains($0) ? $0 : nil }
        } ?? OwnCall.usualRows
    }

    /// Without its escapes, a plus as what it stands for there; `nil` where they are none, or no UTF-8.
    static func plain(_ text: (some StringProtocol)?, plus: Unicode.Scalar = " ") -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text ?? "").utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let digits = String(rest.prefix(2)), digits.count == 2,
                    digits.allSatisfy(\.isHexDigit), let escaped = UInt8(digits, radix: 16)
                else { return nil }
                rest = rest.dropFirst(2)
                bytes.append(escaped)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: plus))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
