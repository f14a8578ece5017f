import ArgumentParser
import PurserCore

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

    /// Refuses another form beside `--json`, whose promise is one JSON document.
    func check(_ format: (some RawRepresentable<String>)?) throws {
        if json, let format, format.rawValue != OutputFormat.json.rawValue {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
    }
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

/// Checks and says what would be done, and writes nothing.
struct DryRunOption: ParsableArguments {
    @Flag(help: "Check everything and say what would be done; write nothing.")
    var dryRun = false
}

/// A span of days, both included.
struct SpanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("From this day on (UTC).", valueName: "2026-11-01"))
    var from: String?

    @Option(help: ArgumentHelp("To this day, included (UTC).", valueName: "2026-11-30"))
    var to: String?

    var days: (from: CalendarDay?, to: CalendarDay?) {
        get throws {
            let first = try day(from, "--from")
            let last = try day(to, "--to")
            if let first, let last, last < first {
                throw CommandError.invalid(
                    "--to lies before --from",
                    hint: "give the earlier day to --from; both are included"
                )
            }
            return (first, last)
        }
    }

    /// The first instant of the span, and the first after it.
    var instants: (start: Timestamp?, end: Timestamp?) {
        get throws {
            let (first, last) = try days
            return (first?.start, last.map { CalendarDay(number: $0.number + 1).start })
        }
    }

    private func day(_ text: String?, _ option: String) throws -> CalendarDay? {
        guard let text else { return nil }
        guard let day = CalendarDay(text) else {
            throw CommandError.invalid(
                "\(option): \(text.debugDescription) is no day",
                hint: "write 2026-11-30"
            )
        }
        return day
    }
}

/// Where an export goes.
struct ExportOption: ParsableArguments {
    @Option(help: ArgumentHelp("A new file to write to; else standard output.", valueName: "file"))
    var output: String?
}
