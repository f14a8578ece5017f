/// Every relative link of a document leads to something in the repository, and so does every path of ours
/// that it names as code: `PurserCore/Ports/Store.swift`.
enum LinkRules {
    static func findings(in file: SourceFile, exists: (String) -> Bool) -> [Finding] {
        var isFenced = false
        var findings: [Finding] = []
        for (index, line) in file.lines.enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isFenced.toggle() }
            if isFenced { continue }
            let broken = targets(of: line).filter { isBroken($0, from: file.path, exists: exists) }
            for target in broken + missing(in: line, exists: exists) {
                findings.append(
                    Finding(path: file.path, line: index + 1, message: "no such file: \(target)")
                )
            }
        }
        return findings
    }

    private static func targets(of line: String) -> [String] {
        let prose = withoutCode(line)
        let inline = prose.matches(of: #/\]\(\s*<?([^)>\s]+)/#).map { String($0.1) }
        let reference = prose.prefixMatch(of: #/ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)/#).map {
            String($0.1)
        }
        let attributes = prose.matches(of: #/(?:src|href)="([^"]+)"/#).map { String($0.1) }
        return inline + attributes + (reference.map { [$0] } ?? [])
    }

    private static func missing(in line: String, exists: (String) -> Bool) -> [String] {
        line.matches(of: #/`((?:Sources\/|Tests\/)?(?:Purser|Tidy)\w+\/[^`\s]+)`/#)
            .map { String($0.1) }
            .filter { path in !["", "Sources/", "Tests/"].contains { exists($0 + path) } }
    }

    private static func withoutCode(_ line: String) -> String {
        line.replacing(#/`[^`]*`/#, with: "")
    }

    private static func isBroken(
        _ target: String,
        from path: String,
        exists: (String) -> Bool
    ) -> Bool {
        if target.hasPrefix("#") || target.contains(#/^[a-z][a-z+.\-]*:/#) { return false }
        let plain = target.split(separator: "#", omittingEmptySubsequences: false)[0]
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in plain.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(String(part))
                continue
            }
            // Above the root lies somebody else's folder.
            if parts.popLast() == nil { return true }
        }
        return !exists(parts.joined(separator: "/"))
    }
}
