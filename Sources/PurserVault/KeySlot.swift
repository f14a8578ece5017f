package import PurserCore

/// How a slot is opened.
package enum SlotKind: UInt8, Sendable, CaseIterable {
    case passphrase = 1
    case identity = 2
    case keyFile = 3
    case recovery = 4

    package var name: String {
        switch self {
        case .passphrase: "passphrase"
        case .identity: "identity"
        case .keyFile: "key-file"
        case .recovery: "recovery"
        }
    }
}

/// What a slot's owner may do to the header: an admin anything, a member change its own keys, a server nothing.
package enum SlotRole: UInt8, Sendable, CaseIterable {
    case admin = 1
    case member = 2
    case server = 3

    package var name: String {
        switch self {
        case .admin: "admin"
        case .member: "member"
        case .server: "server"
        }
    }
}

/// The public half of a slot, as it stands in the core of the header.
package struct KeySlot: Sendable, Equatable {
    static let names = 1...64

    /// Eight bytes.
    package let id: [UInt8]
    package let kind: SlotKind
    package let role: SlotRole
    package let name: String
    package let keys: SlotPublicKeys
    package let createdAt: Timestamp

    var encoded: [UInt8] {
        let text = Array(name.utf8)
        let body =
            id + [kind.rawValue, role.rawValue, UInt8(text.count)] + text + keys.x25519
            + keys.ed25519 + UInt64(bitPattern: createdAt.milliseconds).bytes
        return UInt16(body.count).bytes + body
    }

    init(
        id: [UInt8],
        kind: SlotKind,
        role: SlotRole,
        name: String,
        keys: SlotPublicKeys,
        createdAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.role = role
        self.name = name
        self.keys = keys
        self.createdAt = createdAt
    }

    init(from reader: inout ByteReader) throws(ByteReader.Misfit) {
        var body = ByteReader(try reader.take(Int(reader.integer(UInt16.self))))
        id = try body.take(8)
        guard let kind = SlotKind(rawValue: try body.integer()),
            let role = SlotRole(rawValue: try body.integer())
        else { throw ByteReader.Misfit() }
        self.kind = kind
        self.role = role
        let count = Int(try body.integer(UInt8.self))
        let text = try body.take(count)
        guard Self.names.contains(count), let name = String(validating: text, as: UTF8.self),
            let keys = SlotPublicKeys(x25519: try body.take(32), ed25519: try body.take(32)),
            let created = Int64(exactly: try body.integer(UInt64.self))
        else { throw ByteReader.Misfit() }
        self.name = name
        self.keys = keys
        createdAt = Timestamp(milliseconds: created)
        try body.finish()
    }
}

/// The private half of a slot: nothing of it enters the header log, so that an old weak passphrase
/// cannot open a key of today.
struct SlotSecrets: Equatable, Sendable {
    static let sealedSeedSize = SlotSeed.size + Seal.overhead

    /// How a passphrase opens the seed; `nil` for a slot whose owner holds the seed itself.
    let passphrase: SealedSeed?
    let wrap: [UInt8]

    struct SealedSeed: Equatable, Sendable {
        let block: PassphraseBlock
        let sealed: [UInt8]
    }

    var encoded: [UInt8] {
        let body = (passphrase.map { $0.block.encoded + $0.sealed } ?? [0]) + wrap
        return UInt16(body.count).bytes + body
    }

    init(passphrase: SealedSeed?, wrap: [UInt8]) {
        self.passphrase = passphrase
        self.wrap = wrap
    }

    init(from reader: inout ByteReader, of kind: SlotKind) throws(ByteReader.Misfit) {
        var body = ByteReader(try reader.take(Int(reader.integer(UInt16.self))))
        let kdf: UInt8 = try body.integer()
        guard kdf == (kind == .passphrase ? 1 : 0) else { throw ByteReader.Misfit() }
        if kdf == 1 {
            let block = try PassphraseBlock(from: &body)
            passphrase = SealedSeed(block: block, sealed: try body.take(Self.sealedSeedSize))
        } else {
            passphrase = nil
        }
        wrap = try body.take(Wrap.size)
        try body.finish()
    }
}

