import COpenSSL

extension OpenSSL {
    /// HKDF of RFC 5869; without a salt it expands only, from a key that is pseudorandom already.
    static func hkdf(
        _ hash: Hash,
        key: borrowing Secret,
        salt: [UInt8]?,
        info: [UInt8],
        count: Int
    ) throws -> Secret {
        guard (1...255 * hash.size).contains(count), key.count > 0 else {
            throw VaultError.crypto("HKDF of \(count) bytes")
        }
        let context = unsafe EVP_KDF_CTX_new(OpaquePointer(bitPattern: hkdfMethod))
        defer { unsafe EVP_KDF_CTX_free(context) }
        return try unsafe Secret(capacity: count) { output in
            let status = unsafe key.withBytes { key in
                unsafe info.withUnsafeBytes { info in
                    unsafe (salt ?? []).withUnsafeBytes { salted in
                        let mode: StaticString =
                            salt == nil ? "EXPAND_ONLY" : "EXTRACT_AND_EXPAND"
                        var parameters = unsafe [text("digest", hash.name), text("mode", mode)]
                        unsafe parameters.append(octets("key", key))
                        if unsafe !salted.isEmpty {
                            unsafe parameters.append(octets("salt", salted))
                        }
                        if unsafe !info.isEmpty { unsafe parameters.append(octets("info", info)) }
                        unsafe parameters.append(OSSL_PARAM_construct_end())
                        let bytes = unsafe output.assumingMemoryBound(to: UInt8.self).baseAddress
                        return unsafe EVP_KDF_derive(context, bytes, count, parameters)
                    }
                }
            }
            try require(status, "HKDF")
            return count
        }
    }

    /// Looked up once, since that costs as much as to derive a key; a number, not a pointer, so that tasks may share it.
    private static let hkdfMethod = UInt(bitPattern: unsafe EVP_KDF_fetch(nil, "HKDF", nil))

    /// The library keeps the address of the name, and a literal's never changes.
    private static func octets(
        _ name: StaticString,
        _ bytes: UnsafeRawBufferPointer
    ) -> OSSL_PARAM {
        unsafe OSSL_PARAM_construct_octet_string(
            characters(of: name),
            UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            bytes.count
        )
    }

    private static func text(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
        unsafe OSSL_PARAM_construct_utf8_string(
            characters(of: name),
            UnsafeMutablePointer(mutating: characters(of: value)),
            0
        )
    }

    private static func characters(of text: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// scrypt (RFC 7914) with `r` = 8 and `p` = 1, the only ones this format knows, unless a vector asks.
    static func scrypt(
        _ passphrase: borrowing Secret,
        salt: [UInt8],
        logN: UInt8,
        r: UInt64 = 8,
        p: UInt64 = 1,
        count: Int = 32
    ) throws -> Secret {
        // OpenSSL takes an empty passphrase; nobody should have one.
        guard passphrase.count > 0 else { throw VaultError.unusable("the passphrase is empty") }
        let n = UInt64(1) << UInt64(logN)
        // OpenSSL's own limit refuses 2^15 and more; exactly what is needed is refused too.
        let memory = 128 * r * (n + p + 2) + 1 << 20
        return try unsafe Secret(capacity: count) { buffer in
            try unsafe passphrase.withBytes { bytes in
                try unsafe require(
                    EVP_PBE_scrypt(
                        bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                        bytes.count,
                        salt,
                        salt.count,
                        n,
                        r,
                        p,
                        memory,
                        buffer.assumingMemoryBound(to: UInt8.self).baseAddress,
                        count
                    ),
                    "scrypt"
                )
            }
            return count
        }
    }

    static let gcmTagSize = 16

    /// AES-256-GCM: writes ciphertext and tag, `plaintext.count + 16` bytes.
    static func sealGCM(
        key: UnsafeRawBufferPointer,
        nonce: [UInt8],
        aad: [UInt8] = [],
        plaintext: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws {
        precondition(output.count == plaintext.count + gcmTagSize)
        let context = try unsafe gcmContext(key: key, nonce: nonce, sealing: 1)
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var written: Int32 = 0
        if !aad.isEmpty {
            try unsafe require(
                EVP_EncryptUpdate(context, nil, &written, aad, Int32(aad.count)),
                "AES-GCM"
            )
        }
        let out = unsafe output.assumingMemoryBound(to: UInt8.self).baseAddress
        if plaintext.count > 0 {
            let text = unsafe plaintext.assumingMemoryBound(to: UInt8.self).baseAddress
            try unsafe require(
                EVP_EncryptUpdate(context, out, &written, text, Int32(plaintext.count)),
                "AES-GCM"
            )
        }
        try unsafe require(EVP_EncryptFinal_ex(context, nil, &written), "AES-GCM")
        try unsafe require(
            EVP_CIPHER_CTX_ctrl(
                context,
                EVP_CTRL_AEAD_GET_TAG,
                Int32(gcmTagSize),
                out?.advanced(by: plaintext.count)
            ),
            "AES-GCM"
        )
    }

    /// Returns whether the tag fits; when it does not, what was written is wiped.
    static func openGCM(
        key: UnsafeRawBufferPointer,
        nonce: [UInt8],
        aad: [UInt8] = [],
        sealed: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        let size = sealed.count - gcmTagSize
        precondition(size >= 0 && output.count == size)
        let context = try unsafe gcmContext(key: key, nonce: nonce, sealing: 0)
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var written: Int32 = 0
        if !aad.isEmpty {
            try unsafe require(
                EVP_DecryptUpdate(context, nil, &written, aad, Int32(aad.count)),
                "AES-GCM"
            )
        }
        if size > 0 {
            try unsafe require(
                EVP_DecryptUpdate(
                    context,
                    output.assumingMemoryBound(to: UInt8.self).baseAddress,
                    &written,
                    sealed.assumingMemoryBound(to: UInt8.self).baseAddress,
                    Int32(size)
                ),
                "AES-GCM"
            )
        }
        var tag = unsafe [UInt8](sealed.suffix(gcmTagSize))
        try unsafe require(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(gcmTagSize), &tag),
            "AES-GCM"
        )
        guard unsafe EVP_DecryptFinal_ex(context, nil, &written) == 1 else {
            ERR_clear_error()
            unsafe OPENSSL_cleanse(output.baseAddress, output.count)
            return false
        }
        return true
    }

    private static func gcmContext(
        key: UnsafeRawBufferPointer,
        nonce: [UInt8],
        sealing: Int32
    ) throws(VaultError) -> OpaquePointer? {
        guard key.count == 32, nonce.count == 12 else {
            throw .crypto("AES-256-GCM with this key or nonce size")
        }
        let context = unsafe EVP_CIPHER_CTX_new()
        let keyBytes = unsafe key.assumingMemoryBound(to: UInt8.self).baseAddress
        let status = unsafe EVP_CipherInit_ex(
            context,
            EVP_aes_256_gcm(),
            nil,
            keyBytes,
            nonce,
            sealing
        )
        if status != 1 { unsafe EVP_CIPHER_CTX_free(context) }
        try require(status, "AES-GCM")
        return unsafe context
    }
}
