/// A language the pages speak; the raw value is the `lang` of their HTML.
package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh-Hans"

    /// The one that an `Accept-Language` field likes best (RFC 9110, 12.5.4); English where it names neither.
    ///
    /// Every Chinese is met with this one: of the two it is the nearer. Among equals the one named first counts, and
    /// what has the quality 0 is not wanted.
    package init(acceptLanguage field: String?) {
        var best: (language: Language, quality: Int) = (.english, 0)
        for range in (field ?? "").split(separator: ",").prefix(Self.mostRanges) {
            let parts = range.split(separator: ";", omittingEmptySubsequences: false).map {
                $0.filter { $0 != " " && $0 != "\t" }.lowercased()
            }
            guard let language = Self(range: parts[0]),
                let quality = Self.quality(parts.dropFirst())
            else { continue }
            if quality > best.quality { best = (language, quality) }
        }
        self = best.language
    }

    /// Further ones are noise.
    private static let mostRanges = 32

    private init?(range: String) {
        switch range.split(separator: "-", omittingEmptySubsequences: false).first {
        case "zh": self = .chinese
        case "en", "*": self = .english
        default: return nil
        }
    }

    /// In thousandths; 1 where none is told, and `nil` where it cannot be read.
    private static func quality(_ parameters: ArraySlice<String>) -> Int? {
        guard let weight = parameters.first(where: { $0.hasPrefix("q=") }) else { return 1000 }
        let digits = weight.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(digits.count), let whole = Int(digits[0]), (0...1).contains(whole),
            digits[0].utf8.count == 1
        else { return nil }
        let fraction = digits.count == 2 ? String(digits[1]) : ""
        guard fraction.utf8.count <= 3, fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let thousandths =
            Int(fraction + String(repeating: "0", count: 3 - fraction.utf8.count)) ?? 0
        let quality = whole * 1000 + thousandths
        return quality <= 1000 ? quality : nil
    }
}
