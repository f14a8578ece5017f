import PurserCore

/// Follows the signatures from what is trusted to the header at hand.
enum HeaderChain {
    /// Checks every step from the first header to `head`, and that it passes through the pin.
    ///
    /// Header n + 1 must be signed by a slot of header n that may make that change, name header n, and
    /// have the next number: so no header can be replaced, skipped or invented by someone without a slot.
    ///
    /// `root` is the fingerprint of the vault that is expected; the chain then starts at the first header.
    static func verify(
        _ head: PublicHeader,
        log: [HeaderLogEntry],
        pin: Pin?,
        root: String?
    ) throws(VaultError) {
        if let pin { try compare(head, with: pin) }
        var lines: [UInt64: HeaderLogEntry] = [:]
        for line in log where lines.updateValue(line, forKey: line.sequence) != nil {
            throw .untrusted("the header log has two lines \(line.sequence)")
        }
        if let last = lines.keys.max(), last > head.sequence {
            throw .rollback("the header's sequence", found: head.sequence, pinned: last)
        }
        var previous: PublicHeader?
        for sequence in 1...head.sequence {
            guard let line = lines[sequence] else {
                throw .untrusted("the header log has no line \(sequence)")
            }
            let header = try read(line)
            if let previous {
                try checkStep(from: previous, to: header)
            } else if sequence == 1 {
                try checkFirst(header)
            }
            if let pin, sequence == pin.headerSequence, header.id != pin.headerID {
                throw .untrusted("header \(sequence) is not the one that was pinned")
            }
            if sequence == 1, let root, header.fingerprint != root {
                throw .untrusted("its fingerprint is \(header.fingerprint)")
            }
            previous = header
        }
        guard previous == head else {
            throw .untrusted("the header is not the last line of the header log")
        }
    }

    /// One step, from a header that is trusted.
    static func checkStep(from old: PublicHeader, to new: PublicHeader) throws(VaultError) {
        let place = "header \(new.sequence)"
        guard new.vaultID == old.vaultID, old.sequence < UInt64.max,
            new.sequence == old.sequence + 1, new.previousID == old.id
        else { throw .untrusted("\(place) does not follow the one before") }
        // Bytes 8 to 11: the version and the oldest reader. Going back would be a downgrade in silence.
        guard !new.prefix[8..<12].lexicographicallyPrecedes(old.prefix[8..<12]) else {
            throw .untrusted("\(place) is of an older version than the one before")
        }
        guard let signer = old.slot(new.signerID) else {
            throw .untrusted("\(place) is signed by no slot of the one before")
        }
        try checkSignature(new, by: signer)
        switch signer.role {
        case .admin: break
        case .member:
            guard new.epoch == old.epoch, new.prefix[8..<12] == old.prefix[8..<12],
                changesOnlyKeys(of: signer, from: old, to: new)
            else {
                throw .untrusted("\(place): a member changed more than its own keys")
            }
        case .server: throw .untrusted("\(place) is signed by a server")
        }
        guard new.epoch == old.epoch || new.epoch == old.epoch + 1 else {
            throw .untrusted("\(place) skips a vault key")
        }
    }

    private static func checkFirst(_ header: PublicHeader) throws(VaultError) {
        guard header.previousID.allSatisfy({ $0 == 0 }), header.epoch == 1,
            let signer = header.slot(header.signerID), signer.role == .admin
        else { throw .untrusted("the first header is not a first header") }
        try checkSignature(header, by: signer)
    }

    private static func checkSignature(
        _ header: PublicHeader,
        by signer: KeySlot
    ) throws(VaultError) {
        guard
            OpenSSL.ed25519Verify(
                header.signature,
                of: header.signed,
                publicKey: signer.keys.ed25519
            )
        else { throw .untrusted("the signature of header \(header.sequence) is wrong") }
    }

    private static func changesOnlyKeys(
        of signer: KeySlot,
        from old: PublicHeader,
        to new: PublicHeader
    ) -> Bool {
        guard new.slots.count == old.slots.count else { return false }
        return zip(old.slots, new.slots).allSatisfy { old, new in
            guard old.id == signer.id else { return old == new }
            return new.id == old.id && new.kind == old.kind && new.role == old.role
                && new.name == old.name && new.createdAt == old.createdAt
        }
    }

    private static func compare(_ head: PublicHeader, with pin: Pin) throws(VaultError) {
        guard head.vaultID == pin.vaultID else { throw .untrusted("it is another vault") }
        guard head.sequence >= pin.headerSequence else {
            throw .rollback(
                "the header's sequence",
                found: head.sequence,
                pinned: pin.headerSequence
            )
        }
        guard head.sequence > pin.headerSequence || head.id == pin.headerID else {
            throw .forked("two headers have the sequence \(head.sequence)")
        }
    }

    private static func read(_ line: HeaderLogEntry) throws(VaultError) -> PublicHeader {
        guard OpenSSL.sha256(line.bytes) == line.headerID else {
            throw .damaged(.headerLog, "line \(line.sequence) does not match its id")
        }
        let header: PublicHeader
        do {
            header = try PublicHeader(logged: line.bytes)
        } catch { throw .damaged(.headerLog, "line \(line.sequence) does not parse") }
        guard header.sequence == line.sequence else {
            throw .damaged(.headerLog, "line \(line.sequence) is header \(header.sequence)")
        }
        return header
    }
}

extension PublicHeader {
    /// Twelve groups of four digits; of the first header, the fingerprint of the vault.
    var fingerprint: String { id.readAloud }
}
