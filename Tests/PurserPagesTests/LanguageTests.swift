import PurserCore
import Testing

@testable import PurserPages

struct LanguageTests {
    @Test(arguments: [
        (nil, Language.english), ("", .english), ("zh-CN,zh;q=0.9,en;q=0.8", .chinese),
        ("en-GB,en;q=0.9,zh;q=0.8", .english), ("zh", .chinese), ("ZH-hans-cn", .chinese),
        ("fr-FR,zh;q=0.1", .chinese), ("fr-FR", .english), ("*", .english),
        ("en;q=0,zh;q=0.001", .chinese), ("zh;q=0", .english), ("zh;q=0.5,en;q=0.5", .chinese),
        ("en;q=0.5,zh;q=0.5", .english), ("zh ; q=0.7 , en ; q=0.8", .english),
        ("zh;q=2,en;q=0.1", .english), ("zh;q=0.9999", .english), ("zh;q=,", .english),
        (",,;;q=1", .english), ("zhx", .english),
    ])
    func `the browser's wish counts, by its qualities`(_ field: String?, _ language: Language) {
        #expect(Language(acceptLanguage: field) == language)
    }

    @Test func `names of words are unique, and templates name no others`() throws {
        let names = AllWords.texts(.english).map(\.0)
        #expect(Set(names).count == names.count)
        for (template, bytes) in Pages.templates {
            let text = String(decoding: bytes, as: UTF8.self)
            for match in text.matches(of: /words\.(\w+)/) {
                #expect(names.contains(String(match.output.1)), "\(template): \(match.output.0)")
            }
            // Whatever is not escaped is ours.
            let raw = text.matches(of: /\{\{\{\.?(\w+)\}\}\}/).map { String($0.output.1) }
            #expect(
                Set(raw).isSubset(of: ["svg", "swatch", "html", "patterns", "style"]),
                "\(template)"
            )
            #expect(!text.contains("{{&"))
        }
    }

    @Test func `every Chinese text is Chinese`() {
        let alike: Set<String> = ["product", "nothing"]
        for ((name, english), (_, chinese)) in zip(
            AllWords.texts(.english),
            AllWords.texts(.chinese)
        ) where !alike.contains(name) {
            #expect(english.utf8.allSatisfy { $0 < 0x80 }, "\(name)")
            #expect(chinese.unicodeScalars.contains { $0.properties.isIdeographic }, "\(name)")
        }
    }

    /// What is left of English on a Chinese page is names and the engine's own words.
    @Test func `a page in Chinese has no English of the page's own`() throws {
        let views = SampleViews { _ in "名" }
        let pages = try Pages.shared.get()
        let terms = [
            "Purser", "JSON", "TLS", "UTC", "ultra", "tier", "one", "free", "psr", "balanced",
            "account", "pause", "veo", "Host", "application", "www", "form", "urlencoded", "reason",
            "from", "open", "cursor", "true", "false", "member", "model", "read", "audit", "change",
            "accounts",
        ]
        for (name, page) in views.pages {
            let text = try Markup(pages.html(page, in: views.frame(.owner, .chinese))).text
            for match in text.matches(of: /[A-Za-z]{3,}/)
            where !terms.contains(String(match.output)) {
                Issue.record("\(name): \(match.output)")
            }
        }
    }

    @Test func `one is not many, where a language tells them apart`() {
        #expect(Voice.counted(1, "credit", "credits") == "1 credit")
        #expect(Voice.counted(0, "credit", "credits") == "0 credits")
        #expect(Voice.counted(1234, "credit", "credits") == "1,234 credits")
        let one = PageProblem.gateway(.requests(1)).text(.english)
        #expect(one == "1 request is under way already")
    }

    @Test func `numbers and days read alike in both`() {
        for language in Language.allCases {
            let voice = Voice(language: language)
            #expect(voice.number(Int64(1_234_567)) == "1,234,567")
            #expect(voice.number(Int64(-1000)) == "−1,000")
            #expect(voice.number(Int64(999)) == "999")
            #expect(voice.number(Int64.min) == "−9,223,372,036,854,775,808")
        }
        #expect(Voice(language: .chinese).number(Int64?.none) == "未知")
    }
}
