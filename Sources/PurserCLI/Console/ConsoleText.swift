/// How a piece of text looks on a terminal with colours.
enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

/// Text for the console: what the program itself says, with values from elsewhere made harmless.
///
/// Literals stand as written; every interpolated value goes through `visible(_:)`, so that a name or
/// a message from outside cannot move the cursor, colour a line or begin one. There is deliberately
/// no way from a `String` but interpolation.
struct ConsoleText: Sendable, Equatable, ExpressibleByStringInterpolation {
    fileprivate struct Piece: Sendable, Equatable {
        let text: String
        let style: Style?
    }

    private var pieces: [Piece] = []

    init(stringLiteral value: String) {
        pieces = [Piece(text: value, style: nil)]
    }

    init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
    }

    /// The text with escape sequences where `color` is true.
    func rendered(color: Bool) -> String {
        pieces.map { $0.style.painted($0.text, color: color) }.joined()
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: String) {
            pieces.append(Piece(text: literal, style: nil))
        }

        mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            pieces.append(Piece(text: visible(value.description), style: nil))
        }

        mutating func appendInterpolation(_ value: some CustomStringConvertible, _ style: Style?) {
            pieces.append(Piece(text: visible(value.description), style: style))
        }

        mutating func appendInterpolation(_ text: ConsoleText) {
            pieces += text.pieces
        }
    }
}

extension Style? {
    /// `text` between the escape sequences of the style, or as it is.
    func painted(_ text: String, color: Bool) -> String {
        guard color, !text.isEmpty, let style = self else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
