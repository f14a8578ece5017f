import PurserCore
import TOMLKit

/// What was found wrong while a file is read.
///
/// Reading goes on, so that one run shows everything.
final class ProblemList {
    let file: String
    private let lines: SourceLines
    private var found: [ConfigurationProblem] = []

    init(file: String, lines: SourceLines) {
        self.file = file
        self.lines = lines
    }

    /// In the order of the file.
    var problems: [ConfigurationProblem] {
        found.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }

    func line(of path: SourceLines.Path) -> Int { lines.line(of: path) }

    func add(_ text: String, at path: SourceLines.Path, table: String?, hint: String? = nil) {
        found.append(
            ConfigurationProblem(
                file: file,
                line: lines.line(of: path),
                table: table,
                text: text,
                hint: hint
            )
        )
    }
}

/// Reads one table by the keys of an enum: its cases are all the names there are.
///
/// Every value is `nil` when the key is absent, and also when it is wrong; then the problem is noted.
struct TableReader<Key: NamedCases> {
    let path: SourceLines.Path
    /// How messages name the table.
    let title: String?
    let problems: ProblemList
    private let table: TOMLTable

    /// Notes every key that is not a case of `Key`; `secrets` are refused in words of their own.
    init(
        _ table: TOMLTable,
        path: SourceLines.Path,
        title: String?,
        problems: ProblemList,
        secrets: SecretKeys? = nil
    ) {
        self.table = table
        self.path = path
        self.title = title
        self.problems = problems
        let known = Key.allCases.map { $0.rawValue }
        for name in table.keys where !known.contains(name) {
            let place = path + [.key(name)]
            if let secrets, secrets.names.contains(name) {
                problems.add(
                    "\(quoted(name)): \(secrets.refusal)",
                    at: place,
                    table: title,
                    hint: secrets.hint
                )
            } else {
                let nearest = nearestName(to: name, in: known)
                problems.add(
                    "unknown key \(quoted(name))",
                    at: place,
                    table: title,
                    hint: nearest.map { "did you mean \"\($0)\"?" }
                        ?? "known are \(known.joined(separator: ", "))"
                )
            }
        }
    }

    func has(_ key: Key) -> Bool { table.contains(key: key.rawValue) }

    /// Notes a problem with a key, or with the whole table.
    func note(_ text: String, at key: Key? = nil, hint: String? = nil) {
        let subject = key.map { "\"\($0.rawValue)\" " } ?? ""
        let place = key.map { path + [.key($0.rawValue)] } ?? path
        problems.add(subject + text, at: place, table: title, hint: hint)
    }

    /// Notes the absence of a key that the table cannot do without.
    func required<Value>(_ key: Key, _ value: Value?) -> Value? {
        if value == nil, !has(key) { note("is missing", at: key) }
        return value
    }

    func string(_ key: Key) -> String? {
        guard let node = node(key, as: .string, "a string") else { return nil }
        guard let text = node.string, !text.isEmpty else {
            note("is empty", at: key)
            return nil
        }
        return text
    }

    func bool(_ key: Key) -> Bool? {
        node(key, as: .bool, "true or false")?.bool
    }

    func integer(_ key: Key, in range: ClosedRange<Int>) -> Int? {
        guard let number = node(key, as: .int, "a whole number")?.int else { return nil }
        guard range.contains(number) else {
            note(
                "is \(number), allowed are \(range.lowerBound) to \(range.upperBound)",
                at: key
            )
            return nil
        }
        return number
    }

    func credits(_ key: Key) -> Credits? {
        integer(key, in: 0...Int(Credits.limit)).flatMap { Credits(Int64($0)) }
    }

    func duration(_ key: Key, in range: ClosedRange<Duration>) -> Duration? {
        guard let text = string(key) else { return nil }
        guard let duration = Duration(text: text) else {
            note(
                "is \(quoted(text)), which is not a length of time",
                at: key,
                hint: Duration.textHint
            )
            return nil
        }
        guard range.contains(duration) else {
            let bounds = "\(range.lowerBound.text) to \(range.upperBound.text)"
            note("is \(quoted(text)), allowed are \(bounds)", at: key)
            return nil
        }
        return duration
    }

    func choice<Value: NamedCases>(
        _ key: Key,
        of type: Value.Type
    ) -> Value? {
        guard let text = string(key) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let names = Value.allCases.map { $0.rawValue }
        note(
            "is \(quoted(text)), allowed are \(names.joined(separator: ", "))",
            at: key,
            hint: nearestName(to: text, in: names).map { "did you mean \"\($0)\"?" }
        )
        return nil
    }

