import PurserVault

/// What is kept of a session's secret: its hash, which opens nothing.
///
/// The secret itself, 64 hexadecimal digits of 256 random bits, is known to the browser alone.
package struct SessionMark: Hashable, Sendable {
    private let digest: [UInt8]

    /// The mark of a secret as it was presented, whatever it is.
    package init(_ secret: String) {
        digest = Digest.sha256(Array(secret.utf8.prefix(256)))
    }

    /// A fresh secret.
    package static func secret(_ ambient: Ambient) -> String {
        let ((a, b), (c, d)) = (ambient.randomWords(), ambient.randomWords())
        return [a, b, c, d].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// What forms of the session carry: it follows from the secret, and the secret does not follow from it.
    package static func formToken(of secret: String) -> String {
        let digest = Digest.sha256(Array("purser form:\(secret.prefix(256))".utf8))
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Compares two texts in a time that tells nothing of where they differ.
    package static func equal(_ a: String, _ b: String) -> Bool {
        Digest.equal(SessionMark(a).digest, SessionMark(b).digest)
    }
}
