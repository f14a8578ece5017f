/// What this machine has seen of a vault: it will accept nothing older, and nothing that does not follow.
package struct Pin: Sendable, Equatable {
    package let vaultID: [UInt8]
    package let headerSequence: UInt64
    package let headerID: [UInt8]
    package let epoch: UInt32
    package let stateSequence: UInt64
    package let manifestMAC: [UInt8]

    /// Whether it has seen more than `other`.
    func isNewer(than other: Pin) -> Bool {
        (headerSequence, stateSequence) > (other.headerSequence, other.stateSequence)
    }

    private static let firstLine = "purser pin 1"

    var text: String {
        """
        \(Self.firstLine)
        vault_id \(vaultID.hexadecimal)
        header_seq \(headerSequence)
        header_id \(headerID.hexadecimal)
        epoch \(epoch)
        state_seq \(stateSequence)
        manifest_mac \(manifestMAC.hexadecimal)

        """
    }

    init(
        vaultID: [UInt8],
        headerSequence: UInt64,
        headerID: [UInt8],
        epoch: UInt32,
        stateSequence: UInt64,
        manifestMAC: [UInt8]
    ) {
        self.vaultID = vaultID
        self.headerSequence = headerSequence
        self.headerID = headerID
        self.epoch = epoch
        self.stateSequence = stateSequence
        self.manifestMAC = manifestMAC
    }

    /// Reads exactly what `text` writes.
    init(text: String) throws(VaultError) {
        let fields = text.split(separator: "\n").dropFirst().map { line in
            line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        }
        guard fields.count == 6, let vaultID = [UInt8](hexadecimal: fields[0]),
            let headerSequence = UInt64(fields[1]), let headerID = [UInt8](hexadecimal: fields[2]),
            let epoch = UInt32(fields[3]), let stateSequence = UInt64(fields[4]),
            let manifestMAC = [UInt8](hexadecimal: fields[5]), vaultID.count == 16,
            headerID.count == 32, manifestMAC.count == 32
        else { throw .damaged(.pin, "it does not parse") }
        self.init(
            vaultID: vaultID,
            headerSequence: headerSequence,
            headerID: headerID,
            epoch: epoch,
            stateSequence: stateSequence,
            manifestMAC: manifestMAC
        )
        guard self.text == text else { throw .damaged(.pin, "it does not parse") }
    }
}
