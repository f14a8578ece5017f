/// A word or sentence of the pages in both languages; one without a translation does not compile.
///
/// Templates say `{{words.NAME}}` with the raw value, so names are unique among all lists.
protocol Words: RawRepresentable<String>, CaseIterable, Sendable {
    /// English, then Simplified Chinese.
    var both: (String, String) { get }
}

extension Words {
    func text(_ language: Language) -> String {
        switch language {
        case .english: both.0
        case .chinese: both.1
        }
    }

    fileprivate static func texts(_ language: Language) -> [(String, String)] {
        allCases.map { ($0.rawValue, $0.text(language)) }
    }
}

/// All lists of words, for templates.
enum AllWords {
    static func texts(_ language: Language) -> [(String, String)] {
        FrameWord.texts(language)
            + CommonWord.texts(language)
            + SignInWord.texts(language)
            + OverviewWord.texts(language)
            + AccountWord.texts(language)
            + SpendWord.texts(language)
            + ListWord.texts(language)
            + AuditWord.texts(language)
            + RouteWord.texts(language)
            + ActionWord.texts(language)
            + JobWord.texts(language)
    }
}
