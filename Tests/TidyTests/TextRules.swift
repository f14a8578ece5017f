import Glibc

/// Rules for every text file: code, documents, scripts and settings.
enum TextRules {
    // In two parts, so that this file keeps its own rules.
    private static let unfinished = ["TO" + "DO", "FIX" + "ME"]
    private static let machinePaths = ["home", "work", "root", "Users"].map { "/" + $0 + "/" }

    static func findings(in file: SourceFile) -> [Finding] {
        // Few files hold any of it, and searching a whole text at once is quick.
        guard (unfinished + machinePaths).contains(where: { strstr(file.text, $0) != nil }) else {
            return []
        }
        return file.lines.enumerated().flatMap { index, line in
            messages(for: line).map { Finding(path: file.path, line: index + 1, message: $0) }
        }
    }

    private static func messages(for line: String) -> [String] {
        let bytes = Array(line.utf8)
        let words = unfinished.filter { holds(bytes, $0) { !isWord($0) } }
            .map { "\($0): finish it, or write down why not" }
        let paths = machinePaths.filter { holds(bytes, $0) { !isPath($0) } }
            .map { "\($0)…: a path of one machine" }
        return words + paths
    }

    /// Whether `text` stands in `line` after a byte that `before` accepts, or at its start.
    private static func holds(_ line: [UInt8], _ text: String, before: (UInt8) -> Bool) -> Bool {
        line.indices.contains { start in
            line[start...].starts(with: text.utf8) && (start == 0 || before(line[start - 1]))
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return character.isLetter || character.isNumber
    }

    /// Whether a path goes on through `byte`: then what follows is no path from the root.
    private static func isPath(_ byte: UInt8) -> Bool {
        isWord(byte) || "_-.~/}*".utf8.contains(byte)
    }
}
