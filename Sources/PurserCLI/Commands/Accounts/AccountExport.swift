import ArgumentParser
import Glibc
import PurserCore
import PurserEngine
import PurserVault

struct AccountExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the accounts as a file that accounts import takes; never a token.",
        discussion: """
            Settings, tiers and expiries, and the token-command where an account has one; only then the vault \
            is opened. Importing the file into the same home changes nothing; into another home, name where each \
            token is first.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @OptionGroup var target: ExportOption

    func run() async throws {
        try await Context.run(global) { context in
            let accounts = try await context.store.accounts().map(\.account)
            let commands = try await commands(of: accounts, context)
            let text = accounts.map { Self.table($0, command: commands[$0.id]) }
                .joined(separator: "\n")
            if let output = target.output {
                let path = Home.absolute(output, environment: context.surroundings.environment)
                try makePrivateFile(path) { file in
                    try Array(text.utf8).withUnsafeBytes {
                        try writeFully($0, to: file, path: path)
                    }
                }
            }
            show(text, accounts.count, on: context)
        }
    }

    private func show(_ text: String, _ count: Int, on context: Context) {
        if context.isJSON {
            context.console.out([
                "toml": JSONOutput(target.output == nil ? text : nil),
                "file": JSONOutput(target.output),
                "count": JSONOutput(count),
            ])
        } else if let output = target.output {
            context.console.out("wrote \(count.counted("account")) to \(output)")
        } else {
            context.console.outVerbatim(text)
        }
    }

    private func commands(
        of accounts: [Account],
        _ context: Context
    ) async throws -> [AccountID: String] {
        let having = accounts.filter { $0.tokenCommand != nil }
        guard !having.isEmpty else { return [:] }
        return try await context.withEngine(unlock) { engine in
            let contents = try await engine.keyring.contents()
            return try having.reduce(into: [:]) { commands, account in
                commands[account.id] =
                    try contents.current(of: account.id).command
            }
        }
    }

    private static func table(_ account: Account, command: String?) -> String {
        let settings = account.settings
        var lines: [(String, String?)] = [
            ("name", quoted(account.name)), ("tier", quoted(account.tier.rawValue)),
            ("token-command", command.map(quoted)),
            // A command says by itself when its token ends.
            ("expires-at", command == nil ? account.tokenExpiresAt?.iso8601 : nil),
            ("project-id", settings.projectID.map(quoted)),
            ("reserve", settings.reserve > .zero ? "\(settings.reserve)" : nil),
            ("monthly-credits", settings.monthlyCredits.map { "\($0)" }),
            ("renews-on", settings.renewsOnDay.map { "\($0)" }),
        ]
        if settings.maxInFlight != AccountSettings.defaultMaxInFlight {
            lines.append(("max-in-flight", "\(settings.maxInFlight)"))
        }
        if !settings.tags.isEmpty {
            lines.append(("tags", "[\(settings.tags.map(quoted).joined(separator: ", "))]"))
        }
        return "[[accounts]]\n"
            + lines.compactMap { name, value in value.map { "\(name) = \($0)\n" } }.joined()
    }

    /// Text without control characters is spelled alike in JSON and TOML.
    private static func quoted(_ text: String) -> String { JSONOutput.string(text).compact }
}
