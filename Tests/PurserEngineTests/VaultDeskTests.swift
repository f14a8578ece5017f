import Foundation
import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Synchronization
import Testing

/// Who may open the vault, and what a rotation takes with it.
struct VaultDeskTests {
    @Test func `a person who is removed leaves a list that shrinks token by token`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            try await home.add("pro-1", .tierOne, credits: 700)
            _ = try await home.withSlot("bob")

            let removed = try await home.vault.removeSlot(named: "bob")

            #expect(removed.exposed.map(\.account) == ["pro-1", "ultra-1"])
            #expect(removed.epoch == 2)
            #expect(try await home.account("pro-1").tokenExposedAt == home.clock.now)
            home.provider.anyCredits(
                .init(credits: .zero, tier: .ultra, tierName: Tier.ultra.wireName)
            )
            try await home.rotate("ultra-1", to: "fresh")
            #expect(try await home.vault.exposed().map(\.account) == ["pro-1"])
            #expect(try await home.account("ultra-1").tokenExposedAt == nil)
            _ = try await AccountDesk(home.engine).rollBack(try await home.account("ultra-1"))
            #expect(try await home.vault.exposed().map(\.account) == ["pro-1", "ultra-1"])
            #expect(try await home.account("ultra-1").tokenExposedAt != nil)
            let verbs = try await home.verbs()
            #expect(
                verbs.filter { $0.hasPrefix("vault.key") } == ["vault.key_add", "vault.key_remove"]
            )
        }
    }

    @Test func `a stored answer survives a rotation, and is repeated uncharged`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            let first = try await home.send(.capture, key: "shot-1")

            let rotated = try await home.vault.rotateKey()
            let again = try await home.send(.capture, key: "shot-1")

            #expect(rotated.lostAnswers == 0)
            #expect(again.isRepeat)
            #expect(again.answer == first.answer)
            #expect(home.provider.sent.count == 1)
            let other = try await home.reopened()
            #expect(try await other.send(.capture, key: "shot-1").answer == first.answer)
        }
    }

    @Test func `an answer that comes over a rotation is sealed under the new key`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let other = try await home.reopened()
            home.provider.answer(.accepted("op-1", remaining: 680))
            let rotated = Seen<UInt32>()
            home.provider.whileSending {
                await rotated.record { try await other.vault.rotateKey().epoch }
            }

            let first = try await home.send(.capture, key: "shot-1")

            #expect(try rotated.value() == 2)
            #expect(try await home.balance("ultra-1") == .init(posted: 680, held: 0))
            let again = try await other.send(.capture, key: "shot-1")
            #expect(again.isRepeat)
            #expect(again.answer == first.answer)
        }
    }

    @Test func `a running process follows a rotation and a change of slots`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let other = try await home.reopened()
            _ = try await other.withSlot("bob")
            _ = try await other.vault.rotateKey()
            #expect(try await home.token("ultra-1") == "token-of-ultra-1")
            #expect(home.engine.keyring.vault.epoch == 2)
            #expect(home.engine.keyring.vault.slots.count == 3)
        }
    }

    @Test func `a process whose slot was removed says so and sends nothing`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let bob = try await home.withSlot("bob")
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await bob.send(.capture)

            _ = try await home.vault.removeSlot(named: "bob")

            await #expect(throws: VaultError.slotRemoved("bob")) { try await bob.send(.capture) }
            #expect(VaultError.slotRemoved("bob").kind == .wrongPassphrase)
            #expect(home.provider.sent.count == 1)
            #expect(try await home.totalHeld() == 0)
        }
    }

    @Test func `a member cannot touch slots or the key, nor an admin remove their own`()
        async throws
    {
        try await withEngine { home in
            let bob = try await home.withSlot("bob")
            await #expect(throws: VaultError.self) { try await bob.vault.rotateKey() }
            await #expect(throws: VaultError.self) { try await bob.vault.removeSlot(named: "test") }
            await #expect(throws: VaultError.self) {
                try await home.vault.removeSlot(named: "test")
            }
            #expect(home.engine.keyring.vault.epoch == 1)
        }
    }

    @Test func `checkpoints of the ledger hold under every later key`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = home.engine.store
            let old = home.engine.keyring.vault
            try await store.writeCheckpoint(at: home.clock.now, epoch: 1) { old.ledgerMAC($0) }
            for _ in 0..<2 { _ = try await home.vault.rotateKey() }
            // A process that has not followed yet writes none.
            try await home.add("pro-1", .tierOne, credits: 700)
            home.clock.advance(by: .seconds(3600))
            try await store.writeCheckpoint(at: home.clock.now, epoch: 1) { old.ledgerMAC($0) }

            let vault = home.engine.keyring.vault
            let now = home.clock.now
            let sound = try await store.verify(at: now) { vault.ledgerMAC($0) }
            #expect(vault.epoch == 3)
            #expect(sound.findings.filter(\.isViolation).isEmpty)
            let stale = try await store.verify(at: now) { old.ledgerMAC($0) }
            #expect(stale.findings.filter { $0.rule == "L22" }.count == 1)
        }
    }

    @Test func `a checkpoint's line tells a home that was put back`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = home.engine.store
            let line = try await home.vault.checkpoint().line
            let earlier = try VaultCheckpoint(line: line)
            #expect(earlier.line == line)
            let before = try #require(try await store.vaultImage())
            try await VaultDesk.check(earlier, image: before, store: store)

            try await home.add("pro-1", .tierOne, credits: 700)
            _ = try await home.vault.rotateKey()
            let after = try #require(try await store.vaultImage())
            try await VaultDesk.check(earlier, image: after, store: store)
            let later = try await home.vault.checkpoint()
            await #expect(throws: VaultError.self) {
                try await VaultDesk.check(later, image: before, store: store)
            }
            #expect(throws: EngineError.self) { try VaultCheckpoint(line: line + " x") }
        }
    }

    @Test func `the audit trail has one opening a day for each actor and slot`() async throws {
        try await withEngine { home in
            let store = home.engine.store
            let start = home.clock.now
            for (actor, slot, seconds) in [
                ("ann", "desk", 0), ("ann", "desk", 60), ("ann", "server", 60), ("bob", "desk", 60),
                ("ann", "desk", 86_400),
            ] {
                let now = start + .seconds(seconds)
                try await store.recordOpening(slot: slot, by: Actor(actor), at: now)
            }
            #expect(try await home.verbs().filter { $0 == "vault.open" }.count == 4)
        }
    }

    @Test
    func
        `a key is handed over before its slot is in, and a pin that is not written undoes nothing`()
        async throws
    {
        try await withEngine { home in
            let image = try #require(try await home.engine.store.vaultImage())
            let pin = PinFile(
                directory: home.folder + "/state",
                vaultID: try Vault.describe(image).vaultID
            )
            let heard = Mutex(0)
            let keyring = Keyring(
                vault: home.engine.keyring.vault,
                store: home.engine.store,
                pin: pin,
                unremembered: { _ in heard.withLock { $0 += 1 } }
            )
            let clock = home.clock
            let desk = VaultDesk(
                keyring: keyring,
                store: home.engine.store,
                actor: home.engine.actor,
                now: { clock.now }
            )
            let before = try await home.engine.store.vaultState()
            let keys = try SlotSeed().publicKeys()
            let lock = pin.path + ".lock"
            _ = try await desk.addSlot(.publicKeys(keys, name: "bob", role: .member)) { slot in
                #expect(slot.name == "bob")
                // From here on the pin cannot be taken for writing.
                try? FileManager.default.removeItem(atPath: lock)
                try FileManager.default.createDirectory(
                    atPath: lock,
                    withIntermediateDirectories: false
                )
            }
            #expect(try await home.engine.store.vaultState() != before)
            #expect(heard.withLock { $0 } == 1)
            try FileManager.default.removeItem(atPath: lock)
            try await keyring.remember()
        }
    }

    @Test func `a key that is not handed over gets no slot`() async throws {
        struct Lost: Error {}
        try await withEngine { home in
            let before = try await home.engine.store.vaultState()
            let keys = try SlotSeed().publicKeys()
            await #expect(throws: Lost.self) {
                _ = try await home.vault.addSlot(
                    .publicKeys(keys, name: "bob", role: .member),
                    handOver: { _ in throw Lost() }
                )
            }
            #expect(try await home.engine.store.vaultState() == before)
        }
    }
}
