import Mustache
import PurserEngine

/// What a template is filled with: strings, whole numbers, truths, `Slots` and lists of them.
///
/// A string is escaped by the template; markup of our own is a `Markup`.
typealias Slots = [String: Any]

/// Text that stands in HTML and SVG as it is.
enum HTML {
    /// For elements and for quoted attributes.
    ///
    /// It works scalar by scalar: a quote that a combining mark follows is one `Character` with it, and a quote all
    /// the same. What would turn the text round, or end it, is shown as `\u202e`.
    static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\n", "\t", "\r": escaped.append(scalar)
            case _ where scalar.isTreacherous || isNoncharacter(scalar):
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
                escaped.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// A byte of ASCII that means nothing to HTML.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x26, 0x3C, 0x3E, 0x22, 0x27, ..<0x20, 0x7F...: false
        default: true
        }
    }

    private static func isNoncharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
    }
}

/// Escapes what templates put in, in place of the library's own way, which goes by `Character` and lets a quote with a
/// combining mark behind it through.
struct PageContent: MustacheContentType {
    static let name = "PURSER"

    func escapeText(_ text: String) -> String { HTML.escaped(text) }

    /// The text of a template that escapes so.
    ///
    /// A template that another one includes begins with the library's way again, so each says it.
    static func applied(to template: String) -> String {
        "{{% CONTENT_TYPE: \(name)}}\(template)"
    }
}
