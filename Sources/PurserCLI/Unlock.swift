import PurserCore
import PurserVault

extension Context {
    /// Opens the vault with what the flags, else the environment and the file, else a prompt give.
    func unlock(_ options: UnlockOptions) async throws -> Vault {
        let (image, pin) = try await imageAndPin { try await store.vaultImage() }
        let homePin = try HomePin(directory: home.stateDirectory, home: home.directory)
        if options.expectFingerprint == nil {
            try homePin.check(try Vault.describe(image).vaultID)
        }
        let means = try means(options)
        let vault = try Vault.unlock(
            image,
            with: means,
            pin: pin,
            expectingFingerprint: options.expectFingerprint.map(Self.readAloud)
        )
        try homePin.write(vault.id)
        if pin == nil, options.expectFingerprint == nil {
            console.warning(
                "this machine opens this vault for the first time; compare its fingerprint: \(vault.fingerprint)"
            )
        }
        return vault
    }

    /// A fingerprint as the vault writes it, in groups of four, however it was typed.
    private static func readAloud(_ typed: String) -> String {
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

    private func means(_ options: UnlockOptions) throws -> Unlocking {
        let slot = options.slot ?? configuration.vault.slot
        switch keySource(options) {
        case .keyFile(let path):
            return .key(
                try KeyFile.read(
                    Home.absolute(path, environment: surroundings.environment),
                    databaseDirectory: home.directory,
                    credentialsDirectory: surroundings.environment["CREDENTIALS_DIRECTORY"]
                )
            )
        case let source:
            return .passphrase(
                try surroundings.passphrase(source) ?? surroundings.ask("Passphrase:"),
                slot: slot
            )
        }
    }

    private func keySource(_ options: UnlockOptions) -> KeySource? {
        if let path = options.keyFile { return .keyFile(path) }
        if let path = options.passphraseFile { return .passphraseFile(path) }
        return configuration.vault.key
    }

    /// A token, read straight into locked memory, sealed for the upstream of this run.
    func credentialDraft(
        _ options: TokenOptions,
        prompt: ConsoleText,
        expiresAt: Timestamp?
    ) throws -> CredentialDraft {
        // One byte more than a token may have tells a long one from one that was cut.
        let token = try Secret(capacity: 4097) { buffer in
            if options.tokenStdin {
                return try SecretInput.read(from: surroundings.standardInput, into: buffer)
            }
            if let command = options.tokenCommand {
                return try SecretInput.read(command: command, into: buffer)
            }
            if let path = options.tokenFile {
                let place = Home.absolute(path, environment: surroundings.environment)
                return try SecretInput.read(file: place, into: buffer)
            }
            return try SecretInput.readPassphrase(prompt: prompt, into: buffer)
        }
        return try CredentialDraft(
            token: token,
            origins: [configuration.flow.baseURL],
            expiresAt: expiresAt
        )
    }
}

extension Surroundings {
    /// A new passphrase: from where unlocking takes it, else typed twice.
    func newPassphrase(_ source: KeySource?) throws -> Secret {
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

    fileprivate func ask(_ prompt: ConsoleText) throws -> Secret {
        try Secret(capacity: Self.longestPassphrase) {
            try SecretInput.readPassphrase(prompt: prompt, into: $0)
        }
    }

    private static let longestPassphrase = 4096
}
