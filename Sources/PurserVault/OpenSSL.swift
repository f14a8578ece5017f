import COpenSSL

/// The calls into libcrypto, each wrapped once; nothing here knows the vault.
enum OpenSSL {
    /// The digests that HMAC and HKDF are used with.
    enum Hash: Sendable {
        case sha256
        case sha512

        var size: Int { self == .sha256 ? 32 : 64 }

        /// As the library calls it.
        var name: StaticString { self == .sha256 ? "SHA256" : "SHA512" }

        var algorithm: OpaquePointer? {
            unsafe self == .sha256 ? EVP_sha256() : EVP_sha512()
        }
    }

    static func require(_ status: Int32, _ what: String) throws(VaultError) {
        guard status == 1 else {
            // The queue's texts may name files of the build: only our own words go on.
            ERR_clear_error()
            throw .crypto(what)
        }
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe EVP_Digest(
            bytes,
            bytes.count,
            &digest,
            nil,
            OpaquePointer(bitPattern: sha256Method),
            nil
        )
        // It fails only when no memory is left, and a digest of zeros must never pass for one.
        precondition(done == 1, "SHA-256 failed")
        return digest
    }

    /// Looked up once, since that costs as much as the digest of a ledger entry; a number, not a pointer, so that
    /// tasks may share it.
    private static let sha256Method = UInt(bitPattern: unsafe EVP_MD_fetch(nil, "SHA256", nil))

    static func hmac(_ hash: Hash, key: borrowing Secret, _ message: [UInt8]) -> [UInt8] {
        unsafe message.withUnsafeBytes { message in
            unsafe key.withBytes { unsafe hmac(hash, key: $0, message) }
        }
    }

    static func hmac(
        _ hash: Hash,
        key: UnsafeRawBufferPointer,
        _ message: UnsafeRawBufferPointer
    ) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: hash.size)
        let text = unsafe message.assumingMemoryBound(to: UInt8.self).baseAddress
        let done = unsafe HMAC(
            hash.algorithm,
            key.baseAddress,
            Int32(key.count),
            text,
            message.count,
            &code,
            nil
        )
        // It fails only when no memory is left, and a code of zeros must never pass for one.
        unsafe precondition(done != nil, "HMAC failed")
        return code
    }

    /// Compares public values or codes in constant time.
    static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        unsafe a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }
}

/// SHA-256, for the chains of ledger and audit trail and for member keys.
package enum Digest {
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        OpenSSL.sha256(bytes)
    }

    /// The same of bytes that come one part after the other.
    package static func sha256(
        ofParts next: () async throws -> [UInt8]?
    ) async throws -> [UInt8] {
        let running = try RunningDigest()
        while let part = try await next() { try running.add(part) }
        return try running.end()
    }

    /// Compares in a time that depends on the lengths only.
    package static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        OpenSSL.equal(a, b)
    }
}

/// A digest between two parts.
@safe
private final class RunningDigest {
    private let context: OpaquePointer

    init() throws(VaultError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .crypto("SHA-256") }
        unsafe self.context = context
        let hash = OpenSSL.Hash.sha256
        try OpenSSL.require(unsafe EVP_DigestInit_ex(context, hash.algorithm, nil), "SHA-256")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func add(_ part: [UInt8]) throws(VaultError) {
        try OpenSSL.require(unsafe EVP_DigestUpdate(context, part, part.count), "SHA-256")
    }

    func end() throws(VaultError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: OpenSSL.Hash.sha256.size)
        try OpenSSL.require(unsafe EVP_DigestFinal_ex(context, &digest, nil), "SHA-256")
        return digest
    }
}
