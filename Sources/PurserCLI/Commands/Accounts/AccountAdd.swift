import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct AccountAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add an account: ask the service about it, then seal its token.",
        discussion: """
            The token comes from a prompt without echo, --token-stdin, --token-file or --token-command, \
            never from an argument. A command is sealed with its token, and run again by itself when the token \
            nears its end or is refused. Tier and opening balance come from the service; a tier that differs from --tier \
            is an error. With --offline the service is not asked.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup(title: "Token") var token: TokenOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name: letters, digits and . _ -")
    var name: String

    @Option(help: "The tier the account should have; another one is an error.")
    var tier: Tier?

    @Flag(help: "Do not ask the service; needs --tier, and takes the balance from --credits.")
    var offline = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --offline: the opening balance; unknown unless told.",
            valueName: "n"
        )
    )
    var credits: Int64?

    func validate() throws {
        if offline && tier == nil { throw ValidationError("--offline needs --tier") }
        if credits != nil && !offline { throw ValidationError("--credits goes with --offline") }
    }

    func run() async throws {
        try await Context.run(global) { context in
            let expiresAt = try instant(token.expiresAt, "--expires-at")
            let applied = try settings.change().applied(to: AccountSettings())
            let opening = try opening()
            try await context.register.checkNew(name, settings: applied)
            // The vault first: a wrong passphrase should not cost the pasting of a token.
            try await context.withEngine(unlock, dryRun: dryRun.dryRun) { engine in
                let draft = try await context.credentialDraft(
                    token,
                    prompt: "Token of \(name):",
                    expiresAt: expiresAt
                )
                let added = try await AccountDesk(engine).add(
                    name: name,
                    opening: opening,
                    token: draft,
                    settings: applied,
                    expiresAt: draft.expiresAt,
                    dryRun: dryRun.dryRun
                )
                show(added, on: context)
            }
        }
    }

    private func opening() throws -> AccountDesk.OpeningSource {
        guard offline, let tier else { return .asking(said: tier) }
        return .told(
            tier: tier,
            credits: try credits.map { try PurserCLI.credits($0, "--credits") }
        )
    }

    private func show(_ added: AccountDesk.Added, on context: Context) {
        if context.isJSON {
            context.console.out([
                "account": .string(added.account.name),
                "tier": .string(added.account.tier.rawValue),
                "credits": JSONOutput(added.credits), "plan": JSONOutput(added.reading?.plan),
                "token_fingerprint": .string(added.fingerprint), "dry_run": .bool(dryRun.dryRun),
            ])
            return
        }
        let verb = dryRun.dryRun ? "would add" : "added"
        let balance = added.credits.map { "\($0.grouped) credits" } ?? "balance unknown"
        context.console.out(
            "\(verb) \(added.account.name, .bold) (\(added.account.tier.rawValue)), \(balance), token \(added.fingerprint)"
        )
        if added.credits == nil {
            context.console.hint(
                "purser accounts refresh \("\(added.account.name)") reads its balance"
            )
        }
    }
}
