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
            With --config, and only then, the accounts of that file are added, each with the token its \
            entry names.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("A file that holds the passphrase and nothing else.", valueName: "file")
    )
    var passphraseFile: String?

    @Flag(help: "Make a passphrase of 99 bits and show it once, instead of asking for one.")
    var generatePassphrase = false

    @Option(
        help: ArgumentHelp("Write a new key file there, and make a slot for it.", valueName: "file")
    )
    var keyFile: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The name of your key slot.", valueName: "slot")
    )
    var slot = "owner"

    func run() async throws {
        let surroundings = Surroundings.current
        let home = try Home.resolve(flag: global.home, environment: surroundings.environment)
        try await refuseIfMade(home)
        // Everything that a person or a file must give comes first, so that what fails there leaves nothing behind.
        let slots = try draftSlots(home, surroundings)
        try await Context.run(global, making: true) { context in
            try await make(slots, context)
        }
        surroundings.console(global.quiet).note(
            "next: purser accounts add NAME, which asks for a token"
        )
    }

    /// A database alone is what an earlier try left: a vault makes a home.
    private func refuseIfMade(_ home: Home) async throws {
        guard fileExists(home.database) else { return }
        try await Context.run(global, making: true) { context in
            guard try await context.store.vaultImage() == nil else {
                throw CommandError.alreadyAHome(home.directory)
            }
        }
    }

    /// The slots to make, and what of them is written or shown.
    private struct Slots {
        let drafts: [SlotDraft]
        let keyFile: KeyFileDraft?
        let generated: ShownSecret?
    }

    private func draftSlots(_ home: Home, _ surroundings: Surroundings) throws -> Slots {
        let configuration = try Configuration.resolve(
            flag: global.config,
            environment: surroundings.environment
        )
        // A mistake there must not come out after the vault is made.
        _ = try Catalogue.builtin.adding(configuration.models)
        let keyPath = keyFile.map { Home.absolute($0, environment: surroundings.environment) }
        if let keyPath { try KeyFile.checkPlace(keyPath, databaseDirectory: home.directory) }
        let new = try surroundings.newPassphrase(
            passphraseFile.map(KeySource.passphraseFile) ?? configuration.vault.key,
            generating: generatePassphrase
        )
        var drafts = [SlotDraft.passphrase(new.secret, name: slot)]
        guard let keyPath else {
            return Slots(drafts: drafts, keyFile: nil, generated: new.shown)
        }
        let seed = try SlotSeed()
        let file = try KeyFileDraft(seed, path: keyPath, databaseDirectory: home.directory)
        // Whoever runs unattended uses the vault, and has no say in who else may.
        drafts.append(.key(seed, kind: .keyFile, name: "key-file", role: .server))
        return Slots(drafts: drafts, keyFile: file, generated: new.shown)
    }

    private func make(_ slots: Slots, _ context: Context) async throws {
        try context.makeStateDirectory()
        let cost = try PassphraseCost.calibrated { try ContinuousClock().measure($0) }
        let created = try Vault.create(slots: slots.drafts, cost: cost, now: context.now)
        let vault = created.vault
        let change = created.change
        let recovery = ShownSecret(created.recovery())
        let owner = Member(
            id: context.ambient.newID(),
            name: Member.ownerName,
            createdAt: context.now,
            hasBudget: false
        )
        try slots.keyFile?.write()
        do {
            // Before the vault is kept: a home whose recovery key nobody saw could not be made again.
            if !context.isJSON { showSecrets(context, recovery, slots.generated) }
            try await context.store.createVault(
                change,
                owner: owner,
                by: context.actor,
                at: context.now
            )
        } catch {
            slots.keyFile?.remove()
            throw error
        }
        try HomePin(directory: context.home.stateDirectory, home: context.home.directory)
            .write(vault.id, fingerprint: vault.fingerprint)
        let pin = PinFile(directory: context.home.stateDirectory, vaultID: vault.id)
        let keyring = Keyring(
            vault: vault,
            store: context.store,
            pin: pin,
            unremembered: context.warnOfPin
        )
        try await finish(
            Made(
                vault: vault,
                recovery: recovery,
                generated: slots.generated,
                keyPath: slots.keyFile?.path
            ),
            keyring,
            context
        )
    }

    /// A home that is kept, and what is to be told of it.
    private struct Made {
        let vault: Vault
        let recovery: ShownSecret
        let generated: ShownSecret?
        let keyPath: String?
    }

    private func finish(_ made: Made, _ keyring: Keyring, _ context: Context) async throws {
        var added: [AddedEntry] = []
        var late: (any Error)?
        if !context.isJSON { show(context, made) }
        do {
            try await keyring.remember()
            added = try await addConfiguredAccounts(context, keyring)
        } catch {
            // The vault is there: whatever failed after it, the document with its recovery key must come out.
            late = error
        }
        if context.isJSON {
            let secrets = [made.recovery] + (made.generated.map { [$0] } ?? [])
            context.console.out(json(context, made, added), secrets: secrets)
        }
        if let failure = late as? any Failure { throw context.ending(with: failure) }
        if let late { throw late }
        if let failure = added.compactMap(\.failure).first {
            throw ExitCode(ExitStatus.status(of: failure.kind))
        }
    }

    private func showSecrets(
        _ context: Context,
        _ recovery: ShownSecret,
        _ passphrase: ShownSecret?
    ) {
        if let passphrase {
            context.console.out("passphrase      ", secret: passphrase, "  (shown once)")
        }
        context.console.out(
            "recovery key    ",
            secret: recovery,
            "  (shown once: write it down, keep it elsewhere)"
        )
    }

    private func show(_ context: Context, _ made: Made) {
        let slots = made.vault.slots.map(\.name).sorted().joined(separator: ", ")
        context.console.out("made a home in \(context.home.directory)")
        context.console.out("  fingerprint   \(made.vault.fingerprint)")
        context.console.out("  key slots     \(slots)")
        if let keyPath = made.keyPath { context.console.out("  key file      \(keyPath)") }
    }

    private func json(_ context: Context, _ made: Made, _ added: [AddedEntry]) -> JSONOutput {
        [
            "home": .string(context.home.directory),
            "vault_fingerprint": .string(made.vault.fingerprint),
            "slots": .array(made.vault.slots.map { .string($0.name) }),
            "key_file": JSONOutput(made.keyPath), "recovery_key": .secret(0),
            "passphrase": made.generated == nil ? nil : .secret(1),
            "accounts": .array(
                added.map {
                    ["name": .string($0.name), "error": JSONOutput($0.failure?.message)]
                }
            ),
        ]
    }

    /// An account of the file, and why it could not be added.
    private struct AddedEntry {
        let name: String
        let failure: (any Failure)?
    }

    /// Adds the accounts of the file that `--config` names.
    ///
    /// One that fails leaves the others in place.
    private func addConfiguredAccounts(
        _ context: Context,
        _ keyring: Keyring
    ) async throws -> [AddedEntry] {
        let entries = context.configuration.accounts
        guard global.config != nil, !entries.isEmpty else { return [] }
        return try await context.withEngine(keyring) { engine in
            let results = try await AccountImporter(context, engine).add(entries)
            return zip(entries, results).map { entry, result in
                switch result {
                case .success(let account):
                    context.console.note("added \(account.name) (\(account.tier.rawValue))")
                    return AddedEntry(name: entry.name, failure: nil)
                case .failure(let error):
                    let failure = ImportFailure(error)
                    let placed = PlacedFailure(place: entry.name, underlying: failure)
                    context.console.report(placed)
                    return AddedEntry(name: entry.name, failure: failure)
                }
            }
        }
    }
}
