import Testing

@testable import PurserVault

/// The vectors of the standards themselves.
struct PublishedVectorTests {
    @Test func `scrypt answers as RFC 7914 says`() throws {
        let small = try OpenSSL.scrypt(
            secret("password"),
            salt: Array("NaCl".utf8),
            logN: 10,
            r: 8,
            p: 16,
            count: 64
        )
        #expect(
            small.copied()
                == hex(
                    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                        + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
                )
        )
        let larger = try OpenSSL.scrypt(
            secret("pleaseletmein"),
            salt: Array("SodiumChloride".utf8),
            logN: 14,
            count: 64
        )
        #expect(
            larger.copied()
                == hex(
                    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
                )
        )
    }

    @Test func `HKDF answers as RFC 5869 says`() throws {
        let key = try OpenSSL.hkdf(
            .sha256,
            key: secret([UInt8](repeating: 0x0B, count: 22)),
            salt: Array(0...0x0C),
            info: Array(0xF0...0xF9),
            count: 42
        )
        #expect(
            key.copied()
                == hex(
                    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                        + "34007208d5b887185865"
                )
        )
    }

    @Test func `HMAC answers as RFC 4231 says`() throws {
        let message = Array("what do ya want for nothing?".utf8)
        #expect(
            OpenSSL.hmac(.sha256, key: try secret("Jefe"), message)
                == hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        )
        #expect(
            OpenSSL.hmac(.sha512, key: try secret("Jefe"), message)
                == hex(
                    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                        + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
                )
        )
    }

    @Test func `SHA-256 answers as FIPS 180 says`() {
        #expect(
            Digest.sha256(Array("abc".utf8))
                == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        )
    }

    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
                + "39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
                + "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67"
                + "f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `Ed25519 signs as RFC 8032 says`(
        key: String,
        message: String,
        publicKey: String,
        signature: String
    ) throws {
        let key = try secret(hex(key))
        #expect(try OpenSSL.ed25519PublicKey(of: key) == hex(publicKey))
        #expect(try OpenSSL.ed25519Sign(hex(message), privateKey: key) == hex(signature))
        #expect(
            OpenSSL.ed25519Verify(
                hex(signature),
                of: hex(message),
                publicKey: hex(publicKey)
            )
        )
    }

    @Test func `X25519 iterates as RFC 7748 says`() throws {
        var scalar = [UInt8](repeating: 0, count: 32)
        scalar[0] = 9
        var point = scalar
        for round in 1...1000 {
            let next = try OpenSSL.x25519(privateKey: secret(scalar), publicKey: point)
            point = scalar
            scalar = next.copied()
            if round == 1 {
                #expect(
                    scalar
                        == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
                )
            }
        }
        #expect(
            scalar == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
        )
    }

    @Test func `an all-zero X25519 result is refused`() throws {
        let key = try secret([UInt8](repeating: 7, count: 32))
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(failure { try OpenSSL.x25519(privateKey: key, publicKey: zero) } != nil)
    }
}
