import Testing

@testable import PurserVault

/// Every vector that applies, through the wrappers the vault itself uses.
@Suite(
    .enabled(
        if: Wycheproof.folder != nil,
        "the Wycheproof vectors did not run: PURSER_VECTORS names no folder"
    )
)
struct WycheproofTests {
    @Test func `AES-256-GCM matches 66 vectors`() throws {
        let groups = try Wycheproof.groups(
            "aes_gcm",
            as: Wycheproof.Group<Wycheproof.Cipher>.self
        )
        var count = 0
        for group in groups where group.keySize == 256 && group.ivSize == 96 {
            for vector in group.tests {
                count += 1
                let sealed = hex(vector.ct) + hex(vector.tag)
                let message = hex(vector.msg)
                let opened = try openGCM(vector, sealed)
                #expect(opened == (vector.result == "valid" ? message : nil), "\(vector.tcId)")
                if vector.result == "valid" {
                    #expect(try sealGCM(vector, message) == sealed, "\(vector.tcId)")
                }
            }
        }
        #expect(count == 66)
    }

    private func sealGCM(_ vector: Wycheproof.Cipher, _ message: [UInt8]) throws -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: message.count + 16)
        try hex(vector.key).withUnsafeBytes { key in
            try message.withUnsafeBytes { text in
                try sealed.withUnsafeMutableBytes { output in
                    try OpenSSL.sealGCM(
                        key: key,
                        nonce: hex(vector.iv),
                        aad: hex(vector.aad),
                        plaintext: text,
                        into: output
                    )
                }
            }
        }
        return sealed
    }

    private func openGCM(_ vector: Wycheproof.Cipher, _ sealed: [UInt8]) throws -> [UInt8]? {
        var opened = [UInt8](repeating: 0, count: sealed.count - 16)
        let fits = try hex(vector.key).withUnsafeBytes { key in
            try sealed.withUnsafeBytes { input in
                try opened.withUnsafeMutableBytes { output in
                    try OpenSSL.openGCM(
                        key: key,
                        nonce: hex(vector.iv),
                        aad: hex(vector.aad),
                        sealed: input,
                        into: output
                    )
                }
            }
        }
        return fits ? opened : nil
    }

    @Test func `Cobblestone-256 matches 35 vectors`() throws {
        let groups = try Wycheproof.groups(
            "c2sp_chunked_encryption_aes_256_gcm",
            as: Wycheproof.Group<Wycheproof.Chunked>.self
        )
        var count = 0
        for vector in groups.flatMap(\.tests) {
            count += 1
            let sealed = try Inflate.zlib(hex(vector.ct))
            let key = try secret(hex(vector.key))
            guard vector.result == "valid" else {
                #expect(throws: SealFailure.self, "\(vector.tcId)") {
                    _ = try Seal.open(sealed, key: key, context: hex(vector.ctx))
                }
                continue
            }
            let opened = try Seal.open(sealed, key: key, context: hex(vector.ctx))
            #expect(opened.count == vector.msgLength, "\(vector.tcId)")
            let again = try Seal.seal(
                opened,
                key: key,
                context: hex(vector.ctx),
                salt: Array(sealed.prefix(24))
            )
            #expect(again == sealed, "\(vector.tcId)")
        }
        #expect(count == 35)
    }

    @Test func `X25519 matches 518 vectors`() throws {
        let groups = try Wycheproof.groups(
            "x25519",
            as: Wycheproof.Group<Wycheproof.Agreement>.self
        )
        var count = 0
        var refused = 0
        for vector in groups.flatMap(\.tests) {
            count += 1
            let key = try secret(hex(vector.private))
            let shared = hex(vector.shared)
            if shared.allSatisfy({ $0 == 0 }) {
                refused += 1
                #expect(
                    failure { try OpenSSL.x25519(privateKey: key, publicKey: hex(vector.public)) }
                        != nil,
                    "\(vector.tcId)"
                )
            } else {
                let found = try OpenSSL.x25519(privateKey: key, publicKey: hex(vector.public))
                #expect(found.copied() == shared, "\(vector.tcId)")
            }
        }
        #expect(count == 518)
        #expect(refused == 31)
    }

    @Test(arguments: [("hkdf_sha256", OpenSSL.Hash.sha256, 86), ("hkdf_sha512", .sha512, 83)])
    func `HKDF matches its vectors`(file: String, hash: OpenSSL.Hash, expected: Int) throws {
        let groups = try Wycheproof.groups(
            file,
            as: Wycheproof.Group<Wycheproof.Derivation>.self
        )
        var count = 0
        for vector in groups.flatMap(\.tests) {
            count += 1
            let key = try secret(hex(vector.ikm))
            guard vector.result == "valid" else {
                #expect(
                    failure {
                        try OpenSSL.hkdf(
                            hash,
                            key: key,
                            salt: hex(vector.salt),
                            info: hex(vector.info),
                            count: vector.size
                        )
                    } != nil,
                    "\(vector.tcId)"
                )
                continue
            }
            let found = try OpenSSL.hkdf(
                hash,
                key: key,
                salt: hex(vector.salt),
                info: hex(vector.info),
                count: vector.size
            )
            #expect(found.copied() == hex(vector.okm), "\(vector.tcId)")
        }
        #expect(count == expected)
    }

    @Test(arguments: [("hmac_sha256", OpenSSL.Hash.sha256), ("hmac_sha512", .sha512)])
    func `HMAC matches 174 vectors`(file: String, hash: OpenSSL.Hash) throws {
        let groups = try Wycheproof.groups(file, as: Wycheproof.Group<Wycheproof.Code>.self)
        var count = 0
        for group in groups {
            for vector in group.tests {
                count += 1
                let code = OpenSSL.hmac(hash, key: try secret(hex(vector.key)), hex(vector.msg))
                // Some vectors want the code cut short; the vault never cuts one it compares.
                let cut = Array(code.prefix((group.tagSize ?? 0) / 8))
                #expect((cut == hex(vector.tag)) == (vector.result == "valid"), "\(vector.tcId)")
            }
        }
        #expect(count == 174)
    }

    @Test func `Ed25519 matches 151 vectors`() throws {
        let groups = try Wycheproof.groups(
            "ed25519",
            as: Wycheproof.Group<Wycheproof.Signature>.self
        )
        var count = 0
        for group in groups {
            let key = hex(try #require(group.publicKey).pk)
            for vector in group.tests {
                count += 1
                let valid = OpenSSL.ed25519Verify(
                    hex(vector.sig),
                    of: hex(vector.msg),
                    publicKey: key
                )
                #expect(valid == (vector.result == "valid"), "\(vector.tcId)")
            }
        }
        #expect(count == 151)
    }
}
