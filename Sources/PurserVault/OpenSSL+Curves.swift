import COpenSSL

extension OpenSSL {
    /// X25519 of RFC 7748; an all-zero result is refused, for the other key was not an honest one.
    static func x25519(privateKey: borrowing Secret, publicKey: [UInt8]) throws -> Secret {
        let own = try unsafe privateKeyHandle(EVP_PKEY_X25519, privateKey)
        defer { unsafe EVP_PKEY_free(own) }
        let peer = unsafe EVP_PKEY_new_raw_public_key(
            EVP_PKEY_X25519,
            nil,
            publicKey,
            publicKey.count
        )
        defer { unsafe EVP_PKEY_free(peer) }
        let context = unsafe EVP_PKEY_CTX_new(own, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        try unsafe require(EVP_PKEY_derive_init(context), "X25519")
        try unsafe require(EVP_PKEY_derive_set_peer(context, peer), "X25519")
        let shared = try unsafe Secret(capacity: 32) { buffer in
            var written = 32
            let output = unsafe buffer.assumingMemoryBound(to: UInt8.self).baseAddress
            try unsafe require(EVP_PKEY_derive(context, output, &written), "X25519")
            return written
        }
        let bits = unsafe shared.withBytes { bytes in unsafe bytes.reduce(0, |) }
        guard shared.count == 32, bits != 0 else {
            throw VaultError.crypto("X25519 with an all-zero result")
        }
        return shared
    }

    static func x25519PublicKey(of privateKey: borrowing Secret) throws -> [UInt8] {
        try publicKey(EVP_PKEY_X25519, of: privateKey)
    }

    static func ed25519PublicKey(of privateKey: borrowing Secret) throws -> [UInt8] {
        try publicKey(EVP_PKEY_ED25519, of: privateKey)
    }

    /// Ed25519 (RFC 8032), deterministic.
    static func ed25519Sign(_ message: [UInt8], privateKey: borrowing Secret) throws -> [UInt8] {
        let key = try unsafe privateKeyHandle(EVP_PKEY_ED25519, privateKey)
        defer { unsafe EVP_PKEY_free(key) }
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        try unsafe require(EVP_DigestSignInit(context, nil, nil, nil, key), "Ed25519")
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        try unsafe require(
            EVP_DigestSign(context, &signature, &count, message, message.count),
            "Ed25519"
        )
        return signature
    }

    static func ed25519Verify(
        _ signature: [UInt8],
        of message: [UInt8],
        publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        let key = unsafe EVP_PKEY_new_raw_public_key(
            EVP_PKEY_ED25519,
            nil,
            publicKey,
            publicKey.count
        )
        defer { unsafe EVP_PKEY_free(key) }
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        let valid =
            unsafe key != nil && EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !valid { ERR_clear_error() }
        return valid
    }

    private static func publicKey(_ type: Int32, of privateKey: borrowing Secret) throws -> [UInt8]
    {
        let key = try unsafe privateKeyHandle(type, privateKey)
        defer { unsafe EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        try unsafe require(EVP_PKEY_get_raw_public_key(key, &bytes, &count), "public key")
        return bytes
    }

    private static func privateKeyHandle(
        _ type: Int32,
        _ privateKey: borrowing Secret
    ) throws -> OpaquePointer? {
        let key = unsafe privateKey.withBytes { bytes in
            unsafe EVP_PKEY_new_raw_private_key(
                type,
                nil,
                bytes.assumingMemoryBound(to: UInt8.self).baseAddress,
                bytes.count
            )
        }
        try unsafe require(key == nil ? 0 : 1, "private key")
        return unsafe key
    }
}
