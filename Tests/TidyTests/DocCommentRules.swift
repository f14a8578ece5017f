/// Every `package` type and function has a `///`, and so has all that stands at the top of a file.
///
/// Initialisers, stored properties and members whose meaning a protocol gives may go without.
enum DocCommentRules {
    private static let strict: Set<String> = [
        "func", "struct", "class", "enum", "actor", "protocol", "typealias", "subscript",
    ]
    private static let lenient: Set<String> = [
        "init", "let", "var", "import", "case", "associatedtype",
    ]
    /// Requirements of the standard library, said once there.
    private static let known: Set<String> = ["hash", "encode", "next"]

    static func findings(in file: SourceFile) -> [Finding] {
        var depth = 0
        var findings: [Finding] = []
        for position in file.tokens.indices {
            switch file.tokens[position].text {
            case "{": depth += 1
            case "}": depth -= 1
            case "package":
                guard let name = undocumented(file, at: position, isTop: depth == 0) else {
                    continue
                }
                findings.append(file.finding(position, "\(name) has no doc comment"))
            default: break
            }
        }
        return findings
    }

    /// The name of the declaration at `position`, where it must have a comment and has none.
    private static func undocumented(_ file: SourceFile, at position: Int, isTop: Bool) -> String? {
        let rest = file.tokens[position...]
        guard
            let kind = rest.firstIndex(where: {
                strict.contains($0.text) || lenient.contains($0.text)
            }),
            kind + 1 < file.tokens.count
        else { return nil }
        let word = file.tokens[kind].text
        let name = file.tokens[kind + 1].text
        guard word != "import", strict.contains(word) || isTop else { return nil }
        // An operator means what it means everywhere.
        guard name.first?.isLetter == true || name.first == "_", !known.contains(name) else {
            return nil
        }
        return hasComment(file, above: file.tokens[position].line) ? nil : "\(word) \(name)"
    }

    private static func hasComment(_ file: SourceFile, above line: Int) -> Bool {
        for text in file.lines[..<(line - 1)].reversed() {
            let start = text.drop { $0 == " " }
            if start.hasPrefix("@") { continue }
            return start.hasPrefix("///")
        }
        return false
    }
}
