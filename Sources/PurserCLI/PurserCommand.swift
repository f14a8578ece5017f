import ArgumentParser
import Glibc
import PurserCore
import PurserVault

/// The command tree, and the one way out of the program.
struct PurserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser",
        abstract:
            "Keeps a team's accounts of a video-generation service: their keys and their books.",
        discussion: """
            A first day:
              purser init                           make the home: an encrypted vault, an empty ledger
              purser accounts add pro-1             paste a token; tier and balance come from the service
              purser send request.json --wait       send a request through the account that suits it best
              purser credits                        what is left, and who spent what

            Exit statuses: 0 done, 1 failed, 64 wrong usage, 65-72 the vault (69 wrong passphrase, 66 \
            damaged, 71 tampered), 73 not found, 74 disk, 75 locked, 76 conflict, 78 invalid input, \
            80 no eligible account, 81 not enough credits, 82 the service refused, 83 unknown outcome, \
            84 the service was not reached.
            """,
        version: Version.number,
        subcommands: [
            Initialize.self, Accounts.self, Send.self, Route.self, Jobs.self, CreditsCommand.self,
            Models.self, Members.self, LedgerCommand.self, AuditCommand.self, SandboxCommand.self,
            Demo.self,
        ]
    )
}

@main
enum Program {
    static func main() async {
        // A closed pipe is an error of the write that meets it, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
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
        let console = Surroundings.current.console(false)
        do {
            var command = try PurserCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done
        } catch let failure as any Failure {
            if arguments.contains("--json") { console.out(JSONOutput(failure)) }
            console.report(failure)
            return ExitStatus.status(of: failure.kind)
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return report(usage: error, on: console)
        }
    }

    /// Help and version go to standard output, wrong usage to standard error, as the parser words them.
    private static func report(usage error: any Error, on console: Console) -> Int32 {
        let status = PurserCommand.exitCode(for: error).rawValue
        let text = PurserCommand.fullMessage(for: error)
        if status == ExitStatus.done {
            console.outVerbatim(text + "\n")
        } else {
            console.messages.write(
                text.hasPrefix("Error: ") ? "purser: error: \(text.dropFirst(7))\n" : text + "\n"
            )
        }
        return status
    }
}
