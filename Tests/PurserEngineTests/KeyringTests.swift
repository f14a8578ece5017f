import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Testing

/// The open vault while others change it.
struct KeyringTests {
    @Test func `work goes on while the vault key is rotated again and again`() async throws {
        try await withEngine { home in
            for index in 1...6 { try await home.add("ultra-\(index)", .ultra, credits: 100_000) }
            let other = try await home.reopened()
            let rounds = 12
            for index in 0..<2 * rounds {
                home.provider.answer(.accepted("op-\(index)", remaining: nil))
            }

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<rounds { _ = try await other.vault.rotateKey() }
                }
                for (worker, side) in [home, other].enumerated() {
                    group.addTask {
                        for index in 0..<rounds {
                            let key = "\(worker)-\(index)"
                            let first = try await side.send(.textToVideo, key: key)
                            let again = try await side.send(.textToVideo, key: key)
                            #expect(again.isRepeat && again.answer == first.answer)
                            #expect(try await side.token("ultra-1") == "token-of-ultra-1")
                        }
                    }
                }
                try await group.waitForAll()
            }

            let contents = try await home.engine.keyring.contents()
            #expect(contents.vault.epoch == UInt32(rounds + 1))
            #expect(contents.recordFaults().isEmpty)
            for worker in 0..<2 {
                for index in 0..<rounds {
                    #expect(try await home.send(.textToVideo, key: "\(worker)-\(index)").isRepeat)
                }
            }
            #expect(home.provider.sent.count == 2 * rounds)
        }
    }

    @Test func `credentials change from two sides while the key rotates, and none is lost`()
        async throws
    {
        try await withEngine { home in
            let other = try await home.reopened()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (worker, side) in [home, other].enumerated() {
                    group.addTask {
                        for index in 0..<6 {
                            try await side.add("a-\(worker)-\(index)", .ultra, credits: 1)
                        }
                    }
                }
                group.addTask { for _ in 0..<4 { _ = try await home.vault.rotateKey() } }
                try await group.waitForAll()
            }
            let contents = try await other.engine.keyring.contents()
            #expect(contents.vault.epoch == 5)
            #expect(contents.addresses.count == 24)
            #expect(contents.recordFaults().isEmpty)
        }
    }

    @Test func `an account is added though the key rotates while the service is asked about it`()
        async throws
    {
        try await withEngine { home in
            let rotation = Seen<UInt32>()
            home.provider.whileReading {
                await rotation.record { try await home.vault.rotateKey().epoch }
            }
            try await home.addAsking("ultra-1", said: .ultra, reads: .ultra, credits: 690)
            #expect(try rotation.value() == 2)
            #expect(try await home.token("ultra-1") == "token-of-ultra-1")
            // Its fingerprint is one under the new key, too.
            await #expect(throws: EngineError.self) {
                try await home.add("ultra-2", .ultra, credits: 1, token: "token-of-ultra-1")
            }
        }
    }

    @Test func `a state behind what another process has pinned is refused`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            let store = home.engine.store
            let image = try #require(try await store.vaultImage())
            let vault = home.engine.keyring.vault
            let file = PinFile(directory: home.folder + "/state", vaultID: vault.id)
            let now = try vault.contents(of: image).pin
            // Another process has seen two states more; the file was put back since.
            let ahead = Pin(
                vaultID: now.vaultID,
                headerSequence: now.headerSequence,
                headerID: now.headerID,
                epoch: now.epoch,
                stateSequence: now.stateSequence + 2,
                manifestMAC: now.manifestMAC
            )
            try file.reset(to: ahead)
            await #expect(throws: VaultError.self) {
                try await home.add("pro-1", .tierOne, credits: 1)
            }
            await #expect(throws: VaultError.self) { try await home.token("ultra-1") }
            // A fork of the same sequence is noticed too.
            try file.reset(
                to: Pin(
                    vaultID: now.vaultID,
                    headerSequence: now.headerSequence,
                    headerID: now.headerID,
                    epoch: now.epoch,
                    stateSequence: now.stateSequence,
                    manifestMAC: [UInt8](repeating: 1, count: 32)
                )
            )
            await #expect(throws: VaultError.self) { try await home.engine.keyring.remember() }
            try await VaultDesk.acceptRollback(
                of: vault,
                in: store,
                pin: file,
                by: home.engine.actor,
                at: home.clock.now
            )
            let reopened = try await home.reopened()
            #expect(try await reopened.token("ultra-1") == "token-of-ultra-1")
            #expect(try await home.verbs().contains("vault.accept_rollback"))
        }
    }
}

extension String {
    static let textToVideo = """
        {"clientContext": {"tool": "PINHOLE"}, "requests": [{"aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
          "textInput": {"prompt": "p"}, "videoModelKey": "veo_3_1_t2v_fast"}]}
        """
}
