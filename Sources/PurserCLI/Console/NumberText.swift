import PurserCore

extension Int64 {
    /// In groups of three: `12,500`.
    var grouped: String {
        let digits = Array(String(magnitude).utf8)
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }
}

extension Credits {
    /// In groups of three: `12,500`.
    var grouped: String { amount.grouped }
}

extension Duration {
    /// What to say where a text is not a length of time.
    static let textHint = "write a whole number with ms, s, m or h, such as \"30s\""

    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// Reads `500ms`, `30s`, `5m`, `2h`.
    init?(text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text[digits.endIndex...]
        guard let unit = Self.units.first(where: { $0.suffix == suffix }),
            let number = Int64(digits)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        self = .milliseconds(product)
    }

    /// In the largest unit that leaves no rest: what `init(text:)` reads.
    var text: String {
        let amount = milliseconds
        let unit = Self.units.last { amount != 0 && amount.isMultiple(of: $0.milliseconds) }
        guard let unit else { return amount == 0 ? "0s" : "\(amount)ms" }
        return "\(amount / unit.milliseconds)\(unit.suffix)"
    }
}

/// A bar of what is left of a whole, in steps of an eighth of a column: `███████▌··`.
struct Bar: Sendable {
    private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    let text: String

    /// Anything outside `0…whole` is drawn as the nearest of them.
    ///
    /// A rest, however small, shows; and only the whole looks whole.
    init(left: Int64, of whole: Int64, width: Int = 10) {
        let steps = UInt64(width) * 8
        var filled: UInt64 = 0
        if whole > 0, left > 0 {
            let product = min(left, whole).magnitude.multipliedFullWidth(by: steps)
            filled = whole.magnitude.dividingFullWidth(product).quotient
            filled = max(filled, 1)
        }
        let full = Int(filled / 8)
        let part = Int(filled % 8)
        var text = String(repeating: "█", count: full)
        if part > 0 { text.append(Self.eighths[part - 1]) }
        self.text = text + String(repeating: "·", count: width - full - (part > 0 ? 1 : 0))
    }
}

extension Int {
    /// `1 day`, `2,000 days`; `many` where the plural is not just an s.
    func counted(_ one: String, _ many: String? = nil) -> String {
        "\(Int64(self).grouped) \(self == 1 ? one : many ?? one + "s")"
    }
}
