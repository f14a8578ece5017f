/// Files of at most 500 lines, functions of at most 70: what one reading can hold.
enum SizeRules {
    static let fileLimit = 500
    static let functionLimit = 70

    static func findings(in file: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        if file.lineCount > fileLimit {
            findings.append(
                Finding(
                    path: file.path,
                    line: fileLimit + 1,
                    message: "\(file.lineCount) lines, \(fileLimit) allowed"
                )
            )
        }
        for position in file.tokens.indices where begins(file, at: position) {
            guard let body = bodyStart(file, after: position),
                let end = file.closing(body, open: "{", close: "}")
            else { continue }
            let count = file.tokens[end].line - file.tokens[position].line + 1
            if count > functionLimit {
                findings.append(
                    file.finding(position, "function of \(count) lines, \(functionLimit) allowed")
                )
            }
        }
        return findings
    }

    /// Words that cannot stand between a declaration's name and its body.
    private static let enders: Set<String> = [
        "}", "func", "var", "let", "init", "deinit", "subscript", "case", "struct", "enum", "class",
        "actor", "extension", "protocol", "typealias", "associatedtype", "import", "package",
        "public",
        "private", "fileprivate", "internal", "static", "mutating", "return", "if", "guard", "for",
        "while", "switch", "do", "defer", "try", "await",
    ]

    private static func begins(_ file: SourceFile, at position: Int) -> Bool {
        switch file.tokens[position].text {
        case "func", "init", "deinit", "subscript", "var": file.token(before: position) != "."
        default: false
        }
    }

    /// The brace that opens the body; `nil` for a requirement or a stored property.
    private static func bodyStart(_ file: SourceFile, after start: Int) -> Int? {
        let isProperty = file.tokens[start].text == "var"
        var depth = 0
        for position in (start + 1)..<file.tokens.count {
            let text = file.tokens[position].text
            switch text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return position
            case "=" where depth == 0 && isProperty: return nil
            default: if depth == 0, enders.contains(text) { return nil }
            }
            if depth < 0 { return nil }
        }
        return nil
    }
}
