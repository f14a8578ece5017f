import PurserCore

/// What this machine has seen of a vault: it will accept nothing older, and nothing that does not follow.
package struct Pin: Sendable, Equatable {
    package let vaultID: [UInt8]
    package let headerSequence: UInt64
    package let headerID: [UInt8]
    package let epoch: UInt32
    package let stateSequence: UInt64
    package let manifestMAC: [UInt8]

    /// How what was seen at another time stands to this.
    package enum Order: Sendable {
        case older
        case same
        case newer
    }

    /// Where `other` stands in the history that this pin belongs to.
    ///
    /// Every change of the header is a change of the state too, so both sequences rise together: a header that
    /// went forward over a state that did not, or the other way round, is no history of one vault. Throws
    /// `untrusted`, `forked` or `rollback` where the two cannot both be true.
    package func order(of other: Pin) throws(VaultError) -> Order {
        guard other.vaultID == vaultID else { throw .untrusted("it is another vault") }
        if other.headerSequence == headerSequence {
            guard other.headerID == headerID, other.epoch == epoch else {
                throw .forked("two headers have the sequence \(headerSequence)")
            }
        } else if other.headerSequence > headerSequence {
            guard other.stateSequence > stateSequence, other.epoch >= epoch else {
                throw .rollback(
                    "the state's sequence",
                    found: other.stateSequence,
                    pinned: stateSequence
                )
            }
        } else {
            guard other.stateSequence < stateSequence, other.epoch <= epoch else {
                throw .rollback(
                    "the header's sequence",
                    found: other.headerSequence,
                    pinned: headerSequence
                )
            }
        }
        if other.stateSequence == stateSequence {
            guard other.manifestMAC == manifestMAC else {
                throw .forked("two states have the sequence \(stateSequence)")
            }
            return .same
        }
        return other.stateSequence < stateSequence ? .older : .newer
    }

    /// Refuses what is older than this pin, and what does not follow from it.
    package func check(_ other: Pin) throws(VaultError) {
        guard try order(of: other) != .older else {
            if other.headerSequence < headerSequence {
                throw .rollback(
                    "the header's sequence",
                    found: other.headerSequence,
                    pinned: headerSequence
                )
            }
            throw .rollback(
                "the state's sequence",
                found: other.stateSequence,
                pinned: stateSequence
            )
        }
    }

    init(header: PublicHeader, state: VaultState) {
        self.init(
            vaultID: header.vaultID,
            headerSequence: header.sequence,
            headerID: header.id,
            epoch: header.epoch,
            stateSequence: state.sequence,
            manifestMAC: state.mac
        )
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

    package init(
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
