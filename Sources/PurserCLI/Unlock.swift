import PurserCore
import PurserEngine
import PurserVault

/// A vault that was opened, and what opened it.
struct Unlocked: ~Copyable {
    let vault: Vault
    let means: Unlocking
}

extension Context {
    /// Opens the vault with what the flags, else the environment and the file, else a prompt give.
    ///
    /// `rollback` is the id of a header to accept although this machine has seen another or a later one.
    func unlock(
        _ options: UnlockOptions,
        accepting rollback: [UInt8]? = nil
    ) async throws -> Unlocked {
        let (image, pin) = try await imageAndPin { try await store.vaultImage() }
        let homePin = try HomePin(directory: home.stateDirectory, home: home.directory)
        // An older state of the home's vault may be accepted by its header; another vault only by its fingerprint.
        if options.expectFingerprint == nil {
            let found = try Vault.describe(image)
            try homePin.check(found.vaultID, fingerprint: found.fingerprint)
        }
        let means = try means(options)
        let vault: Vault
        do {
            vault = try Vault.unlock(
                image,
                with: means,
                pin: pin,
                expectingFingerprint: options.expectFingerprint.map(Self.readAloud),
                accepting: rollback
            )
        } catch let error as VaultError where RefusedVault.explains(error) {
            throw try RefusedVault(error, image: image, in: home.stateDirectory)
        }
        try homePin.write(vault.id, fingerprint: vault.fingerprint)
        if pin == nil, options.expectFingerprint == nil {
            console.warning(
                "this machine opens this vault for the first time; compare its fingerprint: \(vault.fingerprint)"
            )
        }
        return Unlocked(vault: vault, means: means)
    }

    /// The keyring of a vault that was just opened, after the opening was written down.
    ///
    /// A dry run leaves the vault as it is, also where the passphrase of the slot costs too little to guess.
    func keyring(
        _ unlocked: borrowing Unlocked,
        dryRun: Bool = false
    ) async throws -> Keyring {
        let vault = unlocked.vault
        let pin = PinFile(directory: home.stateDirectory, vaultID: vault.id)
        let keyring = Keyring(vault: vault, store: store, pin: pin, unremembered: warnOfPin)
        try await keyring.remember()
        try await store.recordOpening(slot: vault.slot.name, by: actor, at: now)
        guard !dryRun else { return keyring }
        do {
            if try await desk(keyring).raiseCost(of: unlocked.means) {
                console.note("the passphrase of slot \(vault.slot.name) now costs more to guess")
            }
        } catch {
            // Nothing of what was asked for depends on it, and the next unlock tries again.
            console.warning(
                "the cost of slot \(vault.slot.name) could not be raised: \("\(error)")"
            )
        }
        return keyring
    }

    /// A change is in, and this machine does not remember that it has seen it.
    func warnOfPin(_ error: any Error) {
        console.warning(
            "what this machine has seen of the vault could not be written: \("\(error)")"
        )
    }

    /// Unlocks the vault and lends what looks after it.
    func withVault<Result>(
        _ options: UnlockOptions,
        dryRun: Bool = false,
        _ body: (VaultDesk) async throws -> Result
    ) async throws -> Result {
        let keyring = try await keyring(try await unlock(options), dryRun: dryRun)
        return try await body(desk(keyring, dryRun: dryRun))
    }

    func desk(_ keyring: Keyring, dryRun: Bool = false) -> VaultDesk {
        VaultDesk(
            keyring: keyring,
            store: store,
            actor: actor,
            dryRun: dryRun,
            now: surroundings.now
        )
    }

    /// A fingerprint as the vault writes it, in groups of four, however it was typed.
    static func readAloud(_ typed: String) -> String {
        let digits = Array(typed.lowercased().filter { !$0.isWhitespace })
        return stride(from: 0, to: digits.count, by: 4)
            .map { String(digits[$0..<min($0 + 4, digits.count)]) }.joined(separator: " ")
    }

    /// The vault as it is now, and what this machine remembers of it.
    ///
    /// The pin is read before the image that counts: another process that commits in between makes the image newer
    /// than the pin. The other way round it would look like a vault that was put back.
    func imageAndPin(
        _ read: () async throws -> VaultImage?
    ) async throws -> (image: VaultImage, pin: Pin?) {
        guard let first = try await read() else { throw CommandError.noHome(home.directory) }
        let id = try Vault.describe(first).vaultID
        try makeStateDirectory()
        let pin = try PinFile(directory: home.stateDirectory, vaultID: id).read()
        guard let image = try await read() else { throw CommandError.noHome(home.directory) }
        return (image, pin)
    }

    /// Pins lie apart from the database they vouch for.
    func makeStateDirectory() throws {
        try makeDirectories(home.stateDirectory)
    }

