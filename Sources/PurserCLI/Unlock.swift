import Glibc
import PurserCore
import PurserVault

extension Context {
    /// Opens the vault with what the flags, else the environment and the file, else a prompt give.
    func unlock(_ options: UnlockOptions) async throws -> Vault {
        guard let image = try await store.vaultImage() else {
            throw CommandError.noHome(home.directory)
        }
        let id = try Vault.describe(image).vaultID
        try makeStateDirectory()
        let pin = try PinFile(directory: home.stateDirectory, vaultID: id).read()
        let means = try means(options)
        let vault = try Vault.unlock(image, with: means, pin: pin)
        if pin == nil {
            console.note(
                "this machine opens this vault for the first time; its fingerprint is \(vault.fingerprint)"
            )
        }
        return vault
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
        case .passphraseFile(let path):
            return .passphrase(try secretFile(path), slot: slot)
        case .passphraseCommand(let command):
            return .passphrase(
                try Secret(capacity: Self.longestPassphrase) {
                    try SecretInput.read(command: command, into: $0)
                },
                slot: slot
            )
        case nil:
            return .passphrase(
                try Secret(capacity: Self.longestPassphrase) {
                    try SecretInput.readPassphrase(prompt: "Passphrase:", into: $0)
                },
                slot: slot
            )
        }
    }

    static let longestPassphrase = 4096

    private func keySource(_ options: UnlockOptions) -> KeySource? {
        if let path = options.keyFile { return .keyFile(path) }
        if let path = options.passphraseFile { return .passphraseFile(path) }
        return configuration.vault.key
    }

    func secretFile(_ path: String) throws -> Secret {
        let place = Home.absolute(path, environment: surroundings.environment)
        return try Secret(capacity: Self.longestPassphrase) {
            try SecretInput.read(file: place, into: $0)
        }
    }

    /// A new passphrase: from a file, or typed twice.
    func newPassphrase(file: String?) throws -> Secret {
        if let file { return try secretFile(file) }
        func ask(_ prompt: ConsoleText) throws -> Secret {
            try Secret(capacity: Self.longestPassphrase) {
                try SecretInput.readPassphrase(prompt: prompt, into: $0)
            }
        }
        let first = try ask("New passphrase:")
        let second = try ask("The same again:")
        guard Secret.equal(first, second) else {
            throw CommandError.invalid("the two passphrases differ", hint: "try again")
        }
        return first
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

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Makes a folder and the ones above it that are missing, for the user alone.
func makeDirectories(_ path: String) throws {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
        try makeDirectories(String(path[..<slash]))
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    }
    throw StoreError.notAHome(path: path, reason: String(cString: strerror(errno)))
}
