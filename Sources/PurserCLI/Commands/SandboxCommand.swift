import ArgumentParser
import PurserCore
import PurserEngine
import PurserSandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "Run a pretended service on loopback, for trying things out.",
        discussion: """
            Speaks the service's protocol over HTTP. Point purser at it with PURSER_FLOW_BASE_URL. Accounts, prices, job times and faults come \
            from a scenario (JSON), or are set while it runs by calls under /sandbox \
            (Documentation/Sandbox.md). Without a scenario it has an ultra account with 690 credits \
            (token sandbox-ultra) and a tier-one account with 700 (token sandbox-tier-one).
            """
    )

    @Option(
        help: ArgumentHelp(
            "A scenario file; without it, the two accounts named above.",
            valueName: "file.json"
        )
    )
    var scenario: String?

    @Option(
        help: ArgumentHelp("The port on 127.0.0.1; 0 lets the system choose.", valueName: "port")
    )
    var port = 8485

    @Flag(help: "Print the address as JSON, and nothing else.")
    var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port lies between 0 and 65535")
        }
    }

    func run() async throws {
        let console = Surroundings.current.console(json)
        let scenario = try loaded()
        do {
            try await serve(scenario, on: console)
        } catch let failure as any PurserCore.Failure {
            throw failure
        } catch {
            throw CommandError.invalid(
                "the sandbox could not serve on port \(port): \(error)",
                hint: "another program may have the port; --port 0 lets the system choose"
            )
        }
    }

    private func serve(_ scenario: SandboxScenario, on console: Console) async throws {
        try await Sandbox.run(scenario: scenario, port: port) { port in
            let address = "http://127.0.0.1:\(port)"
            if json { return console.out(["url": .string(address)]) }
            console.out("listening on \(address)")
            for account in scenario.accounts {
                console.out(
                    "  \(account.label ?? "account")  \(account.tier)  \(account.credits) credits"
                )
            }
            console.hint(
                "PURSER_FLOW_BASE_URL=\(address) purser accounts add ultra-1"
            )
        }
    }

    private func loaded() throws -> SandboxScenario {
        guard let path = scenario else {
            // Another run must not name its jobs like the last one: a home may remember those.
            var scenario = SandboxScenario.twoAccounts
            scenario.seed = .random(in: 1...(1 << 53))
            return scenario
        }
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try readFile(path, limit: 1 << 20)
        } catch {
            throw ConsoleError.unreadable(path: path, reason: error.words)
        }
        do {
            return try SandboxScenario(json: bytes)
        } catch {
            throw CommandError.invalid(
                "\(path): \(error)",
                hint: "Documentation/Sandbox.md shows one"
            )
        }
    }
}

extension SandboxScenario {
    /// One account of each paid tier, as in the capture's story.
    static let twoAccounts = SandboxScenario(
        accounts: [
            Account(
                label: "ultra",
                token: "sandbox-ultra",
                tier: "PAYGATE_TIER_TWO",
                credits: 690,
                sku: "G1_TIER2"
            ),
            Account(
                label: "tier-one",
                token: "sandbox-tier-one",
                tier: "PAYGATE_TIER_ONE",
                credits: 700,
                sku: "G1_TIER1"
            ),
        ],
        jobSeconds: 2,
        refundDelaySeconds: 0
    )
}
