import PurserCore
import PurserPages
import Testing

@testable import PurserPages

struct EscapingTests {
    private let pages: Pages

    init() throws {
        pages = try Pages.shared.get()
    }

    /// What somebody may call an account, a job or themselves who means no good.
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        // A combining mark makes one `Character` of the quote and itself; so does a number sign before it.
        "\"\u{301} onfocus=alert(1) autofocus x=\"\u{301}", "\u{600}<b>\u{600}\"",
        "</textarea><script>",
        "</title><script>", "</style><script>", "{{words.skip}}{{{patterns}}}{{/rows}}",
        "&lt;b&gt; &",
        "]]><!--", "javascript:alert(1)", "\u{202E}desrever\u{202C}\u{0}\u{7F}\u{FFFE}",
        "🇨🇳\r\n\t名字",
        String(repeating: "很长的名字 very long ", count: 50), "",
    ]

    @Test(arguments: hostile)
    func `no text changes what a page is made of`(_ text: String) throws {
        let harmless = SampleViews.plain
        // Numbered, so that what is told apart by its text still is.
        let views = SampleViews { "\(text)\($0)" }
        for (plain, hostile) in zip(harmless.pages, views.pages) {
            let expected = try Markup(pages.html(plain.page, in: harmless.frame(.owner)))
            let html = pages.html(hostile.page, in: views.frame(.owner))
            #expect(
                try Markup(html).elements == expected.elements,
                "\(hostile.name) with \(text.debugDescription)"
            )
        }
        let expected = try Markup(pages.report(harmless.report))
        #expect(try Markup(pages.report(views.report)).elements == expected.elements)
    }

    @Test func `a text is shown, and what would turn it round is told`() throws {
        let views = SampleViews { "<\u{202E}\"\u{301}\($0)&" }
        let html = pages.html(
            .problem(ProblemView(status: 500, problem: .said(views.text("m")))),
            in: views.frame(nil)
        )
        #expect(html.contains("&lt;\\u202e&quot;\u{301}m&amp;"))
        #expect(!html.unicodeScalars.contains("\u{202E}"))
    }

    /// So that a field that is added to a view is not forgotten here.
    @Test func `the sample views have a text in every place`() {
        let views = SampleViews { "§\($0)" }
        for (name, page) in views.pages {
            for text in Self.texts(in: page) {
                #expect(text.hasPrefix("§"), "\(name): \(text)")
            }
        }
    }

    /// Every `String` that lies in the value, however deep; names of cases are none.
    private static func texts(in value: Any) -> [String] {
        if let text = value as? String { return [text] }
        return Mirror(reflecting: value).children.flatMap { texts(in: $0.value) }
    }
}
