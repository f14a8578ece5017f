import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Testing

extension EngineHome {
    /// The vault opened once more, as another process on this machine would.
    func reopened(with key: [UInt8]? = nil) async throws -> EngineHome {
        let seed = try SlotSeed(text: try Secret(copying: key ?? self.key))
        let image = try #require(try await engine.store.vaultImage())
        let pin = PinFile(directory: folder + "/state", vaultID: try Vault.describe(image).vaultID)
        let vault = try Vault.unlock(image, with: .key(seed), pin: try pin.read())
        let keyring = Keyring(vault: vault, store: engine.store, pin: pin)
        try await keyring.remember()
        let engine = Engine(
            store: engine.store,
            provider: engine.provider,
            keyring: keyring,
            catalogue: engine.catalogue,
            settings: engine.settings,
            actor: engine.actor,
            ambient: engine.ambient,
            logger: engine.logger
        )
        return EngineHome(
            folder: folder,
            engine: engine,
            provider: provider,
            clock: clock,
            owner: owner,
            origin: origin,
            key: key ?? self.key
        )
    }

    var vault: VaultDesk {
        let clock = clock
        return VaultDesk(
            keyring: engine.keyring,
            store: engine.store,
            actor: engine.actor,
            now: { clock.now }
        )
    }

    /// Adds a member's slot, and opens the vault with it.
    func withSlot(_ name: String, role: SlotRole = .member) async throws -> EngineHome {
        let seed = try SlotSeed()
        let key = try seed.text().withBytes { Array($0) }
        let keys = try seed.publicKeys()
        _ = try await vault.addSlot(.publicKeys(keys, name: name, role: role))
        return try await reopened(with: key)
    }

    func verbs() async throws -> [String] {
        try await engine.store.audit().map(\.record.verb)
    }
}
