/// A file of the tree: its path from the root, its text, and, where it is Swift, its tokens.
struct SourceFile: Sendable {
    let path: String
    let text: String
    let lines: [String]
    let tokens: [Token]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        tokens = path.hasSuffix(".swift") ? Token.tokens(of: CodeMask.masked(Array(text.utf8))) : []
    }

    /// The folder below `Sources` or `Tests`.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    /// The number of lines; a newline at the end does not begin another.
    var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }

    /// Where `phrase`, a sequence of tokens, begins.
    func positions(of phrase: [String]) -> [Int] {
        guard let first = phrase.first else { return [] }
        return tokens.indices.filter { start in
            tokens[start].text == first && start + phrase.count <= tokens.count
                && phrase.indices.allSatisfy { tokens[start + $0].text == phrase[$0] }
        }
    }

    /// The text of the token before `position`; empty at the start of the file.
    func token(before position: Int) -> String {
        position > 0 ? tokens[position - 1].text : ""
    }

    /// The position of the sign that closes the one at `start`.
    func closing(_ start: Int, open: String, close: String) -> Int? {
        var depth = 0
        for position in start..<tokens.count {
            if tokens[position].text == open { depth += 1 }
            if tokens[position].text == close { depth -= 1 }
            if depth == 0 { return position }
        }
        return nil
    }

    func finding(_ position: Int, _ message: String) -> Finding {
        Finding(path: path, line: tokens[position].line, message: message)
    }
}
