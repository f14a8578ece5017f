import PurserCore

/// A whole header of format 1: `prefix 20 | checksum 32 | core | private part | trailer 104`.
///
/// Parsing proves that it is well formed and undamaged, nothing more; trust comes from `Vault.unlock`.
struct VaultHeader: Equatable, Sendable {
    static let checksumSize = 32

    let open: PublicHeader
    /// The private halves, in the order of the slots.
    let secrets: [SlotSecrets]

    var secretBytes: [UInt8] { secrets.flatMap(\.encoded) }

    var bytes: [UInt8] {
        let rest = open.core + secretBytes + open.mac + open.signerID + open.signature
        return open.prefix + OpenSSL.sha256(open.prefix + rest) + rest
    }

    /// Checks in this order: magic, lengths, checksum, oldest reader, suite, every field.
    init(_ bytes: [UInt8]) throws(VaultError) {
        let (core, secrets) = try PublicHeader.lengths(bytes)
        let start = PublicHeader.prefixSize + Self.checksumSize
        guard bytes.count == start + core + secrets + PublicHeader.trailerSize else {
            throw .damaged(.header, "its lengths do not add up to its size")
        }
        let prefix = Array(bytes.prefix(PublicHeader.prefixSize))
        let checksum = Array(bytes[PublicHeader.prefixSize..<start])
        guard OpenSSL.sha256(prefix + bytes[start...]) == checksum else {
            throw .damaged(.header, "the checksum does not match")
        }
        try Self.checkVersions(prefix)
        open = try PublicHeader(
            prefix: prefix,
            core: Array(bytes[start..<start + core]),
            trailer: Array(bytes.suffix(PublicHeader.trailerSize))
        )
        do throws(ByteReader.Misfit) {
            var reader = ByteReader(bytes[start + core..<start + core + secrets])
            var parsed: [SlotSecrets] = []
            for slot in open.slots {
                parsed.append(try SlotSecrets(from: &reader, of: slot.kind))
            }
            try reader.finish()
            self.secrets = parsed
        } catch {
            throw .damaged(.header, "a private slot does not parse")
        }
    }

    private static func checkVersions(_ prefix: [UInt8]) throws(VaultError) {
        let version = UInt16(prefix[8]) << 8 | UInt16(prefix[9])
        let oldestReader = UInt16(prefix[10]) << 8 | UInt16(prefix[11])
        guard oldestReader <= PublicHeader.version else {
            throw .newerVersion(found: oldestReader, supported: PublicHeader.version)
        }
        guard oldestReader > 0, version >= oldestReader else {
            throw .damaged(.header, "its version is older than its oldest reader")
        }
    }

    /// A slot with both halves.
    struct Entry {
        let slot: KeySlot
        let secrets: SlotSecrets
    }

    var entries: [Entry] { zip(open.slots, secrets).map(Entry.init) }

    var logEntry: HeaderLogEntry {
        HeaderLogEntry(sequence: open.sequence, headerID: open.id, bytes: open.bytes)
    }
}

/// What a new header says, before it is authenticated and signed.
struct HeaderDraft {
    let vaultID: [UInt8]
    let sequence: UInt64
    let epoch: UInt32
    let previousID: [UInt8]
    let createdAt: Timestamp
    let entries: [VaultHeader.Entry]

    /// Encodes, authenticates under the vault key and signs as `signerID`.
    ///
    /// Ends by reading its own bytes back, so that nothing leaves that a reader would refuse.
    func signed(
        keys: borrowing VaultKeys,
        signerID: [UInt8],
        seed: borrowing SlotSeed
    ) throws -> VaultHeader {
        let entries = entries.sorted { $0.slot.id.lexicographicallyPrecedes($1.slot.id) }
        let secretBytes = entries.flatMap(\.secrets.encoded)
        let core =
            [PublicHeader.suite] + vaultID + sequence.bytes + epoch.bytes + previousID
            + UInt64(bitPattern: createdAt.milliseconds).bytes + OpenSSL.sha256(secretBytes)
            + UInt16(entries.count).bytes + entries.flatMap(\.slot.encoded)
        let prefix =
            PublicHeader.magic + PublicHeader.version.bytes + PublicHeader.version.bytes
            + UInt32(core.count).bytes + UInt32(secretBytes.count).bytes
        let mac = OpenSSL.hmac(.sha256, key: keys.header, prefix + core)
        let signature = try OpenSSL.ed25519Sign(
            PublicHeader.signedBytes(prefix: prefix, core: core, mac: mac),
            privateKey: seed.ed25519Key()
        )
        let rest = core + secretBytes + mac + signerID + signature
        return try VaultHeader(prefix + OpenSSL.sha256(prefix + rest) + rest)
    }
}
