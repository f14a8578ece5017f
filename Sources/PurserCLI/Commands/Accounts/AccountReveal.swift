import ArgumentParser
import PurserCore
import PurserEngine

struct AccountReveal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reveal",
        abstract: "Print an account's token in clear, after asking; the audit trail records it."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(help: "The account's name.")
    var name: String

    @Flag(help: "Print it without asking.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            if !yes {
                guard context.console.output.isTerminal else {
                    throw ConsoleError.outputNotTerminal
                }
                guard
                    try context.console.confirm(
                        "Print the token of \(name, .bold) in clear? The audit trail will tell of it."
                    )
                else { throw CommandError.declined }
            }
            try await context.withEngine(unlock) { engine in
                try await AccountDesk(engine).reveal(account) { bytes in
                    // The one place where a token leaves in clear, because a person asked for it.
                    show(String(decoding: bytes, as: UTF8.self), of: account, on: context)
                }
            }
        }
    }

    private func show(_ token: String, of account: Account, on context: Context) {
        guard context.isJSON else { return context.console.outVerbatim(token + "\n") }
        context.console.out([
            "account": .string(account.name),
            "version": JSONOutput(account.credentialVersion), "token": .string(token),
        ])
    }
}
