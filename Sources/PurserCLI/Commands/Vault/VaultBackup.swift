import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct VaultBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy vault, books and audit trail into one file, while others go on working.",
        discussion: """
            The copy is one state, checked before it gets its name. Tokens stay sealed in it: whoever has it needs a key \
            of the vault, as it is today, for ever. With --unlocked the vault's own list of records is checked too.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Replace the file if it is there.")
    var force = false

    @Flag(help: "Open the vault, and check the copy's records too.")
    var unlocked = false

    @Argument(help: "The file to write.")
    var file: String

    func run() async throws {
        try await Context.run(global) { context in
            let path = Home.absolute(file, environment: context.surroundings.environment)
            guard force || !fileExists(path), !isSameFile(path, context.home.database) else {
                throw CommandError.fileExists(path)
            }
            let vault =
                unlocked ? try await context.keyring(try await context.unlock(unlock)).vault : nil
            let record = AuditRecord(
                actor: context.actor,
                verb: "vault.backup",
                subject: "vault",
                detail: "to \(path)"
            )
            var made: BackupContents?
            try await writePrivateFile(path, replacing: force) { beside in
                // Before the copy, so that the line is in it: a copy that is put back right away lacks nothing.
                try await context.store.recordAudit(record, at: context.now)
                let contents = try await context.store.backUp(to: beside)
                _ = try vault?.contents(of: contents.vault)
                made = contents
            }
            guard let made else { return }
            let copy = try BackupSummary(made)
            if context.isJSON {
                context.console.out(
                    .object([.init(name: "file", value: .string(path))] + copy.fields)
                )
            } else {
                context.console.out("copied to \(path)")
                for line in copy.lines { context.console.out(line) }
            }
        }
    }
}

/// What a copy holds, for people and programs.
struct BackupSummary {
    let contents: BackupContents
    let vault: VaultDescription
    /// Names the state of the vault's keys, in hexadecimal.
    let headerID: String

    init(_ contents: BackupContents) throws {
        self.contents = contents
        vault = try Vault.describe(contents.vault)
        headerID = contents.vault.log.last.map { $0.headerID.hexadecimal } ?? ""
    }

    var lines: [ConsoleText] {
        [
            "  fingerprint   \(vault.fingerprint)",
            "  header        \(headerID)",
            "  accounts      \(contents.accounts)",
            "  entries       \(contents.entries) in \(contents.heads.count.counted("ledger account"))",
            "  audit trail   \(contents.auditLines.counted("line"))",
        ]
    }

    var fields: [JSONOutput.Field] {
        [
            .init(name: "vault_fingerprint", value: .string(vault.fingerprint)),
            .init(name: "header_id", value: .string(headerID)),
            .init(name: "accounts", value: JSONOutput(contents.accounts)),
            .init(name: "entries", value: JSONOutput(contents.entries)),
            .init(name: "ledger_accounts", value: JSONOutput(contents.heads.count)),
            .init(name: "audit_lines", value: JSONOutput(contents.auditLines)),
        ]
    }
}
