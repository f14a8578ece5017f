import ArgumentParser

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that holds vault and ledger.", valueName: "folder"))
    var home: String?

    @Option(help: ArgumentHelp("The configuration file.", valueName: "accounts.toml"))
    var config: String?

    @Flag(help: "Print JSON on standard output; messages still go to standard error.")
    var json = false

    @Flag(help: "Print errors and results only.")
    var quiet = false
}

/// Where the secret that opens the vault comes from; without any of them, a prompt.
struct UnlockOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A file whose first line is the passphrase.", valueName: "file"))
    var passphraseFile: String?

    @Option(help: ArgumentHelp("A key file made by purser.", valueName: "file"))
    var keyFile: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("The key slot's name.", valueName: "slot"))
    var slot: String?
}

/// Where a token comes from.
///
/// Never an argument: arguments show in process lists and shell histories.
struct TokenOptions: ParsableArguments {
    @Flag(help: "Read the token from standard input.")
    var tokenStdin = false

    @Option(help: ArgumentHelp("A file that holds the token and nothing else.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "When the token stops working: 2026-12-31 or 2026-12-31T18:00:00Z.",
            valueName: "instant"
        )
    )
    var expiresAt: String?

    func validate() throws {
        if tokenStdin && tokenFile != nil {
            throw ValidationError("--token-stdin and --token-file exclude each other")
        }
    }
}
