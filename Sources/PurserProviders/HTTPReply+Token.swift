extension HTTPReply {
    /// What stands where an answer repeated the token it was asked with.
    static let tokenMark = "[token removed]"

    /// Shorter tokens are words that an answer may well hold by itself.
    private static let shortestToken = 8

    /// The answer without the token: an error page may repeat the request's headers, and answers are shown and kept.
    ///
    /// Every other byte stays. What disguises a token, as in base64, is not looked for: whoever does that has it already.
    func withoutToken(_ token: UnsafeRawBufferPointer) -> HTTPReply {
        guard token.count >= Self.shortestToken else { return self }
        return HTTPReply(
            status: status,
            contentType: contentType.map {
                String(decoding: Self.replacing(token, in: Array($0.utf8)), as: UTF8.self)
            },
            retryAfter: retryAfter,
            date: date,
            body: Self.replacing(token, in: body)
        )
    }

    private static func replacing(_ token: UnsafeRawBufferPointer, in bytes: [UInt8]) -> [UInt8] {
        guard let first = token.first else { return bytes }
        var result: [UInt8] = []
        var kept = 0
        var next = 0
        while let start = bytes[next...].firstIndex(of: first) {
            next = start + 1
            guard bytes[start...].starts(with: token) else { continue }
            result += bytes[kept..<start]
            result += tokenMark.utf8
            kept = start + token.count
            next = kept
        }
        return kept == 0 ? bytes : result + bytes[kept...]
    }
}
