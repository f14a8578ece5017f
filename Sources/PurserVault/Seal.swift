import COpenSSL

/// Why a sealed blob did not open.
enum SealFailure: Error, Equatable {
    /// No message has this length.
    case length
    /// Sealed under another key or for another place.
    case commitment
    /// The right key and place, and other bytes.
    case tag
}

/// Cobblestone-256: C2SP chunked encryption with HKDF-SHA-512 and AES-256-GCM, the only seal there is.
///
/// `salt 24 || commitment 32 || chunks`. Key and nonce are derived for every message from a random 192-bit
/// salt, so there are no nonces to keep count of; the commitment makes sure that no blob opens under
/// two keys, and it is compared before a byte is decrypted.
enum Seal {
    static let saltSize = 24
    /// What a message of less than 16 KiB grows by.
    static let overhead = 72
    private static let prefixSize = 56
    private static let chunkSize = 16_384
    private static let sealedChunkSize = chunkSize + OpenSSL.gcmTagSize

    static func seal(
        _ plaintext: borrowing Secret,
        key: borrowing Secret,
        context: [UInt8],
        salt: [UInt8]
    ) throws -> [UInt8] {
        try unsafe plaintext.withBytes { bytes in
            try unsafe seal(bytes, key: key, context: context, salt: salt)
        }
    }

    static func seal(
        _ plaintext: UnsafeRawBufferPointer,
        key: borrowing Secret,
        context: [UInt8],
        salt: [UInt8]
    ) throws -> [UInt8] {
        precondition(salt.count == saltSize)
        let derived = try derive(key, salt: salt, context: context)
        // The last chunk is shorter than a full one, so a multiple of the size ends in an empty one.
        let chunks = plaintext.count / chunkSize + 1
        let total = prefixSize + plaintext.count + chunks * OpenSSL.gcmTagSize
        return try unsafe derived.withBytes { derived in
            var sealed = unsafe salt + derived[44..<76]
            sealed.append(contentsOf: repeatElement(0, count: total - prefixSize))
            try unsafe sealed.withUnsafeMutableBytes { output in
                for index in 0..<chunks {
                    let text = unsafe plaintext.dropFirst(index * chunkSize).prefix(chunkSize)
                    let start = prefixSize + index * sealedChunkSize
                    let end = unsafe start + text.count + OpenSSL.gcmTagSize
                    try unsafe OpenSSL.sealGCM(
                        key: UnsafeRawBufferPointer(rebasing: derived[0..<32]),
                        nonce: nonce(of: index, base: derived[32..<44]),
                        plaintext: UnsafeRawBufferPointer(rebasing: text),
                        into: UnsafeMutableRawBufferPointer(rebasing: output[start..<end])
                    )
                }
            }
            return sealed
        }
    }

    /// Throws `SealFailure`; what was decrypted before a later chunk failed is wiped.
    static func open(_ sealed: [UInt8], key: borrowing Secret, context: [UInt8]) throws -> Secret {
        let body = sealed.count - prefixSize
        guard body >= 0, body % sealedChunkSize >= OpenSSL.gcmTagSize, key.count == 32 else {
            throw SealFailure.length
        }
        let derived = try derive(key, salt: Array(sealed[..<saltSize]), context: context)
        return try unsafe derived.withBytes { derived in
            let commitment = unsafe Array(derived[44..<76])
            guard OpenSSL.equal(commitment, Array(sealed[saltSize..<prefixSize])) else {
                throw SealFailure.commitment
            }
            let chunks = body / sealedChunkSize + 1
            let count = body - chunks * OpenSSL.gcmTagSize
            return try unsafe Secret(capacity: count) { output in
                try unsafe sealed.withUnsafeBytes { input in
                    for index in 0..<chunks {
                        let part = unsafe input.dropFirst(prefixSize + index * sealedChunkSize)
                            .prefix(sealedChunkSize)
                        let text = unsafe output.dropFirst(index * chunkSize).prefix(chunkSize)
                        let opened = try unsafe OpenSSL.openGCM(
                            key: UnsafeRawBufferPointer(rebasing: derived[0..<32]),
                            nonce: nonce(of: index, base: derived[32..<44]),
                            sealed: UnsafeRawBufferPointer(rebasing: part),
                            into: UnsafeMutableRawBufferPointer(rebasing: text)
                        )
                        guard opened else { throw SealFailure.tag }
                    }
                }
                return count
            }
        }
    }

    /// `key 32 || base nonce 12 || commitment 32`.
    private static func derive(
        _ key: borrowing Secret,
        salt: [UInt8],
        context: [UInt8]
    ) throws -> Secret {
        let info =
            Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".utf8) + salt + context
        return try OpenSSL.hkdf(.sha512, key: key, salt: nil, info: info, count: 76)
    }

    /// The chunk's number, big-endian, over the end of the base nonce.
    private static func nonce(
        of chunk: Int,
        base: Slice<UnsafeRawBufferPointer>
    ) -> [UInt8] {
        var nonce = unsafe Array(base)
        for (offset, shift) in stride(from: 0, to: 40, by: 8).enumerated() {
            nonce[11 - offset] ^= UInt8(truncatingIfNeeded: chunk >> shift)
        }
        return nonce
    }
}
