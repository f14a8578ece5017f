import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The key slots: who may open the vault, and how.",
        subcommands: [
            VaultKeysList.self, VaultKeysNew.self, VaultKeysAdd.self, VaultKeysRemove.self,
        ],
        defaultSubcommand: VaultKeysList.self
    )
}

struct VaultKeysList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the key slots.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await Context.run(global) { context in
            let vault = try Vault.describe(try await context.vaultImage())
            context.console.out(SlotReport(vault).report, as: context.format)
        }
    }
}

struct VaultKeysNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a key file of your own, and its public half for an admin.",
        discussion: """
            Needs no home. Send FILE.pub to an admin and read them the fingerprint aloud; they add it with \
            purser vault keys add NAME --public-key. The file itself stays with you: it opens the vault.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Where to write the key; never over another file.")
    var file: String

    func run() async throws {
        let surroundings = Surroundings.current
        let path = Home.absolute(file, environment: surroundings.environment)
        let seed = try SlotSeed()
        let keys = try seed.publicKeys()
        let file = try KeyFileDraft(seed, path: path, databaseDirectory: nil)
        try file.write()
        do {
            try makePrivateFile(path + ".pub") { descriptor in
                try Array((keys.text + "\n").utf8).withUnsafeBytes {
                    try writeFully($0, to: descriptor, path: path + ".pub")
                }
            }
        } catch {
            file.remove()
            throw error
        }
        let console = surroundings.console(global.quiet)
        if global.json {
            console.out([
                "key_file": .string(path), "public_key_file": .string(path + ".pub"),
                "public_key": .string(keys.text),
                "fingerprint": .string(keys.fingerprint),
            ])
        } else {
            console.out("key file     \(path), to be kept")
            console.out("public key   \(path).pub, to be sent")
            console.out("fingerprint  \(keys.fingerprint)")
        }
    }
}

struct VaultKeysRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract:
            "Take a key slot away and make a new vault key, for a person who leaves or a lost key.",
        discussion: """
            Nobody forgets a token they could read: every token is marked until it is changed at the \
            provider and rotated here. purser vault status and purser accounts list keep showing them.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The slot's name.")
    var name: String

    @Flag(help: "Remove it without asking.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            if !yes, !dryRun.dryRun {
                guard
                    try context.console.confirm(
                        "Remove the key slot \(name, .bold)? Every token must be changed at the provider afterwards."
                    )
                else { throw CommandError.declined }
            }
            let rotated = try await context.withVault(unlock, dryRun: dryRun.dryRun) { desk in
                try await desk.removeSlot(named: name)
            }
            context.show(rotated, isDry: dryRun.dryRun)
        }
    }
}

extension Context {
    /// What a new vault key came with.
    func show(_ rotated: VaultDesk.Rotated, isDry: Bool) {
        if isJSON {
            return console.out([
                "epoch": JSONOutput(rotated.epoch),
                "removed": .array(rotated.removed.map { .string($0) }),
                "exposed": rotated.exposed.json, "lost_answers": JSONOutput(rotated.lostAnswers),
                "dry_run": .bool(isDry),
            ])
        }
        for name in rotated.removed {
            console.out("\(isDry ? "would remove" : "removed") \(name, .bold)")
        }
        let verb = isDry ? "would make" : "made"
        console.out(
            "\(verb) a new vault key, of epoch \(rotated.epoch); every record is sealed anew"
        )
        if rotated.lostAnswers > 0 {
            console.warning(
                "\(rotated.lostAnswers) stored answers did not open and stay as they were"
            )
        }
        console.out(exposed: rotated.exposed)
    }
}
