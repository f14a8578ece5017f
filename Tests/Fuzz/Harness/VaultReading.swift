import PurserCore

@testable import PurserVault

/// A header that is read writes the same bytes again, whole and as a line of the log.
func fuzzHeader(_ bytes: [UInt8]) {
    if let header = try? PublicHeader(logged: bytes) {
        require(header.bytes == bytes, "a logged header writes what was read")
    }
    readHeader(bytes)
    // With its checksum mended the bytes reach the fields behind it.
    let fields = PublicHeader.prefixSize + VaultHeader.checksumSize
    guard bytes.count > fields else { return }
    let prefix = bytes.prefix(PublicHeader.prefixSize)
    let rest = bytes.dropFirst(fields)
    readHeader(prefix + OpenSSL.sha256(Array(prefix + rest)) + rest)
}

private func readHeader(_ bytes: [UInt8]) {
    guard let header = try? VaultHeader(bytes) else { return }
    require(header.bytes == bytes, "a header writes what was read")
    guard let logged = try? PublicHeader(logged: header.open.bytes) else {
        return require(false, "a header's log entry reads")
    }
    require(logged == header.open, "a header's log entry is its public part")
}

/// A record that is read is written alike; what is sealed opens, and nothing else does.
func fuzzRecord(_ bytes: [UInt8]) {
    guard let key = try? Secret(copying: [UInt8](repeating: 7, count: 32)),
        let plaintext = try? Secret(copying: bytes)
    else { return require(false, "memory can be locked") }
    if let pointers = try? CredentialPointers(plaintext) {
        require(pointers.encoded == bytes, "pointers write what was read")
    }
    if let record = try? CredentialRecord(plaintext) {
        requireSame(record, bytes)
    }
    let salt = [UInt8](repeating: 9, count: Seal.saltSize)
    guard let sealed = try? Seal.seal(plaintext, key: key, context: [1], salt: salt),
        let opened = try? Seal.open(sealed, key: key, context: [1])
    else { return require(false, "what was sealed opens") }
    require(Secret.equal(opened, plaintext), "what was sealed opens as it was")
    require((try? Seal.open(sealed, key: key, context: [2])) == nil, "a place is part of the seal")
    require((try? Seal.open(bytes, key: key, context: [1])) == nil, "nothing else opens")
}

private func requireSame(_ record: borrowing CredentialRecord, _ bytes: [UInt8]) {
    // A record may hold what no draft may: then there is nothing to write.
    let token = record.token.withBytes { Array($0) }
    guard let copy = try? Secret(copying: token),
        let draft = try? CredentialDraft(
            kind: record.kind,
            token: copy,
            origins: record.origins,
            headerName: record.headerName,
            headerFormat: record.headerFormat,
            expiresAt: record.expiresAt
        ),
        let written = try? CredentialRecord.encode(
            draft,
            account: record.account,
            addedAt: record.addedAt,
            exposedAt: record.exposedAt
        )
    else { return }
    require(written.withBytes { Array($0) } == bytes, "a record writes what was read")
}

/// A key file's line that is read is the one its seed writes.
func fuzzKey(_ bytes: [UInt8]) {
    guard let text = try? Secret(copying: bytes) else {
        return require(false, "memory can be locked")
    }
    bytes.withUnsafeBytes { bytes in
        var decoded: [UInt8] = []
        guard (try? Bech32.decode(prefix: "K", bytes) { decoded.append($0) }) != nil else { return }
        var encoded: [UInt8] = []
        decoded.withUnsafeBytes { Bech32.encode(prefix: "K", $0) { encoded.append($0) } }
        require(encoded.elementsEqual(bytes), "Bech32 writes what was read")
    }
    guard let seed = try? SlotSeed(text: text), let again = try? seed.text() else { return }
    require(
        bytes.starts(with: again.withBytes { Array($0) }) && bytes.count <= again.count + 2,
        "a key writes what was read"
    )
}

/// A pin that is read writes the same text again.
func fuzzPin(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let pin = try? Pin(text: text) else { return }
    require(pin.text == text, "a pin writes what was read")
}
