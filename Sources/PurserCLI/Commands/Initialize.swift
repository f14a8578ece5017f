import ArgumentParser
import Glibc
import PurserCore
import PurserEngine
import PurserVault

struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a home: a vault with a first key slot, and an empty ledger.",
        discussion: """
            Asks for a passphrase, or takes it from --passphrase-file. With --key-file a second slot is \
            made whose key is written to that file (mode 0600), for a server or a script. A recovery \
            key is shown once: write it down and keep it away from this machine.
            With --config the accounts of that file are added.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("A file that holds the passphrase.", valueName: "file"))
    var passphraseFile: String?

    @Option(help: ArgumentHelp("Make a key file there, with a slot for it.", valueName: "file"))
    var keyFile: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The name of your key slot.", valueName: "slot")
    )
    var slot = "owner"

    func run() async throws {
        let console = Surroundings.current.console(global.quiet)
        let home = try Home.resolve(
            flag: global.home,
            environment: Surroundings.current.environment
        )
        if fileExists(home.database) { throw CommandError.alreadyAHome(home.directory) }
        try await Context.run(global, making: true) { context in
            try await make(context)
        }
        console.hint("purser accounts add NAME adds an account; it asks for the token")
    }

    private func make(_ context: Context) async throws {
        let keyPath = keyFile.map {
            Home.absolute($0, environment: context.surroundings.environment)
        }
        let passphrase = try context.newPassphrase(file: passphraseFile)
        try context.makeStateDirectory()
        var slots = [SlotDraft.passphrase(passphrase, name: slot)]
        if let keyPath {
            let seed = try SlotSeed()
            try writeKey(seed, to: keyPath)
            slots.append(.key(seed, kind: .keyFile, name: "key-file", role: .admin))
        }
        let created = try Vault.create(slots: slots, now: context.now)
        let owner = Member(
            id: context.ambient.newID(),
            name: Member.ownerName,
            createdAt: context.now,
            hasBudget: false
        )
        try await context.store.createVault(
            created.change,
            owner: owner,
            by: context.actor,
            at: context.now
        )
        let vault = created.vault
        let pin = PinFile(directory: context.home.stateDirectory, vaultID: vault.id)
        let keyring = Keyring(vault: vault, store: context.store, pin: pin)
        try await keyring.remember()
        let recovery = created.recoveryKey.withBytes { String(decoding: $0, as: UTF8.self) }
        show(context, vault, recovery: recovery, keyPath)
        try await addConfiguredAccounts(context, keyring)
    }

    /// Writes a new key file, for the user alone; never over another file.
    private func writeKey(_ seed: borrowing SlotSeed, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw ConsoleError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(file) }
        let written = try seed.text().withBytes { write(file, $0.baseAddress, $0.count) }
        guard written > 0, write(file, "\n", 1) == 1, fsync(file) == 0 else {
            throw ConsoleError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private func show(_ context: Context, _ vault: Vault, recovery: String, _ keyPath: String?) {
        if context.isJSON {
            context.console.out([
                "home": .string(context.home.directory),
                "vault_fingerprint": .string(vault.fingerprint),
                "slots": .array(vault.slots.map { .string($0.name) }),
                "key_file": JSONOutput(keyPath), "recovery_key": .string(recovery),
            ])
            return
        }
        let slots = vault.slots.map(\.name).sorted().joined(separator: ", ")
        context.console.out("made a home in \(context.home.directory)")
        context.console.out("  fingerprint   \(vault.fingerprint)")
        context.console.out("  key slots     \(slots)")
        if let keyPath { context.console.out("  key file      \(keyPath)") }
        context.console.out(
            "  recovery key  \(recovery, .bold)  (shown once: write it down, keep it elsewhere)"
        )
    }

    /// Adds the accounts of the file that `--config` names.
    ///
    /// One that fails leaves the others in place.
    private func addConfiguredAccounts(_ context: Context, _ keyring: Keyring) async throws {
        guard global.config != nil, !context.configuration.accounts.isEmpty else { return }
        try await context.withEngine(keyring) { engine in
            for entry in context.configuration.accounts {
                let token = try context.configuredToken(entry)
                let opening: AccountDesk.Opening =
                    context.configuration.flow.probe && entry.offlineCredits == nil
                    ? .asking(said: entry.tier)
                    : .told(tier: entry.tier, credits: entry.offlineCredits)
                let added = try await AccountDesk(engine).add(
                    name: entry.name,
                    opening: opening,
                    token: token,
                    settings: entry.settings,
                    expiresAt: entry.tokenExpiresAt
                )
                context.console.note(
                    "added \(added.account.name) (\(added.account.tier.title))"
                )
            }
        }
    }
}

extension Context {
    /// The token of an account in `accounts.toml`, from where the file says it is.
    func configuredToken(_ entry: Configuration.AccountEntry) throws -> CredentialDraft {
        let token = try Secret(capacity: 4097) { buffer in
            switch entry.token {
            case .file(let path): return try SecretInput.read(file: path, into: buffer)
            case .command(let command): return try SecretInput.read(command: command, into: buffer)
            case .environment(let name):
                guard let value = surroundings.environment[name] else {
                    throw CommandError.invalid(
                        "\(entry.name): the environment variable \(name) is not set",
                        hint: "set it for this one command"
                    )
                }
                let bytes = Array(value.utf8)
                guard bytes.count <= buffer.count else {
                    throw ConsoleError.tooLong(limit: buffer.count)
                }
                buffer.copyBytes(from: bytes)
                return bytes.count
            case nil:
                throw CommandError.invalid(
                    "\(entry.name) has no token-env, token-file or token-command",
                    hint: "name where its token is, or add it with purser accounts add"
                )
            }
        }
        return try CredentialDraft(
            token: token,
            origins: [configuration.flow.baseURL],
            expiresAt: entry.tokenExpiresAt
        )
    }
}
