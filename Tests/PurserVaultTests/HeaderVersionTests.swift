import PurserCore
import Testing

@testable import PurserVault

/// Headers that go back in version, and numbers far beyond any use.
struct HeaderVersionTests {
    @Test func `no header goes back to an older version or an older reader`() throws {
        let desk = try Desk()
        let old = desk.vault.header.open
        for (version, reader) in [(UInt16(2), UInt16(1)), (2, 2), (1, 1)] {
            let raised = try old.with(version: version, reader: reader)
            // Of version 1 and for readers of 1, as this program writes them, and properly signed.
            let next = try HeaderDraft(
                vaultID: old.vaultID,
                sequence: old.sequence + 1,
                epoch: old.epoch,
                previousID: raised.id,
                createdAt: noon,
                entries: desk.vault.header.entries
            ).signed(keys: desk.vault.keys, signerID: desk.vault.slot.id, seed: desk.vault.seed)
                .open
            let error = failure { try HeaderChain.checkStep(from: raised, to: next) }
            let isBack = version > 1 || reader > 1
            #expect(
                error
                    == (isBack
                        ? .untrusted("header 2 is of an older version than the one before") : nil)
            )
        }
    }

    @Test func `a state's sequence beyond use is refused before it can overflow`() throws {
        var desk = try Desk()
        try desk.add("token", to: ada)
        for sequence in [UInt64.max, UInt64(1) << 62 + 1] {
            let state = VaultState(
                sequence: sequence,
                epoch: 1,
                recordCount: desk.image.state.recordCount,
                mac: desk.image.state.mac
            )
            let image = desk.image.with(state: state)
            #expect(
                failure { try desk.vault.contents(of: image) } == .tampered("the state's sequence")
            )
        }
    }
}

extension PublicHeader {
    fileprivate func with(version: UInt16, reader: UInt16) throws -> PublicHeader {
        try PublicHeader(
            prefix: Array(prefix[0..<8]) + version.bytes + reader.bytes + prefix[12...],
            core: core,
            trailer: mac + signerID + signature
        )
    }
}

extension HeaderDraft {
    /// The header after `header`, with other slots.
    init(after header: VaultHeader, entries: [VaultHeader.Entry]) {
        self.init(
            vaultID: header.open.vaultID,
            sequence: header.open.sequence + 1,
            epoch: header.open.epoch,
            previousID: header.open.id,
            createdAt: noon,
            entries: entries
        )
    }
}
