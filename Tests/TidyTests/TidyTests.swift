import Testing

/// The tree as it is keeps the rules of `CONTRIBUTING.md`.
struct TidyTests {
    @Test func `the tree is there to be checked`() {
        #expect(Tree.sources.count > 50)
        #expect(Tree.tests.count > 10)
        #expect(Tree.files.contains { $0.path == "Package.swift" })
    }

    @Test func `imports go down the picture only`() {
        let findings = (Tree.sources + Tree.tests).flatMap(ImportRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `files and functions can be held in one reading`() {
        let findings = (Tree.sources + Tree.tests).flatMap(SizeRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `code keeps to what is safe and pure where it must be`() {
        let findings = (Tree.sources + Tree.tests).flatMap(CodeRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `what other targets use of Core is explained`() {
        let findings = Tree.sources.filter { $0.target == "PurserCore" }
            .flatMap(DocCommentRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `every test runs and none may fail`() {
        let findings = Tree.tests.flatMap(SuiteRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `nothing is left unfinished or bound to one machine`() {
        let findings = Tree.files.flatMap(TextRules.findings(in:))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `links of the documents lead somewhere`() {
        let findings = Tree.files.filter(\.isDocument)
            .flatMap { LinkRules.findings(in: $0, exists: Tree.exists) }
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test func `the Chinese README says what the English one says`() throws {
        let original = try #require(Tree.files.first { $0.path == "README.md" })
        let translation = try #require(Tree.files.first { $0.path == "README.zh-CN.md" })
        let findings = TranslationRules.findings(in: translation, of: original)
        #expect(findings.isEmpty, "\(findings.listing)")
        #expect(original.text.contains("](README.zh-CN.md)"))
        #expect(translation.text.contains("](README.md)"))
    }

    @Test func `scripts can be run and stop at the first error`() {
        let scripts = Tree.files.filter { $0.path.hasPrefix("Scripts/") }
        #expect(!scripts.isEmpty)
        for script in scripts {
            #expect(Tree.isExecutable(script.path), "\(script.path)")
            #expect(script.lines.first == "#!/usr/bin/env bash", "\(script.path)")
            #expect(script.lines.contains("set -euo pipefail"), "\(script.path)")
        }
    }
}
