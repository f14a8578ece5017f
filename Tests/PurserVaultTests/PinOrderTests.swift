import PurserCore
import Testing

@testable import PurserVault

/// A pin takes the next state of its own history and nothing else.
struct PinOrderTests {
    private func pin(
        header: UInt64,
        state: UInt64,
        epoch: UInt32 = 1,
        id: UInt8 = 7,
        mac: UInt8? = nil
    ) -> Pin {
        Pin(
            vaultID: [UInt8](0..<16),
            headerSequence: header,
            headerID: [UInt8](repeating: id &+ UInt8(truncatingIfNeeded: header), count: 32),
            epoch: epoch,
            stateSequence: state,
            manifestMAC: [UInt8](
                repeating: mac ?? UInt8(truncatingIfNeeded: state),
                count: 32
            )
        )
    }

    @Test func `header and state rise together`() throws {
        let pinned = pin(header: 3, state: 9, epoch: 2)
        #expect(try pinned.order(of: pinned) == .same)
        for (header, state, epoch) in [(3, 10, 2), (4, 10, 2), (4, 10, 3), (9, 40, 5)] {
            let later = pin(header: UInt64(header), state: UInt64(state), epoch: UInt32(epoch))
            #expect(try pinned.order(of: later) == .newer)
            #expect(try later.order(of: pinned) == .older)
            #expect(failure { try later.check(pinned) }?.kind == .untrusted)
        }
    }

    @Test func `what cannot be one history is refused, and leaves the pin as it was`() throws {
        let pinned = pin(header: 3, state: 9, epoch: 2)
        let strangers = [
            pin(header: 4, state: 8, epoch: 2), pin(header: 4, state: 9, epoch: 2),
            pin(header: 2, state: 10, epoch: 2), pin(header: 2, state: 9, epoch: 2),
            pin(header: 3, state: 10, epoch: 2, id: 8), pin(header: 3, state: 9, epoch: 2, mac: 1),
            pin(header: 4, state: 10, epoch: 1), pin(header: 2, state: 8, epoch: 3),
            pin(header: 3, state: 10, epoch: 3),
        ]
        try withTemporaryDirectory { folder in
            let file = PinFile(directory: folder, vaultID: [UInt8](0..<16))
            try file.advance(to: pinned)
            for stranger in strangers {
                #expect(
                    failure { try file.advance(to: stranger) }?.kind == .untrusted,
                    "header \(stranger.headerSequence), state \(stranger.stateSequence)"
                )
                #expect(try file.read() == pinned)
            }
        }
    }

    @Test func `a restored vault opens only where its header is named`() throws {
        var desk = try Desk()
        try desk.add("one", to: ada)
        let old = desk.image
        let oldID = desk.vault.headerID
        desk.apply(try desk.contents().rotate(now: noon))
        let pin = try desk.contents().pin
        let key = try desk.key()
        #expect(failure { try Vault.unlock(old, with: key, pin: pin) }?.kind == .untrusted)
        #expect(
            failure {
                try Vault.unlock(old, with: key, pin: pin, accepting: desk.vault.headerID)
            }?.kind == .untrusted
        )
        let vault = try Vault.unlock(old, with: key, pin: pin, accepting: oldID)
        #expect(try vault.contents(of: old).currentVersion(of: ada) == 1)
    }
}
