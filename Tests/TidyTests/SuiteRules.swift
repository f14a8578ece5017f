/// A test that does not run, or may fail, is no test.
enum SuiteRules {
    static func findings(in file: SourceFile) -> [Finding] {
        let forgiven = file.positions(of: ["withKnownIssue"])
            .map { file.finding($0, "withKnownIssue: mend it or leave the test out") }
        let attributes =
            file.positions(of: ["@", "Test", "("]) + file.positions(of: ["@", "Suite", "("])
        let disabled = attributes.filter { start in
            guard let end = file.closing(start + 2, open: "(", close: ")") else { return false }
            return file.positions(of: [".", "disabled"]).contains { (start...end).contains($0) }
        }
        return forgiven + disabled.map { file.finding($0, "a disabled test") }
    }
}
