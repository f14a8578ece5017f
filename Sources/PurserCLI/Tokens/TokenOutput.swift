import PurserCore
import PurserEngine
import PurserVault

/// What a token-command printed: a bare token, or `{"token": "…", "expires_at": "2026-12-31T18:00:00Z"}`.
///
/// Read where it lies, in locked memory; other members of the object are passed over.
enum TokenOutput {
    static func read(_ output: borrowing Secret) throws -> PrintedToken {
        try output.withBytes { bytes in
            var reader = Reader(bytes: bytes)
            reader.skipSpace()
            return try reader.next == UInt8(ascii: "{") ? reader.object() : reader.bareToken()
        }
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        private var position = 0

        init(bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipSpace() {
            while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        mutating func bareToken() throws -> PrintedToken {
            let start = position
            while let byte = next, byte > 0x20 { position += 1 }
            let token = bytes[start..<position]
            skipSpace()
            guard !token.isEmpty else { throw TokenCommandError.unreadable("nothing") }
            guard next == nil else {
                throw TokenCommandError.unreadable("more than one word, and no JSON")
            }
            return PrintedToken(token: try Secret(copying: token), expiresAt: nil)
        }

        mutating func object() throws -> PrintedToken {
            var token: Range<Int>?
            var expiresAt: Timestamp?
            var seen: Set<String> = []
            position += 1
            skipSpace()
            while next != UInt8(ascii: "}") {
                let key = String(decoding: bytes[try string()], as: UTF8.self)
                guard seen.insert(key).inserted else { throw misfit }
                try expect(UInt8(ascii: ":"))
                switch (key, next) {
                case ("token", UInt8(ascii: "\"")): token = try string()
                case ("expires_at", UInt8(ascii: "\"")):
                    let text = String(decoding: bytes[try string()], as: UTF8.self)
                    guard let instant = Timestamp(iso8601: text) else {
                        throw TokenCommandError.unreadable("expires_at is no instant")
                    }
                    expiresAt = instant
                case ("token", _): throw TokenCommandError.unreadable("token is no string")
                case ("expires_at", UInt8(ascii: "n")): try skipValue()
                case ("expires_at", _):
                    throw TokenCommandError.unreadable("expires_at is no string")
                default: try skipValue()
                }
                skipSpace()
                guard next != UInt8(ascii: "}") else { break }
                try expect(UInt8(ascii: ","))
            }
            position += 1
            skipSpace()
            guard next == nil else { throw misfit }
            guard let token else { throw TokenCommandError.unreadable("no \"token\"") }
            return PrintedToken(token: try unescaped(token), expiresAt: expiresAt)
        }

        private var misfit: TokenCommandError { .unreadable("JSON that does not parse") }

        private mutating func expect(_ byte: UInt8) throws {
            skipSpace()
            guard next == byte else { throw misfit }
            position += 1
            skipSpace()
        }

        /// What is between the quotes, escapes and all.
        private mutating func string() throws -> Range<Int> {
            guard next == UInt8(ascii: "\"") else { throw misfit }
            position += 1
            let start = position
            while let byte = next, byte != UInt8(ascii: "\"") {
                position += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            guard next != nil else { throw misfit }
            defer { position += 1 }
            return start..<position
        }

        private mutating func skipValue() throws {
            var depth = 0
            repeat {
                skipSpace()
                switch next {
                case UInt8(ascii: "\""): _ = try string()
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    position += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    position += 1
                case nil: throw misfit
                default:
                    position += 1
                    guard depth == 0 else { continue }
                    while let byte = next, byte > 0x20, byte != UInt8(ascii: ","),
                        byte != UInt8(ascii: "}")
                    { position += 1 }
                }
            } while depth > 0
        }

        /// A token is visible ASCII, so these three escapes are all it can need.
        private func unescaped(_ range: Range<Int>) throws -> Secret {
            try Secret(capacity: max(1, range.count)) { buffer in
                var count = 0
                var isEscaped = false
                for byte in bytes[range] {
                    if !isEscaped, byte == UInt8(ascii: "\\") {
                        isEscaped = true
                        continue
                    }
                    if isEscaped, ![0x22, 0x2F, 0x5C].contains(byte) {
                        throw TokenCommandError.unreadable("the token holds an escape")
                    }
                    isEscaped = false
                    buffer[count] = byte
                    count += 1
                }
                return count
            }
        }
    }
}
