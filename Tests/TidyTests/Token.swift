/// A word or a single sign of Swift code, with its line from 1.
struct Token: Equatable {
    let text: String
    let line: Int
    /// Whether nothing stands between it and the token before: `try!`, not `try !`.
    let isJoined: Bool
}

extension Token {
    /// The tokens of `code`, which must be masked.
    static func tokens(of code: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var line = 1
        var index = 0
        func append(_ text: String) {
            let isJoined = index > 0 && code[index - 1] > UInt8(ascii: " ")
            tokens.append(Token(text: text, line: line, isJoined: isJoined))
        }
        while index < code.count {
            let byte = code[index]
            var end = index + 1
            if isWord(byte) {
                while end < code.count, isWord(code[end]) { end += 1 }
                append(String(decoding: code[index..<end], as: UTF8.self))
            } else if byte == UInt8(ascii: "\n") {
                line += 1
            } else if byte > UInt8(ascii: " ") {
                append(String(UnicodeScalar(byte)))
            }
            index = end
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
