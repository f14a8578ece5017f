/// The public half of a slot: where the vault key is wrapped to, and what checks its signatures.
package struct SlotPublicKeys: Sendable, Equatable {
    package let x25519: [UInt8]
    package let ed25519: [UInt8]

    /// Whether one key pair is the same: no two slots of a vault may be.
    func isTwin(of other: SlotPublicKeys) -> Bool {
        x25519 == other.x25519 || ed25519 == other.ed25519
    }

    /// Fails unless both have 32 bytes.
    package init?(x25519: [UInt8], ed25519: [UInt8]) {
        guard x25519.count == 32, ed25519.count == 32 else { return nil }
        self.x25519 = x25519
        self.ed25519 = ed25519
    }

    /// Twelve groups of four hexadecimal digits, to be read aloud before the keys are trusted.
    package var fingerprint: String {
        OpenSSL.sha256(Array("purser/v1/slot-fingerprint\0".utf8) + x25519 + ed25519).readAloud
    }
}

extension SlotPublicKeys {
    package static let textPrefix = "PURSER-PUBLIC-"

    /// `PURSER-PUBLIC-1…`: what somebody sends to an admin to be given a slot; no secret.
    package var text: String {
        var characters: [UInt8] = []
        unsafe (x25519 + ed25519).withUnsafeBytes { bytes in
            unsafe Bech32.encode(prefix: Self.textPrefix, bytes) { characters.append($0) }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Reads what `text` gives; spaces around it are allowed.
    package init(text: String) throws(VaultError) {
        var bytes: [UInt8] = []
        do {
            let characters = Array(text.filter { !$0.isWhitespace }.utf8)
            try unsafe characters.withUnsafeBytes { characters in
                try unsafe Bech32.decode(prefix: Self.textPrefix, characters) { bytes.append($0) }
            }
        } catch {
            throw .damaged(.key, "not a PURSER-PUBLIC-1… text, or a character is wrong")
        }
        guard bytes.count == 64,
            let keys = SlotPublicKeys(
                x25519: Array(bytes.prefix(32)),
                ed25519: Array(bytes.suffix(32))
            )
        else { throw .damaged(.key, "a public key of \(bytes.count) bytes") }
        self = keys
    }
}

extension [UInt8] {
    /// The first 24 bytes in twelve groups of four digits.
    var readAloud: String {
        let digits = [Character](prefix(24).hexadecimal)
        return stride(from: 0, to: digits.count, by: 4).map {
            String(digits[$0..<$0 + 4])
        }.joined(separator: " ")
    }
}

/// The 32 secret bytes that a slot's two key pairs come from.
package struct SlotSeed: ~Copyable, Sendable {
    static let size = 32
    package static let textPrefix = "PURSER-KEY-"

    let bytes: Secret

    package init(random: Randomness = .system) throws {
        bytes = try random.secret(Self.size)
    }

    /// Reads `PURSER-KEY-1…`; one line ending is allowed.
    package init(text: borrowing Secret) throws {
        bytes = try unsafe text.withBytes { text in
            let line = unsafe UnsafeRawBufferPointer(
                rebasing: text.prefix { $0 != 0x0A && $0 != 0x0D }
            )
            let ending = unsafe text.dropFirst(line.count)
            guard
                unsafe ending.isEmpty || ending.elementsEqual([0x0A])
                    || ending.elementsEqual([0x0D, 0x0A]),
                line.count
                    == Bech32.textSize(prefix: Self.textPrefix, count: Self.size)
            else { throw VaultError.damaged(.key, "not a PURSER-KEY-1… line") }
            return try unsafe Secret(capacity: Self.size) { buffer in
                var count = 0
                do {
                    try unsafe Bech32.decode(prefix: Self.textPrefix, line) { byte in
                        unsafe buffer[count] = byte
                        count += 1
                    }
                } catch { throw VaultError.damaged(.key, "a character is wrong (checksum)") }
                return count
            }
        }
    }

    init(bytes: consuming Secret) throws {
        guard bytes.count == Self.size else {
            throw VaultError.damaged(.key, "a seed of \(bytes.count) bytes")
        }
        self.bytes = bytes
    }

    /// Whether a text begins as `PURSER-KEY-1…` does: a secret, wherever it turns up.
    package static func isText(_ text: some StringProtocol) -> Bool {
        text.uppercased().drop { $0.isWhitespace }.hasPrefix(textPrefix)
    }

    /// `PURSER-KEY-1…`, upper case, without a line ending: a key file's or recovery sheet's content.
    package borrowing func text() throws -> Secret {
        let capacity = Bech32.textSize(prefix: Self.textPrefix, count: Self.size)
        return try unsafe bytes.withBytes { seed in
            try unsafe Secret(capacity: capacity) { buffer in
                var count = 0
                unsafe Bech32.encode(prefix: Self.textPrefix, seed) { character in
                    unsafe buffer[count] = character
                    count += 1
                }
                return count
            }
        }
    }

    package borrowing func publicKeys() throws -> SlotPublicKeys {
        let x25519 = try OpenSSL.x25519PublicKey(of: x25519Key())
        let ed25519 = try OpenSSL.ed25519PublicKey(of: ed25519Key())
        guard let keys = SlotPublicKeys(x25519: x25519, ed25519: ed25519) else {
            throw VaultError.crypto("public key")
        }
        return keys
    }

    borrowing func x25519Key() throws -> Secret { try derived("purser/v1/identity/x25519") }

    borrowing func ed25519Key() throws -> Secret { try derived("purser/v1/identity/ed25519") }

    private borrowing func derived(_ name: String) throws -> Secret {
        try OpenSSL.hkdf(.sha512, key: bytes, salt: nil, info: Array(name.utf8), count: 32)
    }
}