extension SlotSecrets.SealedSeed {
    /// Seals a slot's seed under a passphrase.
    init(
        _ seed: borrowing SlotSeed,
        passphrase: borrowing Secret,
        cost: PassphraseCost,
        slot: KeySlot,
        vaultID: [UInt8],
        random: Randomness
    ) throws {
        block = PassphraseBlock(cost: cost, salt: try random.bytes(32))
        sealed = try Seal.seal(
            seed.bytes,
            key: block.key(from: passphrase),
            context: Self.context(block, slot: slot, vaultID: vaultID),
            salt: random.bytes(Seal.saltSize)
        )
    }

    /// Throws `wrongPassphrase` when the commitment does not fit, `tampered` when only the tag does not.
    func open(
        _ passphrase: borrowing Secret,
        slot: KeySlot,
        vaultID: [UInt8]
    ) throws -> SlotSeed {
        do {
            return try SlotSeed(
                bytes: Seal.open(
                    sealed,
                    key: block.key(from: passphrase),
                    context: Self.context(block, slot: slot, vaultID: vaultID)
                )
            )
        } catch SealFailure.commitment {
            throw VaultError.wrongPassphrase(slot: slot.name)
        } catch is SealFailure {
            throw VaultError.tampered("the sealed seed of slot \(slot.name)")
        }
    }

    /// Binds the derivation's parameters too: who lowers them only breaks the slot.
    private static func context(
        _ block: PassphraseBlock,
        slot: KeySlot,
        vaultID: [UInt8]
    ) -> [UInt8] {
        Array("purser/v1/slot-seed\0".utf8) + vaultID + slot.id + block.encoded
            + slot.keys.x25519 + slot.keys.ed25519
    }
}

/// The vault key wrapped to a slot's public key: `ephemeral public key 32 || sealed 104`.
enum Wrap {
    static let size = 32 + VaultKeys.size + Seal.overhead

    static func wrap(
        _ vaultKey: borrowing Secret,
        to slot: KeySlot,
        vaultID: [UInt8],
        epoch: UInt32,
        random: Randomness
    ) throws -> [UInt8] {
        let ephemeral = try random.secret(32)
        let ephemeralPublic = try OpenSSL.x25519PublicKey(of: ephemeral)
        let shared = try OpenSSL.x25519(privateKey: ephemeral, publicKey: slot.keys.x25519)
        let sealed = try Seal.seal(
            vaultKey,
            key: key(shared, ephemeralPublic, slot),
            context: context(vaultID, epoch, ephemeralPublic, slot),
            salt: random.bytes(Seal.saltSize)
        )
        return ephemeralPublic + sealed
    }

    static func unwrap(
        _ wrap: [UInt8],
        seed: borrowing SlotSeed,
        slot: KeySlot,
        vaultID: [UInt8],
        epoch: UInt32
    ) throws -> Secret {
        let ephemeralPublic = Array(wrap.prefix(32))
        do {
            let shared = try OpenSSL.x25519(
                privateKey: seed.x25519Key(),
                publicKey: ephemeralPublic
            )
            return try Seal.open(
                Array(wrap.dropFirst(32)),
                key: key(shared, ephemeralPublic, slot),
                context: context(vaultID, epoch, ephemeralPublic, slot)
            )
        } catch VaultError.crypto, is SealFailure {
            throw VaultError.tampered("the wrapped vault key of slot \(slot.name)")
        }
    }

    private static func key(
        _ shared: borrowing Secret,
        _ ephemeralPublic: [UInt8],
        _ slot: KeySlot
    ) throws -> Secret {
        try OpenSSL.hkdf(
            .sha512,
            key: shared,
            salt: ephemeralPublic + slot.keys.x25519,
            info: Array("purser/v1/vk-wrap".utf8),
            count: 32
        )
    }

    private static func context(
        _ vaultID: [UInt8],
        _ epoch: UInt32,
        _ ephemeralPublic: [UInt8],
        _ slot: KeySlot
    ) -> [UInt8] {
        Array("purser/v1/vk-wrap\0".utf8) + vaultID + epoch.bytes + slot.id + ephemeralPublic
            + slot.keys.x25519
    }
}