    /// A name people type: see `Account.isName`.
    func name(_ key: Key) -> String? {
        guard let text = string(key) else { return nil }
        guard Account.isName(text) else {
            note("is \(quoted(text)), which is not a name", at: key, hint: plainNameHint)
            return nil
        }
        return text
    }

    func names(_ key: Key, atMost limit: Int) -> [String]? {
        guard let items = node(key, as: .array, "a list of names")?.array else { return nil }
        var names: [String] = []
        for (index, item) in items.enumerated() {
            let place = path + [.key(key.rawValue), .index(index)]
            guard let text = item.string, Account.isName(text) else {
                problems.add(
                    "\"\(key.rawValue)\" holds something that is not a name",
                    at: place,
                    table: title,
                    hint: plainNameHint
                )
                return nil
            }
            if !names.contains(text) { names.append(text) }
        }
        guard names.count <= limit else {
            note("holds \(names.count) names, allowed are \(limit)", at: key)
            return nil
        }
        return names
    }

    /// A few whole numbers, each once.
    func integers(_ key: Key, in range: ClosedRange<Int>, atMost limit: Int) -> Set<Int64>? {
        guard let items = node(key, as: .array, "a list of whole numbers")?.array else {
            return nil
        }
        let numbers = items.compactMap { $0.int }.filter { range.contains($0) }
        guard numbers.count == items.count, numbers.count <= limit else {
            note(
                "holds something else than at most \(limit) whole numbers from \(range.lowerBound) to \(range.upperBound)",
                at: key
            )
            return nil
        }
        return Set(numbers.map(Int64.init))
    }

    func instant(_ key: Key) -> Timestamp? {
        guard let node = node(key, as: .dateTime, "a date with time") else { return nil }
        guard let moment = node.dateTime, let offset = moment.offset,
            let day = CalendarDay(
                year: moment.date.year,
                month: moment.date.month,
                day: moment.date.day
            )
        else {
            note("does not say its offset from UTC", at: key, hint: "write 2026-12-31T23:59:59Z")
            return nil
        }
        let time = moment.time
        return day.start
            + .seconds((time.hour * 60 + time.minute - offset.offset) * 60 + time.second)
            + .milliseconds(time.nanoSecond / 1_000_000)
    }

    /// The table under a key; an absent one is read as an empty one.
    func table(_ key: Key) -> TOMLTable {
        guard has(key) else { return TOMLTable() }
        return node(key, as: .table, "a table")?.table ?? TOMLTable()
    }

    /// The tables of an array of tables.
    func tables(_ key: Key) -> [TOMLTable] {
        guard let items = node(key, as: .array, "an array of tables")?.array else { return [] }
        // Not `\.table`: swiftc 6.3.1 never ends on a key path into an existential here.
        let tables = items.compactMap { $0.table }
        if tables.count != items.count {
            note("holds something that is not a table", at: key, hint: "write [[\(key.rawValue)]]")
        }
        return tables
    }

    private func node(
        _ key: Key,
        as type: TOMLType,
        _ words: String
    ) -> (any TOMLValueConvertible)? {
        guard let node = table[key.rawValue] else { return nil }
        guard node.type == type else {
            note("must be \(words), not \(node.type.words)", at: key)
            return nil
        }
        return node
    }
}

/// An enum whose cases are all the names that may stand in some place.
protocol NamedCases: CaseIterable, RawRepresentable where RawValue == String {}

/// Keys that somebody may write to put a secret into the file, and what to tell them.
struct SecretKeys {
    let names: Set<String>
    let refusal: String
    let hint: String
}

/// `text` in quotation marks, harmless on a terminal, and cut where it is long.
func quoted(_ text: String) -> String {
    let shown = text.count > 64 ? text.prefix(64) + "…" : text[...]
    return "\"\(visible(shown))\""
}

/// Whether a byte may stand in a name: an ASCII letter or digit, `.`, `_`, `-`.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
    default: false
    }
}

let plainNameHint = "names have 1 to 64 letters, digits, \".\", \"_\" or \"-\""

extension TOMLType {
    fileprivate var words: String {
        switch self {
        case .table: "a table"
        case .array: "a list"
        case .string: "a string"
        case .int: "a whole number"
        case .double: "a number with a fraction"
        case .bool: "true or false"
        case .date: "a date"
        case .time: "a time"
        case .dateTime: "a date with time"
        }
    }
}

extension PolicyName: NamedCases {}
extension Tier: NamedCases {}
