import ArgumentParser
import Glibc
import PurserCore
import PurserEngine
import PurserVault

/// The command tree, and the one way out of the program.
struct PurserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser",
        abstract:
            "Keeps a team's accounts of a video-generation service: their keys and their books.",
        discussion: """
            A first day:
              purser init                      make a home: encrypted vault, empty books
              purser accounts add pro-1        paste a token; the service tells the rest
              purser send request.json --wait  send through the account that suits best
              purser credits                   what is left, and who spent what

            Nothing at hand yet? purser demo shows all of it without an account.

            Exit statuses: 0 done, 1 failed, 64 wrong usage, 65-72 the vault (69 wrong passphrase, 66 \
            damaged, 71 tampered), 73 not found, 74 disk, 75 locked, 76 conflict, 78 invalid input, \
            80 no eligible account, 81 not enough credits, 82 the service refused or a job failed, 83 \
            unknown outcome, 84 the service was not reached.
            """,
        version: Version.number,
        subcommands: [
            Initialize.self, Accounts.self, Send.self, Route.self, Jobs.self, CreditsCommand.self,
            Simulate.self, Models.self, Members.self, Serve.self, VaultCommand.self,
            LedgerCommand.self,
            AuditCommand.self, AlertsCommand.self,
            Doctor.self, SandboxCommand.self, Demo.self,
        ]
    )
}

@main
enum Program {
    static func main() async {
        // A closed pipe is an error of the write that meets it, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        // Whoever started purser may ignore it, which an exec keeps; then no child could be waited for.
        signal(SIGCHLD, SIG_DFL)
        do {
            try ProcessHardening.apply()
        } catch {
            let console = Surroundings.current.console(false)
            console.warning("core dumps could not be turned off: \("\(error)")")
        }
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs one command line and returns its exit status.
    ///
    /// Every error ends here.
    static func run(_ arguments: [String]) async -> Int32 {
        let options = arguments.prefix { $0 != "--" }
        let isJSON = options.contains("--json")
        let console = Surroundings.current.console(options.contains("--quiet"))
        do {
            var command = try PurserCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done
        } catch let failure as any Failure {
            if isJSON { console.out(JSONOutput(failure)) }
            console.report(failure)
            return ExitStatus.status(of: failure.kind)
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return report(usage: error, isJSON: isJSON, on: console)
        }
    }

    /// Help and version go to standard output, wrong usage to standard error, as the parser words them.
    private static func report(
        usage error: any Error,
        isJSON: Bool,
        on console: Console
    ) -> Int32 {
        let status = PurserCommand.exitCode(for: error).rawValue
        let text = PurserCommand.fullMessage(for: error)
        if status == ExitStatus.done {
            console.outVerbatim(text + "\n")
        } else {
            if isJSON {
                let kind: FailureKind =
                    status == ExitStatus.status(of: .usage) ? .usage : .failed
                let message = PurserCommand.message(for: error)
                console.out(JSONOutput(ParserFailure(kind: kind, message: message)))
            }
            console.messages.write(
                text.hasPrefix("Error: ") ? "purser: error: \(text.dropFirst(7))\n" : text + "\n"
            )
        }
        return status
    }
}

/// What the parser does not take of a command line, as it tells of it.
private struct ParserFailure: Failure {
    let kind: FailureKind
    let message: String
}
