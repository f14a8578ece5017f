/// Blanks comments, strings and `#/regular expressions/#`, so that rules look at code only.
///
/// Lines keep their numbers; code inside `\( )` stays; a raw identifier becomes one word.
struct CodeMask {
    private enum Mode {
        case code
        /// Inside `\( )`: how many parentheses are open.
        case interpolation(open: Int)
        case string(hashes: Int, quotes: Int)
    }

    private let source: [UInt8]
    private var masked: [UInt8]
    private var index = 0
    private var modes: [Mode] = []

    private init(_ source: [UInt8]) {
        self.source = source
        masked = []
        masked.reserveCapacity(source.count)
    }

    static func masked(_ source: [UInt8]) -> [UInt8] {
        var mask = CodeMask(source)
        while mask.index < source.count {
            switch mask.modes.last ?? .code {
            case .code: mask.readCode(open: nil)
            case .interpolation(let open): mask.readCode(open: open)
            case .string(let hashes, let quotes): mask.readString(hashes: hashes, quotes: quotes)
            }
        }
        return mask.masked
    }

    // MARK: Code

    private mutating func readCode(open: Int?) {
        switch source[index] {
        case UInt8(ascii: "/") where follows("/"):
            while index < source.count, !sees("\n") { blank(1) }
        case UInt8(ascii: "/") where follows("*"): blankBlockComment()
        case UInt8(ascii: "#") where follows("/"):
            repeat { blank(1) } while index < source.count && !(sees("/") && follows("#"))
            blank(2)
        case UInt8(ascii: "#"), UInt8(ascii: "\""):
            guard let (hashes, quotes) = stringStart() else { return write(source[index]) }
            blank(hashes + quotes)
            modes.append(.string(hashes: hashes, quotes: quotes))
        case UInt8(ascii: "`"):
            repeat { write(UInt8(ascii: "_")) } while index < source.count && !sees("`")
            if index < source.count { write(UInt8(ascii: "_")) }
        default:
            if let open { countParentheses(open) }
            write(source[index])
        }
    }

    private mutating func countParentheses(_ open: Int) {
        if sees("(") {
            modes[modes.count - 1] = .interpolation(open: open + 1)
        } else if sees(")") {
            if open == 1 {
                modes.removeLast()
            } else {
                modes[modes.count - 1] = .interpolation(open: open - 1)
            }
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if sees("/"), follows("*") {
                depth += 1
                blank(2)
            } else if sees("*"), follows("/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < source.count
    }

    /// How many `#` and `"` begin a string here; `nil` where none does.
    private func stringStart() -> (hashes: Int, quotes: Int)? {
        let hashes = count(of: UInt8(ascii: "#"), from: index)
        switch count(of: UInt8(ascii: "\""), from: index + hashes) {
        case 0: return nil
        case 3...: return (hashes, 3)
        default: return (hashes, 1)
        }
    }

    // MARK: Strings

    private mutating func readString(hashes: Int, quotes: Int) {
        if sees("\\"), count(of: UInt8(ascii: "#"), from: index + 1) >= hashes {
            blank(1 + hashes)
            if sees("(") { modes.append(.interpolation(open: 1)) }
            blank(1)
        } else if count(of: UInt8(ascii: "\""), from: index) >= quotes,
            count(of: UInt8(ascii: "#"), from: index + quotes) >= hashes
        {
            blank(quotes + hashes)
            modes.removeLast()
        } else {
            // An unfinished string ends with its line, so that one slip does not blank a whole file.
            if quotes == 1, sees("\n") { modes.removeLast() }
            blank(1)
        }
    }

    // MARK: Bytes

    private func sees(_ sign: UnicodeScalar) -> Bool {
        index < source.count && source[index] == UInt8(ascii: sign)
    }

    private func follows(_ sign: UnicodeScalar) -> Bool {
        index + 1 < source.count && source[index + 1] == UInt8(ascii: sign)
    }

    private func count(of byte: UInt8, from start: Int) -> Int {
        var end = start
        while end < source.count, source[end] == byte { end += 1 }
        return end - start
    }

    private mutating func write(_ byte: UInt8) {
        masked.append(byte)
        index += 1
    }

    private mutating func blank(_ count: Int) {
        for byte in source[index..<min(index + count, source.count)] {
            write(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
        }
    }
}
