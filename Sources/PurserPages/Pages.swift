import Mustache
import PurserCore

/// Writes pages: values in, HTML out.
///
/// It knows no address but those of `PagePath`, asks nobody, and reads no clock.
package struct Pages: Sendable {
    private let library: MustacheLibrary
    private let words: [Language: [String: String]]

    /// Reads the templates that are built in.
    ///
    /// - Throws: when one of them is no template, which is a defect of this program.
    package init() throws {
        MustacheContentTypes.register(PageContent(), named: PageContent.name)
        var library = MustacheLibrary()
        for (name, bytes) in Self.templates {
            let text = PageContent.applied(to: String(decoding: bytes, as: UTF8.self))
            try library.register(text, named: name)
        }
        self.library = library
        words = Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (language, Dictionary(uniqueKeysWithValues: AllWords.texts(language)))
            }
        )
    }

    /// A whole HTML document.
    package func html(_ page: Page, in frame: PageFrame) -> String {
        let voice = Voice(language: frame.language)
        var slots = page.slots(voice, frame)
        slots.merge(frame.slots(voice, of: page)) { own, _ in own }
        return render(slots, frame.language, template: "layout")
    }

    /// One HTML file that needs no server: its style and its charts are in it, and it asks for nothing.
    package func report(_ view: ReportView) -> String {
        render(view.slots(Voice(language: view.language)), view.language, template: "report")
    }

    /// What is served at `PagePath.style`, as `text/css; charset=utf-8`.
    package static var styleSheet: [UInt8] { PackageResources.style_css }

    /// What is served at `PagePath.script`, as `text/javascript; charset=utf-8`.
    package static var script: [UInt8] { PackageResources.live_js }

    private func render(_ slots: Slots, _ language: Language, template: String) -> String {
        var slots = slots
        slots["words"] = words[language] ?? [:]
        slots["language"] = language.rawValue
        slots["patterns"] = Drawing.patterns
        return library.render(slots, withTemplate: template) ?? ""
    }

    /// Every file of `Assets` that ends in `.mustache`, by its name.
    static var templates: [(name: String, bytes: [UInt8])] {
        [
            ("layout", PackageResources.layout_mustache),
            ("chart", PackageResources.chart_mustache),
            ("sign-in", PackageResources.sign_in_mustache),
            ("overview", PackageResources.overview_mustache),
            ("spend", PackageResources.spend_mustache),
            ("jobs", PackageResources.jobs_mustache),
            ("members", PackageResources.members_mustache),
            ("route", PackageResources.route_mustache),
            ("audit", PackageResources.audit_mustache),
            ("confirm", PackageResources.confirm_mustache),
            ("problem", PackageResources.problem_mustache),
            ("report", PackageResources.report_mustache),
        ]
    }
}
