import PurserEngine

/// `text` with everything escaped that could act on a terminal or deceive a reader: control
/// characters, line and paragraph separators, and marks that change the direction of writing.
///
/// For all text that came from outside: a file, the service, a member.
func visible(_ text: some StringProtocol) -> String {
    if text.isPlain { return String(text) }
    guard text.unicodeScalars.contains(where: \.isTreacherous) else { return String(text) }
    var shown = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": shown += "\\n"
        case "\r": shown += "\\r"
        case "\t": shown += "\\t"
        case _ where scalar.isTreacherous: shown += "\\u{\(String(scalar.value, radix: 16))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

extension Unicode.Scalar {
    /// Two columns wide on a terminal, whatever stands beside it (Unicode's East Asian Width W and F).
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FB,
            0x20000...0x3FFFD:
            true
        default: properties.isEmojiPresentation
        }
    }
}

extension Character {
    /// The columns the character takes on a terminal: 0, 1 or 2.
    var columns: Int {
        // Almost every character of a list is ASCII; the Unicode tables cost far more.
        if let ascii = asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
        guard let first = unicodeScalars.first else { return 0 }
        // Rules and bars, the other thing that tables are made of: narrow, whatever marks follow.
        if (0x2500...0x259F).contains(first.value) { return 1 }
        if first.isWide { return 2 }
        // U+FE0F asks for the coloured, wide picture of what is text by default.
        if first.properties.isEmoji, unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }
}

extension Unicode.Scalar {
    /// What lists are made of besides ASCII: dots, dashes, rules and bars, each a character and a column of its own.
    ///
    /// Dividing a text into characters, and asking Unicode's tables about each, costs far more.
    fileprivate var isNarrowAlone: Bool {
        switch value {
        case 0x20..<0x7F, 0xB7, 0x2010...0x2027, 0x2500...0x259F: true
        default: false
        }
    }
}

extension StringProtocol {
    /// Printable ASCII and nothing else: a byte is a character is a column.
    fileprivate var isPlain: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

    /// The columns the text takes on a terminal.
    var columns: Int {
        if isPlain { return utf8.count }
        var count = 0
        for scalar in unicodeScalars {
            guard scalar.isNarrowAlone else { return reduce(0) { $0 + $1.columns } }
            count += 1
        }
        return count
    }

    /// The text cut to at most `width` columns, ending in `…` where something is missing.
    func truncated(to width: Int) -> String {
        guard columns > width else { return String(self) }
        guard width > 0 else { return "" }
        var kept = ""
        var used = 1
        for character in self {
            used += character.columns
            if used > width { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
