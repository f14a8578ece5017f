import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultRotateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Make a new vault key and seal everything under it.",
        discussion: """
            All slots stay and follow by themselves, in running processes too. One transaction: there is no \
            half state. To shut somebody out, remove their key slot instead.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    func run() async throws {
        try await Context.run(global) { context in
            let rotated = try await context.withVault(unlock, dryRun: dryRun.dryRun) { desk in
                try await desk.rotateKey()
            }
            context.show(rotated, isDry: dryRun.dryRun)
        }
    }
}

struct VaultChangePassphrase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-passphrase",
        abstract: "Give your own key slot a new passphrase.",
        discussion: """
            The old one opens nothing that is written from then on. Where somebody may know it, \
            --compromised makes a new vault key too and marks every token as exposed; that takes an admin.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Option(
        help: ArgumentHelp(
            "A file that holds the new passphrase and nothing else.",
            valueName: "file"
        )
    )
    var newPassphraseFile: String?

    @Flag(help: "Make a passphrase of 99 bits and show it once.")
    var generatePassphrase = false

    @Flag(help: "Somebody may know the old one: make a new vault key too.")
    var compromised = false

    func run() async throws {
        try await Context.run(global) { context in
            let keyring = try await context.keyring(
                try await context.unlock(unlock),
                dryRun: dryRun.dryRun
            )
            let desk = context.desk(keyring, dryRun: dryRun.dryRun)
            let new = try context.surroundings.newPassphrase(
                newPassphraseFile.map(KeySource.passphraseFile),
                generating: generatePassphrase
            )
            let cost = try PassphraseCost.calibrated { try ContinuousClock().measure($0) }
            let shown = dryRun.dryRun ? nil : new.shown
            // Before it is the one that counts: a slot whose passphrase nobody saw would be lost.
            if let shown, !context.isJSON {
                context.console.out("new passphrase  ", secret: shown, "  (shown once)")
            }
            let rotated = try await desk.changePassphrase(
                to: new.secret,
                cost: cost,
                compromised: compromised
            )
            show(keyring.vault.slot.name, rotated, shown, on: context)
        }
    }

    private func show(
        _ slot: String,
        _ rotated: VaultDesk.Rotated?,
        _ shown: ShownSecret?,
        on context: Context
    ) {
        if context.isJSON {
            let document: JSONOutput = [
                "slot": .string(slot), "passphrase": shown == nil ? nil : .secret(0),
                "epoch": JSONOutput(rotated?.epoch), "exposed": (rotated?.exposed ?? []).json,
                "dry_run": .bool(dryRun.dryRun),
            ]
            return context.console.out(document, secrets: shown.map { [$0] } ?? [])
        }
        let verb = dryRun.dryRun ? "would change" : "changed"
        context.console.out("\(verb) the passphrase of \(slot, .bold)")
        if let rotated { context.show(rotated, isDry: dryRun.dryRun) }
    }
}

struct VaultCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print one line that says how far vault and ledger are, to be kept elsewhere.",
        discussion: """
            Who can write the home can write this machine's pin too, but not a line in a ticket: with \
            --against, a home that does not follow from that line is refused.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Option(
        help: ArgumentHelp(
            "A file whose last line was printed earlier; it is checked first.",
            valueName: "file"
        )
    )
    var against: String?

    func run() async throws {
        try await Context.run(global) { context in
            if let against {
                let path = Home.absolute(against, environment: context.surroundings.environment)
                let earlier = try VaultCheckpoint(line: try lastLine(of: path))
                let image = try await context.vaultImage()
                try await VaultDesk.check(earlier, image: image, store: context.store)
            }
            let checkpoint = try await context.withVault(unlock) { try await $0.checkpoint() }
            if context.isJSON {
                context.console.out([
                    "vault_id": .string(checkpoint.vaultID.hexadecimal),
                    "header_sequence": JSONOutput(checkpoint.headerSequence),
                    "state_sequence": JSONOutput(checkpoint.stateSequence),
                    "header_id": .string(checkpoint.headerID.hexadecimal),
                    "last_entry": JSONOutput(checkpoint.lastEntry),
                    "ledger_digest": .string(checkpoint.ledgerDigest.hexadecimal),
                    "line": .string(checkpoint.line),
                ])
            } else {
                context.console.out("\(checkpoint.line)")
            }
        }
    }
}

/// The last line of a file of text of at most 1 MiB.
func lastLine(of path: String) throws(ConsoleError) -> String {
    do throws(FileRefusal) {
        let text = String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
        return text.split(separator: "\n").last.map(String.init) ?? ""
    } catch {
        throw .unreadable(path: path, reason: error.words)
    }
}

struct VaultAcceptRollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-rollback",
        abstract:
            "Accept a vault that is older than this machine has seen, after a backup was restored.",
        discussion: """
            Names the header to accept, as the refusal and purser vault status show it. The vault is opened \
            and its chain checked; then the audit trail tells of it and this machine's pin is set back.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(help: "The id of the header: 64 hexadecimal digits.")
    var headerID: String

    func run() async throws {
        guard let id = [UInt8](hexadecimal: headerID), id.count == 32 else {
            throw CommandError.invalid(
                "\(headerID) is no header id",
                hint: "64 hexadecimal digits, as purser vault status shows them"
            )
        }
        try await Context.run(global) { context in
            let vault = try await context.unlock(unlock, accepting: id).vault
            try await VaultDesk.acceptRollback(
                of: vault,
                in: context.store,
                pin: PinFile(directory: context.home.stateDirectory, vaultID: vault.id),
                by: context.actor,
                at: context.now
            )
            if context.isJSON {
                context.console.out([
                    "vault_id": .string(vault.id.hexadecimal), "header_id": .string(headerID),
                    "header_sequence": JSONOutput(vault.headerSequence),
                ])
            } else {
                context.console.out("accepted header \(vault.headerSequence) of this vault")
            }
        }
    }
}
