import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct AccountRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Put a fresh token in place; jobs under way keep the one they began with.",
        discussion: """
            The service is asked with the new token before anything is written: it must answer, and name \
            the same tier. A probe that fails leaves everything as it was. --no-probe skips it. With \
            --token-command the command is sealed with its token and prints the next ones; with any other \
            source the account has no command any more.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup(title: "Token") var token: TokenOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Flag(help: "Put the token in place without asking the service.")
    var noProbe = false

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            let expiresAt = try instant(token.expiresAt, "--expires-at")
            try await context.withEngine(unlock, dryRun: dryRun.dryRun) { engine in
                let draft = try await context.credentialDraft(
                    token,
                    prompt: "New token of \(name):",
                    expiresAt: expiresAt
                )
                let rotated = try await AccountDesk(engine).rotate(
                    account,
                    to: draft,
                    probing: !noProbe,
                    expiresAt: draft.expiresAt,
                    // A command may well print what is in place: it is given for the next ones.
                    keepingToken: token.tokenCommand != nil,
                    dryRun: dryRun.dryRun
                )
                show(rotated, on: context)
            }
        }
    }

    private func show(_ rotated: AccountDesk.Rotated, on context: Context) {
        let account = rotated.account
        if context.isJSON {
            context.console.out([
                "account": .string(account.name),
                "version": JSONOutput(account.credentialVersion),
                "token_fingerprint": .string(rotated.fingerprint),
                "credits": JSONOutput(rotated.reading?.credits),
                "dry_run": .bool(dryRun.dryRun),
            ])
        } else if dryRun.dryRun {
            context.console.out(
                "would rotate \(account.name, .bold) to token \(rotated.fingerprint)"
            )
        } else {
            context.console.out(
                "rotated \(account.name, .bold): version \(account.credentialVersion) in place, token \(rotated.fingerprint)"
            )
        }
    }
}

struct AccountRollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put the previous token back in place of the current one."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            let restored = try await context.withEngine(unlock, dryRun: dryRun.dryRun) { engine in
                try await AccountDesk(engine).rollBack(account, dryRun: dryRun.dryRun)
            }
            if context.isJSON {
                context.console.out([
                    "account": .string(name), "version": JSONOutput(restored.credentialVersion),
                    "dry_run": .bool(dryRun.dryRun),
                ])
            } else {
                let verb = dryRun.dryRun ? "would roll back" : "rolled back"
                context.console.out(
                    "\(verb) \(name, .bold): version \(restored.credentialVersion) in place"
                )
            }
        }
    }
}

struct AccountVersions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "List an account's token versions by fingerprint, never the tokens."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(help: "The account's name.")
    var name: String

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            let versions = try await context.withEngine(unlock) { engine in
                try await AccountDesk(engine).versions(of: account)
            }
            let report = Report(
                "versions",
                columns: [
                    .init("version", "VERSION", .right), .init("state", "STATE"),
                    .init("token_fingerprint", "TOKEN"), .init("added_at", "ADDED"),
                    .init("expires_at", "EXPIRES"),
                ],
                rows: versions.map { version in
                    [
                        .init(JSONOutput(version.version)), .init(version.state.rawValue),
                        .init(version.fingerprint), .init(version.addedAt),
                        .init(version.expiresAt),
                    ]
                }
            )
            context.console.out(report, as: context.format)
        }
    }
}

struct AccountPurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete an account's earlier tokens that no open job still uses.",
        discussion: """
            The previous token goes too, unless a job still needs it: a rollback is then no longer \
            possible.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            let (purged, exposed) = try await context.withEngine(unlock, dryRun: dryRun.dryRun) {
                engine in
                let desk = AccountDesk(engine)
                let exposed = try await desk.versions(of: account).filter { $0.exposedAt != nil }
                let purged = try await desk.purge(account, dryRun: dryRun.dryRun)
                return (purged, exposed.contains { purged.contains($0.version) })
            }
            if context.isJSON {
                context.console.out([
                    "account": .string(name), "purged": .array(purged.map { JSONOutput($0) }),
                    "dry_run": .bool(dryRun.dryRun),
                ])
            } else {
                let versions = purged.map(String.init).joined(separator: ", ")
                let verb = dryRun.dryRun ? "would purge" : "purged"
                context.console.out("\(verb) versions \(versions) of \(name, .bold)")
            }
            if exposed, !dryRun.dryRun { context.warnOfForgotten([name]) }
        }
    }
}
