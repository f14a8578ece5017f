import COpenSSL
package import PurserCore

/// The secret that messages are signed with, by the Standard Webhooks specification.
///
/// Its text is `whsec_` and the base64 of 24 to 64 bytes; only the bytes are kept, in locked memory.
package final class WebhookKey: Sendable {
    private let key: Secret

    /// Reads the secret's text; refused in words that do not repeat it.
    package init(_ text: borrowing Secret) throws {
        key = try unsafe text.withBytes { text in
            let prefix = Array("whsec_".utf8)
            let digits = unsafe text.dropFirst(prefix.count)
            guard unsafe text.starts(with: prefix), unsafe Self.isBase64(digits) else {
                throw WebhookKeyError()
            }
            let padding = unsafe digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
            let key = try unsafe Secret(capacity: digits.count / 4 * 3) { buffer in
                let encoded = unsafe UnsafeRawBufferPointer(rebasing: digits)
                    .assumingMemoryBound(to: UInt8.self).baseAddress
                let decoded = unsafe buffer.assumingMemoryBound(to: UInt8.self).baseAddress
                let count = unsafe Int(EVP_DecodeBlock(decoded, encoded, Int32(digits.count)))
                return max(count - padding, 0)
            }
            guard (24...64).contains(key.count) else { throw WebhookKeyError() }
            return key
        }
    }

    /// The header `webhook-signature` of a message: `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`.
    ///
    /// `timestamp`: seconds since 1970, as the header of that name has them.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let code = OpenSSL.hmac(.sha256, key: key, Array("\(id).\(timestamp).".utf8) + body)
        // Four characters for three bytes, and a zero at the end.
        var text = [UInt8](repeating: 0, count: (code.count + 2) / 3 * 4 + 1)
        _ = unsafe EVP_EncodeBlock(&text, code, Int32(code.count))
        return "v1," + String(decoding: text.dropLast(), as: UTF8.self)
    }

    /// Whole groups of four, with padding at the end alone: the library would pass over line ends.
    private static func isBase64(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        let digits = unsafe text.reversed().drop { $0 == UInt8(ascii: "=") }
        guard unsafe !text.isEmpty, unsafe text.count % 4 == 0,
            unsafe text.count - digits.count <= 2
        else { return false }
        return unsafe digits.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == 0x2B || byte == 0x2F
        }
    }
}

/// What was given is no secret to sign webhooks with.
package struct WebhookKeyError: Failure {
    package var kind: FailureKind { .invalidInput }
    package var message: String {
        "the webhook's secret is not whsec_ and the base64 of 24 to 64 bytes"
    }
    package var hint: String? { "echo \"whsec_$(openssl rand -base64 32)\" makes one" }
}