    /// What the options, else the configuration, else a person give to open a vault.
    ///
    /// A key file in `databaseDirectory`, else in the home, is refused.
    func means(
        _ options: UnlockOptions,
        databaseDirectory: String? = nil
    ) throws -> Unlocking {
        let slot = options.slot ?? configuration.vault.slot
        switch keySource(options) {
        case .keyFile(let path):
            try Self.refuseKey(path, "the key file")
            return .key(
                try KeyFile.read(
                    Home.absolute(path, environment: surroundings.environment),
                    databaseDirectory: databaseDirectory ?? home.directory,
                    credentialsDirectory: surroundings.environment["CREDENTIALS_DIRECTORY"]
                )
            )
        case let source:
            warnOfReadableFile(source)
            return .passphrase(
                try surroundings.passphrase(source) ?? surroundings.ask("Passphrase:"),
                slot: slot
            )
        }
    }

    /// Refuses a key itself where a file is to be named, and does not repeat it.
    static func refuseKey(_ given: String, _ option: String) throws(CommandError) {
        guard SlotSeed.isText(given.split(separator: "/").last ?? "") else { return }
        throw .invalid(
            "\(option) was given a private key, not a file",
            hint:
                "the key shows in the shell's history now: replace it (purser vault keys new, add, remove)"
        )
    }

    /// A passphrase that others may read protects little; a key file like that is refused.
    private func warnOfReadableFile(_ source: KeySource?) {
        guard case .passphraseFile(let path) = source else { return }
        let place = Home.absolute(path, environment: surroundings.environment)
        if othersMayRead(place) {
            console.warning("others may read \(path), which holds a passphrase: chmod 600 it")
        }
    }

    private func keySource(_ options: UnlockOptions) -> KeySource? {
        if let path = options.keyFile { return .keyFile(path) }
        if let path = options.passphraseFile { return .passphraseFile(path) }
        return configuration.vault.key
    }
}

/// A passphrase for a slot that is being made.
struct NewPassphrase: ~Copyable {
    let secret: Secret
    /// Its copy to be shown once, where nobody chose it.
    var shown: ShownSecret?
}

/// Why a vault was not opened, with the next step for a person who knows that a backup was restored.
struct RefusedVault: Failure {
    let underlying: VaultError
    private let pinPath: String
    private let headerID: [UInt8]

    init(_ error: VaultError, image: VaultImage, in stateDirectory: String) throws {
        underlying = error
        let description = try Vault.describe(image)
        pinPath = PinFile(directory: stateDirectory, vaultID: description.vaultID).path
        headerID = description.headerID
    }

    /// Whether it is what a restored backup looks like.
    static func explains(_ error: VaultError) -> Bool {
        switch error {
        case .rollback, .forked: true
        default: false
        }
    }

    var kind: FailureKind { underlying.kind }
    var message: String { underlying.message }

    var hint: String? {
        """
        stop and find out why. Only where a backup was restored on purpose: purser vault accept-rollback \
        \(headerID.hexadecimal) (what this machine has seen lies in \(pinPath))
        """
    }
}

extension Surroundings {
    /// A new passphrase: a generated one, which is to be shown; else from a file or a command, else typed twice.
    func newPassphrase(_ source: KeySource?, generating: Bool = false) throws -> NewPassphrase {
        guard generating else { return NewPassphrase(secret: try chosenPassphrase(source)) }
        let secret = try Secret.generatedPassphrase()
        let shown = ShownSecret(try secret.withBytes { try Secret(copying: $0) })
        return NewPassphrase(secret: secret, shown: shown)
    }

    private func chosenPassphrase(_ source: KeySource?) throws -> Secret {
        if let given = try passphrase(source) { return given }
        let first = try ask("New passphrase:")
        let second = try ask("The same again:")
        guard Secret.equal(first, second) else {
            throw CommandError.invalid("the two passphrases differ", hint: "try again")
        }
        return first
    }

    /// What a source gives that needs no person; `nil`, a person is asked.
    fileprivate func passphrase(_ source: KeySource?) throws -> Secret? {
        switch source {
        case .passphraseFile(let path):
            let place = Home.absolute(path, environment: environment)
            return try Secret(capacity: Self.longestPassphrase) {
                try SecretInput.read(file: place, into: $0)
            }
        case .passphraseCommand(let command):
            return try Secret(capacity: Self.longestPassphrase) {
                try SecretInput.read(command: command, into: $0)
            }
        case .keyFile, nil: return nil
        }
    }

    /// Reads a file that holds a token, and says so where others may read it too.
    func readToken(
        _ path: String,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        let place = Home.absolute(path, environment: environment)
        if othersMayRead(place) {
            console(false).warning("others may read \(path), which holds a token: chmod 600 it")
        }
        return try SecretInput.read(file: place, into: buffer)
    }

    fileprivate func ask(_ prompt: ConsoleText) throws -> Secret {
        try Secret(capacity: Self.longestPassphrase) {
            try SecretInput.readPassphrase(prompt: prompt, into: $0)
        }
    }

    private static let longestPassphrase = 4096
}
