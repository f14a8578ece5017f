import Testing

/// Each rule can fail: a planted slip is found at its line, and what only looks like one is not.
struct SampleTests {
    private func source(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: path, text: text)
    }

    // MARK: Imports

    @Test(arguments: [
        ("Sources/PurserCore/A.swift", "import Foundation"),
        ("Sources/PurserCore/A.swift", "package import PurserVault"),
        ("Sources/PurserEngine/A.swift", "import GRDB"),
        ("Sources/PurserEngine/A.swift", "import struct NIOCore.ByteBuffer"),
        ("Sources/PurserStore/A.swift", "import PurserProviders"),
        ("Sources/PurserSandbox/A.swift", "import PurserCore"),
        ("Sources/PurserNew/A.swift", "let a = 1"),
        ("Tests/PurserSandboxTests/A.swift", "@testable import PurserCore"),
        ("Tests/PurserCoreTests/A.swift", "import XCTest"),
    ])
    func `an import up the picture is found`(path: String, text: String) {
        #expect(ImportRules.findings(in: source(path, text)).map(\.line) == [1])
    }

    @Test(arguments: [
        ("Sources/PurserCore/A.swift", "import FoundationEssentials"),
        ("Sources/PurserStore/A.swift", "package import PurserCore\nimport GRDB"),
        ("Sources/PurserEngine/A.swift", "// import GRDB\nlet text = \"import GRDB\""),
        ("Tests/PurserSandboxTests/A.swift", "import AsyncHTTPClient\nimport PurserSandbox"),
    ])
    func `an import down the picture is not`(path: String, text: String) {
        #expect(ImportRules.findings(in: source(path, text)).isEmpty)
    }

    // MARK: Sizes

    @Test func `a file is long from line 501`() {
        let text = String(repeating: "let a = 1\n", count: 500)
        #expect(SizeRules.findings(in: source("Sources/PurserCore/A.swift", text)).isEmpty)
        let longer = SizeRules.findings(
            in: source("Sources/PurserCore/A.swift", text + "let b = 2")
        )
        #expect(longer.map(\.line) == [501])
    }

    @Test(arguments: [
        "func a<T: P>(b: [Int] = [], c: () -> Int = { 1 }) async throws(E) -> T where T: Q {",
        "init?(a: Int) {", "subscript(a: Int) -> Int {", "var a: [String: Int] {",
        "static func < (a: A, b: A) -> Bool {", "func `has a name of words`() {", "deinit {",
    ])
    func `a function is long from line 71`(head: String) {
        func file(_ count: Int) -> SourceFile {
            let body = String(repeating: "        b += \"}\" // {\n", count: count - 2)
            return source(
                "Sources/PurserCore/A.swift",
                "struct A {\n    \(head)\n\(body)    }\n}\n"
            )
        }
        #expect(SizeRules.findings(in: file(70)).isEmpty)
        #expect(SizeRules.findings(in: file(71)).map(\.line) == [2])
    }

    @Test func `requirements, stored properties and calls have no body to measure`() {
        let body = String(repeating: "    case 1: 2\n", count: 100)
        let text = """
            protocol P {
                func a() -> Int
                var b: Int
            }
            let c = A.init(d)
            enum E {
            \(body)}
            """
        #expect(SizeRules.findings(in: source("Sources/PurserCore/A.swift", text)).isEmpty)
    }

    // MARK: Phrases

    @Test(arguments: [
        ("Sources/PurserStore/A.swift", "let a = try! b()"),
        ("Sources/PurserStore/A.swift", "final class A: @unchecked Sendable {}"),
        ("Sources/PurserStore/A.swift", "nonisolated(unsafe) var a = 1"),
        ("Sources/PurserStore/A.swift", "Task.detached { }"),
        ("Sources/PurserStore/A.swift", "fatalError(\"no\")"),
        ("Sources/PurserStore/A.swift", "public struct A {}"),
        ("Sources/PurserStore/A.swift", "print(a)"),
        ("Sources/PurserCLI/Commands/A.swift", "Swift.print(a)"),
        ("Sources/PurserStore/A.swift", "let a = \"\\(try! b())\""),
        ("Sources/PurserCore/A.swift", "let a: Double = 1"),
        ("Sources/PurserCore/A.swift", "let a = [Float]()"),
        ("Sources/PurserCore/A.swift", "let now = Date()"),
        ("Sources/PurserEngine/A.swift", "let now = Date.now"),
        ("Sources/PurserEngine/A.swift", "let id = UUID()"),
        ("Sources/PurserEngine/A.swift", "let a = UInt8.random(in: 0...9)"),
        ("Sources/PurserEngine/A.swift", "accounts.shuffled()"),
        ("Sources/PurserEngine/A.swift", "try await Task.sleep(for: .seconds(1))"),
        ("Sources/PurserCore/Routing/A.swift", "func a() async {}"),
        ("Tests/PurserCoreTests/A.swift", "let a = try! b()"),
    ])
    func `a phrase out of place is found`(path: String, text: String) {
        #expect(CodeRules.findings(in: source(path, text)).map(\.line) == [1])
    }

    @Test(arguments: [
        ("Sources/PurserStore/A.swift", "// try! and Task.detached\nlet a = \"fatalError(\""),
        ("Sources/PurserStore/A.swift", "/* try! /* try! */ try! */ let a = #\"print(\"\"#"),
        ("Sources/PurserStore/A.swift", "let a = \"\"\"\n    try! \"b\"\n    \"\"\""),
        ("Sources/PurserStore/A.swift", "console.print(a)\nfingerprint(a)\nlet publicKey = 1"),
        ("Sources/PurserCLI/Console/Console.swift", "print(a)"),
        ("Sources/PurserBench/A.swift", "print(a)"),
        ("Sources/PurserStore/A.swift", "let a = try !b()\nlet now = Date()"),
        ("Sources/PurserEngine/A.swift", "let a = Int.random(in: 0...9, using: &source)"),
        ("Sources/PurserCore/Ports/A.swift", "func a() async"),
        ("Sources/PurserEngine/A.swift", "let share: Double"),
    ])
    func `a phrase in its place is not`(path: String, text: String) {
        let findings = CodeRules.findings(in: source(path, text))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    // MARK: Doc comments

    @Test(arguments: [
        "package struct A {}", "package func a() {}", "package let a = 1",
        "package final class A {}", "// A plain comment.\npackage enum A {}",
        "/// A.\n\npackage enum A {}", "struct A {\n    package static func a() {}\n}",
    ])
    func `what is not explained is found`(text: String) {
        #expect(DocCommentRules.findings(in: source("Sources/PurserCore/A.swift", text)).count == 1)
    }

    @Test(arguments: [
        "package import PurserCore", "struct A {}", "/// A.\n@frozen\npackage struct A {}",
        "/// A.\n@discardableResult package func a() -> Int { 1 }",
        "struct A {\n    package let b: Int\n    package init() {}\n}",
        "struct A {\n    package static func < (a: A, b: A) -> Bool { true }\n}",
        "struct A {\n    package func hash(into hasher: inout Hasher) {}\n}",
    ])
    func `what is explained, or needs no explanation, is not`(text: String) {
        let findings = DocCommentRules.findings(in: source("Sources/PurserCore/A.swift", text))
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    // MARK: Suites

    @Test func `a test that does not run is found`() {
        let text = """
            @Test(.disabled("later"), .timeLimit(.minutes(1)))
            func a() {}
            @Suite(.serialized, .disabled()) struct B {}
            @Test func c() { withKnownIssue { } }
            @Test(arguments: [1]) func d() { #expect(account.state == .disabled) }
            """
        let findings = SuiteRules.findings(in: source("Tests/PurserCoreTests/A.swift", text))
        #expect(Set(findings.map(\.line)) == [1, 3, 4])
    }

    // MARK: Texts

    @Test func `unfinished work and paths of one machine are found`() {
        let lines = [
            "// TO" + "DO: more", "a FIX" + "ME", "see /ho" + "me/someone/purser",
            "cd /wo" + "rk/main", "`/ro" + "ot/x`", "method", "https://example.com/ho" + "me/x",
            "$HOME/wo" + "rk/x", "../wo" + "rk/x", "~/wo" + "rk/x",
        ]
        let file = source("Documentation/A.md", lines.joined(separator: "\n"))
        #expect(TextRules.findings(in: file).map(\.line) == [1, 2, 3, 4, 5])
    }

    // MARK: Links

    @Test func `a link that leads nowhere is found`() {
        let text = """
            [good](B.md), [part](B.md#words), [up](../README.md), ![picture](./images/a.png)
            [bad](C.md) and [good](B.md)
            [outside](../../shared/design.md)
            [web](https://example.com/C.md), [here](#words), [mail](mailto:a@example.com)
            `[code](C.md)`
            ```
            [code](C.md)
            ```
            [reference]: D.md
            <img src="images/b.png">
            `PurserCore/A.swift`, `Sources/PurserCore/A.swift` and `PurserCore/Gone.swift`
            """
        let there: Set = [
            "Documentation/B.md", "README.md", "Documentation/images/a.png",
            "Sources/PurserCore/A.swift",
        ]
        let findings = LinkRules.findings(
            in: source("Documentation/A.md", text),
            exists: there.contains
        )
        #expect(Set(findings.map(\.line)) == [2, 3, 9, 10, 11])
    }

    // MARK: Translations

    private static let original = """
        # Purser

        Words.

        ```sh
        purser init      # asks twice
        curl "http://a/#b"
        ```

        ## A first day
        """

    @Test func `a translation of the same headings and commands is in step`() {
        let text = Self.original.replacing("A first day", with: "第一天")
            .replacing("      # asks twice", with: " # 询问两次").replacing("Words.", with: "")
        let findings = TranslationRules.findings(
            in: source("README.zh-CN.md", text),
            of: source("README.md", Self.original)
        )
        #expect(findings.isEmpty, "\(findings.listing)")
    }

    @Test(arguments: [
        ("## A first day", "### A first day", 10), ("## A first day", "", 9),
        ("## A first day", "## A\n\n## B", 12), ("purser init ", "purser init --quiet ", 6),
        ("#b", "#c", 7), ("curl", "# curl", 7), ("```sh", "```", 5),
        ("purser init", "purser doctor\npurser init", 6),
    ])
    func `a translation that fell behind is found`(old: String, new: String, line: Int) {
        let findings = TranslationRules.findings(
            in: source("README.zh-CN.md", Self.original.replacing(old, with: new)),
            of: source("README.md", Self.original)
        )
        #expect(findings.map(\.line) == [line])
    }
}
