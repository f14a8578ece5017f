import ArgumentParser

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help:
            ArgumentHelp(
                "The folder that holds vault and ledger; else PURSER_HOME, else ~/.local/share/purser.",
                valueName: "folder"
            )
    )
    var home: String?

    @Option(
        help:
            ArgumentHelp(
                "The configuration file; else PURSER_CONFIG, else ~/.config/purser/accounts.toml.",
                valueName: "accounts.toml"
            )
    )
    var config: String?

    @Flag(help: "Print JSON on standard output; messages still go to standard error.")
    var json = false

    @Flag(help: "Print results and errors only: no hints, no notes, no progress.")
    var quiet = false
}

/// Where the secret that opens the vault comes from; without any of them, a prompt.
struct UnlockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file that holds the passphrase and nothing else.", valueName: "file")
    )
    var passphraseFile: String?

    @Option(
        help: ArgumentHelp("A key file, as purser init --key-file makes one.", valueName: "file")
    )
    var keyFile: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "The key slot to open; without it, up to four are tried.",
            valueName: "slot"
        )
    )
    var slot: String?

    @Option(
        help: ArgumentHelp(
            "The vault's fingerprint, as purser init showed it; another one is an error.",
            valueName: "fingerprint"
        )
    )
    var expectFingerprint: String?

    func validate() throws {
        if keyFile != nil && passphraseFile != nil {
            throw ValidationError("--key-file and --passphrase-file exclude each other")
        }
    }
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
            "A command for /bin/sh that prints the token, now and whenever a fresh one is needed.",
            valueName: "command"
        )
    )
    var tokenCommand: String?

    @Option(
        help: ArgumentHelp(
            "When the token stops working: 2026-12-31 or 2026-12-31T18:00:00Z.",
            valueName: "instant"
        )
    )
    var expiresAt: String?

    func validate() throws {
        let sources = [tokenStdin, tokenFile != nil, tokenCommand != nil].filter { $0 }.count
        if sources > 1 {
            throw ValidationError(
                "--token-stdin, --token-file and --token-command exclude each other"
            )
        }
    }
}
