import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultKeysAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Give another person, a server or a recovery sheet a way to open the vault.",
        discussion: """
            With --public-key the member keeps the key, and only its public half travels: compare the \
            fingerprint with what they read aloud. With --new-key-file the key is made here and written \
            to a file. Otherwise the new slot has a passphrase, which its owner types twice.
            An admin may change slots and the vault key, a member only their own passphrase, a server nothing.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup(title: "The new key") var new: NewKeyOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The new slot's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "admin, member or server; a recovery key is an admin's.",
            valueName: "role"
        )
    )
    var role: SlotRoleName?

    @Flag(help: "Add it without asking whether the fingerprint is the right one.")
    var yes = false

    func validate() throws {
        if new.recovery, let role, role != .admin {
            throw ValidationError("--recovery makes an admin's slot")
        }
    }

    func run() async throws {
        try await Context.run(global) { context in
            let made = try make(context)
            if let keys = made.publicKeys, !yes, !dryRun.dryRun {
                guard
                    try context.console.confirm(
                        "Add \(name, .bold) with the fingerprint \(keys.fingerprint)? Compare it with what its owner reads aloud."
                    )
                else { throw CommandError.declined }
            }
            let cost = try PassphraseCost.calibrated { try ContinuousClock().measure($0) }
            let slot: KeySlot
            var isWritten = false
            do {
                slot = try await context.withVault(unlock, dryRun: dryRun.dryRun) { desk in
                    try await desk.addSlot(made.draft, cost: cost) { slot in
                        try made.file?.write()
                        isWritten = true
                        if !context.isJSON { showSecret(of: slot, made, on: context) }
                    }
                }
            } catch {
                if isWritten, await !mayBeThere(context) { made.file?.remove() }
                throw error
            }
            show(slot, made, on: context)
        }
    }

    /// Whether the slot may be in the vault after all: its only key is never taken away.
    private func mayBeThere(_ context: Context) async -> Bool {
        let vault = try? Vault.describe(try await context.vaultImage())
        return vault?.slots.contains { $0.name == name } ?? true
    }

    /// A slot to be added, and what is shown or written of it.
    private struct Made {
        let draft: SlotDraft
        var publicKeys: SlotPublicKeys?
        var file: KeyFileDraft?
        var shown: ShownSecret?
    }

    private func make(_ context: Context) throws -> Made {
        let environment = context.surroundings.environment
        let role = role?.role ?? (new.recovery ? .admin : .member)
        let keyKind: SlotKind = role == .server ? .keyFile : .identity
        if let text = new.publicKey {
            let keys = try publicKeys(text, environment)
            let draft = SlotDraft.publicKeys(keys, kind: keyKind, name: name, role: role)
            return Made(draft: draft, publicKeys: keys)
        }
        if let file = new.newKeyFile {
            let seed = try SlotSeed()
            let path = Home.absolute(file, environment: environment)
            let written = try KeyFileDraft(
                seed,
                path: path,
                databaseDirectory: context.home.directory
            )
            let draft = SlotDraft.key(seed, kind: keyKind, name: name, role: role)
            return Made(draft: draft, file: written)
        }
        if new.recovery {
            let seed = try SlotSeed()
            let shown = ShownSecret(try seed.text())
            let draft = SlotDraft.key(seed, kind: .recovery, name: name, role: .admin)
            return Made(draft: draft, shown: shown)
        }
        let passphrase = try context.surroundings.newPassphrase(
            new.newPassphraseFile.map(KeySource.passphraseFile),
            generating: new.generatePassphrase
        )
        let shown = passphrase.shown
        let draft = SlotDraft.passphrase(passphrase.secret, name: name, role: role)
        return Made(draft: draft, shown: shown)
    }

    private func publicKeys(
        _ given: String,
        _ environment: Environment
    ) throws -> SlotPublicKeys {
        try Context.refuseKey(given, "--public-key")
        if given.hasPrefix(SlotPublicKeys.textPrefix) { return try SlotPublicKeys(text: given) }
        let line = try lastLine(of: Home.absolute(given, environment: environment))
        do {
            return try SlotPublicKeys(text: line)
        } catch {
            throw CommandError.invalid(
                SlotSeed.isText(line)
                    ? "\(given) holds a private key" : "\(given) holds no public key",
                hint: "give the .pub file that purser vault keys new wrote"
            )
        }
    }

    /// Before the slot is in: one whose key nobody saw could not be opened.
    private func showSecret(of slot: KeySlot, _ made: Made, on context: Context) {
        guard let secret = made.shown else { return }
        let title = slot.kind == .recovery ? "recovery key  " : "passphrase    "
        context.console.out("\(title)", secret: secret, "  (shown once)")
    }

    private func show(_ slot: KeySlot, _ made: Made, on context: Context) {
        let isDry = dryRun.dryRun
        if context.isJSON {
            // Nothing was made in a dry run, so there is nothing that could be used.
            let secret = isDry ? nil : made.shown
            let shown: JSONOutput = secret == nil ? nil : .secret(0)
            let document: JSONOutput = [
                "name": .string(slot.name), "role": .string(slot.role.name),
                "kind": .string(slot.kind.name), "fingerprint": .string(slot.keys.fingerprint),
                "key_file": JSONOutput(made.file?.path),
                "recovery_key": slot.kind == .recovery ? shown : nil,
                "passphrase": slot.kind == .passphrase ? shown : nil, "dry_run": .bool(isDry),
            ]
            return context.console.out(document, secrets: secret.map { [$0] } ?? [])
        }
        let verb = isDry ? "would add" : "added"
        context.console.out("\(verb) \(slot.name, .bold): \(slot.role.name), \(slot.kind.name)")
        if let path = made.file?.path, !isDry { context.console.out("  key file      \(path)") }
    }
}

/// What the owner of a new slot opens it with; without any of them, a passphrase that is typed.
struct NewKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The member's public key, or the file that holds it: the FILE.pub of purser vault keys new.",
            valueName: "file"
        )
    )
    var publicKey: String?

    @Option(help: ArgumentHelp("Make a key and write it there (mode 0600).", valueName: "file"))
    var newKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "A file that holds the new passphrase and nothing else.",
            valueName: "file"
        )
    )
    var newPassphraseFile: String?

    @Flag(help: "Make a passphrase of 99 bits and show it once.")
    var generatePassphrase = false

    @Flag(help: "Make a recovery key and show it once.")
    var recovery = false

    func validate() throws {
        let means = [
            publicKey != nil, newKeyFile != nil, newPassphraseFile != nil, generatePassphrase,
            recovery,
        ]
        if means.count(where: { $0 }) > 1 {
            throw ValidationError(
                "--public-key, --new-key-file, --new-passphrase-file, --generate-passphrase and --recovery exclude each other"
            )
        }
    }
}

/// A role, as it is typed.
enum SlotRoleName: String, ExpressibleByArgument, CaseIterable {
    case admin
    case member
    case server

    var role: SlotRole {
        switch self {
        case .admin: .admin
        case .member: .member
        case .server: .server
        }
    }
}
