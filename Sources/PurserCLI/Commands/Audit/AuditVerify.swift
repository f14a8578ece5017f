import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the chain of the audit trail, line by line.",
        discussion: """
            Checkpoints of the books name the last line of the trail of their time: one that was written anew since is \
            another. With --unlocked their authentication codes are checked too, which needs the vault. Exits with 1 \
            when something is wrong.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Open the vault, and check the checkpoints' authentication codes too.")
    var unlocked = false

    func run() async throws {
        try await Context.run(global) { context in
            let vault =
                unlocked ? try await context.keyring(try await context.unlock(unlock)).vault : nil
            let found = try await context.store.verifyAudit(
                checkpointMAC: vault.map { vault in { @Sendable in vault.ledgerMAC($0) } }
            )
            show(found, on: context)
            if !found.findings.isEmpty { throw ExitCode(ExitStatus.status(of: .failed)) }
        }
    }

    private func show(_ found: AuditVerification, on context: Context) {
        let console = context.console
        if context.isJSON {
            return console.out([
                "lines": JSONOutput(found.entries), "heads": JSONOutput(found.heads),
                "not_authenticated": JSONOutput(found.notAuthenticated),
                "findings": .array(
                    found.findings.map { finding in
                        [
                            "rule": .string(finding.rule), "place": .string(finding.place),
                            "message": .string(finding.message),
                        ]
                    }
                ),
            ])
        }
        for finding in found.findings {
            console.out("\("violation", .red) \(finding.rule) \(finding.place): \(finding.message)")
        }
        if let reason = found.notAuthenticated {
            console.note("the checkpoints were not authenticated: \(reason); --unlocked opens it")
        }
        let result: ConsoleText =
            found.findings.isEmpty
            ? "\("the trail is right", .green)" : "\("the trail is wrong", .red)"
        console.out("\(result): \(found.entries) lines, checkpoints that saw it: \(found.heads)")
    }
}
