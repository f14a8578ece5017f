import ArgumentParser
import PurserCore
import PurserEngine

struct AccountReveal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reveal",
        abstract: "Print an account's token after asking; the audit trail tells of it."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(help: "The account's name.")
    var name: String

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            if !yes {
                guard
                    try context.console.confirm(
                        "Print the token of \(name, .bold) in clear? The audit trail will tell of it."
                    )
                else { return }
            }
            try await context.withEngine(unlock) { engine in
                try await AccountDesk(engine).reveal(account) { bytes in
                    // The one place where a token leaves in clear, because a person asked for it.
                    context.console.outVerbatim(String(decoding: bytes, as: UTF8.self) + "\n")
                }
            }
        }
    }
}
