/// A translation keeps in step with its original: headings of the same levels in the same order, and the same code
/// blocks but for the words of their comments.
enum TranslationRules {
    static func findings(in translation: SourceFile, of original: SourceFile) -> [Finding] {
        let parts = Part.parts(of: translation)
        let wanted = Part.parts(of: original)
        for (part, original) in zip(parts, wanted) where part.text != original.text {
            return [
                Finding(
                    path: translation.path,
                    line: part.line,
                    message: "\"\(part.text)\", but the original has \"\(original.text)\""
                )
            ]
        }
        guard parts.count != wanted.count else { return [] }
        let surplus = parts.dropFirst(wanted.count).first
        let message =
            surplus.map { "\"\($0.text)\" is not in the original" }
            ?? "\"\(wanted[parts.count].text)\" of the original is not here"
        let line = surplus?.line ?? translation.lineCount
        return [Finding(path: translation.path, line: line, message: message)]
    }

    /// What stays the same in every language: a heading's level, or a line of code.
    private struct Part {
        let text: String
        let line: Int

        static func parts(of file: SourceFile) -> [Part] {
            var isFenced = false
            var parts: [Part] = []
            for (index, line) in file.lines.enumerated() {
                let isFence = line.hasPrefix("```")
                if isFence || isFenced {
                    parts.append(Part(text: withoutComment(line), line: index + 1))
                } else if let heading = line.prefixMatch(of: #/#+ /#) {
                    parts.append(Part(text: String(heading.0), line: index + 1))
                }
                if isFence { isFenced.toggle() }
            }
            return parts
        }

        private static func withoutComment(_ line: String) -> String {
            line.replacing(#/(?:^|\s+)# .*/#, with: "")
        }
    }
}
