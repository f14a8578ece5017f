import PurserCore

/// The part of a header that everyone may see and that the log keeps for ever: prefix, core and trailer.
struct PublicHeader: Equatable, Sendable {
    static let magic: [UInt8] = Array("PURSERV\n".utf8)
    static let version: UInt16 = 1
    static let suite: UInt8 = 1
    static let prefixSize = 20
    static let trailerSize = 104
    static let partLimit = 131_072
    static let slotCounts = 1...256

    /// Magic, versions and lengths.
    let prefix: [UInt8]
    let core: [UInt8]
    let mac: [UInt8]
    let signerID: [UInt8]
    let signature: [UInt8]

    let vaultID: [UInt8]
    let sequence: UInt64
    let epoch: UInt32
    let previousID: [UInt8]
    let createdAt: Timestamp
    let privateHash: [UInt8]
    let slots: [KeySlot]

    /// What the header log keeps.
    var bytes: [UInt8] { prefix + core + mac + signerID + signature }

    /// Names this header in the chain.
    var id: [UInt8] { OpenSSL.sha256(bytes) }

    /// What the header's MAC covers.
    var authenticated: [UInt8] { prefix + core }

    /// What the signature covers.
    var signed: [UInt8] { Self.signedBytes(prefix: prefix, core: core, mac: mac) }

    static func signedBytes(prefix: [UInt8], core: [UInt8], mac: [UInt8]) -> [UInt8] {
        Array("purser/v1/header-sig\0".utf8) + prefix + core + mac
    }

    /// Reads a line of the header log.
    init(logged bytes: [UInt8]) throws(VaultError) {
        let (core, _) = try Self.lengths(bytes)
        guard bytes.count == Self.prefixSize + core + Self.trailerSize else {
            throw .damaged(.headerLog, "a length does not fit")
        }
        try self.init(
            prefix: Array(bytes.prefix(Self.prefixSize)),
            core: Array(bytes.dropFirst(Self.prefixSize).prefix(core)),
            trailer: Array(bytes.suffix(Self.trailerSize))
        )
    }

    /// Strict: suite first, then every field, then nothing.
    init(prefix: [UInt8], core: [UInt8], trailer: [UInt8]) throws(VaultError) {
        self.prefix = prefix
        self.core = core
        mac = Array(trailer.prefix(32))
        signerID = Array(trailer.dropFirst(32).prefix(8))
        signature = Array(trailer.suffix(64))
        guard let suite = core.first, suite == Self.suite else {
            throw core.first.map(VaultError.unsupportedSuite)
                ?? .damaged(.header, "the core is empty")
        }
        do throws(ByteReader.Misfit) {
            var reader = ByteReader(core.dropFirst())
            vaultID = try reader.take(16)
            sequence = try reader.integer()
            epoch = try reader.integer()
            previousID = try reader.take(32)
            guard let created = Int64(exactly: try reader.integer(UInt64.self)) else {
                throw ByteReader.Misfit()
            }
            createdAt = Timestamp(milliseconds: created)
            privateHash = try reader.take(32)
            slots = try Self.slots(from: &reader)
            try reader.finish()
        } catch {
            throw .damaged(.header, "a field of the core does not parse")
        }
        guard sequence > 0, epoch > 0 else { throw .damaged(.header, "sequence or epoch is 0") }
    }

    /// The lengths of core and private part, after magic and size.
    static func lengths(_ bytes: [UInt8]) throws(VaultError) -> (core: Int, secrets: Int) {
        guard bytes.starts(with: magic) else { throw .notAVault }
        guard bytes.count >= prefixSize + trailerSize else {
            throw .damaged(.header, "it ends too early")
        }
        let core = bytes[12..<16].reduce(0) { $0 << 8 | Int($1) }
        let secrets = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        guard core <= partLimit, secrets <= partLimit else {
            throw .damaged(.header, "a length is out of range")
        }
        return (core, secrets)
    }

    private static func slots(
        from reader: inout ByteReader
    ) throws(ByteReader.Misfit) -> [KeySlot] {
        let count = Int(try reader.integer(UInt16.self))
        guard slotCounts.contains(count) else { throw ByteReader.Misfit() }
        var slots: [KeySlot] = []
        for _ in 0..<count {
            let slot = try KeySlot(from: &reader)
            if let last = slots.last, !last.id.lexicographicallyPrecedes(slot.id) {
                throw ByteReader.Misfit()
            }
            // Twins would leave a person who was removed a way in, and a signature two signers.
            guard
                !slots.contains(where: { $0.keys.isTwin(of: slot.keys) })
            else { throw ByteReader.Misfit() }
            slots.append(slot)
        }
        return slots
    }

    func slot(_ id: [UInt8]) -> KeySlot? { slots.first { $0.id == id } }
}
