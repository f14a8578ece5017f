import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// Marked secrets through a whole life of a home, and a search of everything that was written anywhere.
///
/// Only the sandbox, which stands for the service, may see a token.
struct CanaryTests {
    /// What a case may hold: the files the secrets came from.
    private static let sources: Set<String> = [
        "passphrase", "test.key", "ultra.token", "command.sh", "webhook.secret",
    ]

    @Test func `a whole life leaves no secret in output, files or memory of the system`()
        async throws
    {
        try await withCommandHome(isMade: false) { home in
            let home = home.with(["PURSER_LOG_LEVEL": "trace", "TMPDIR": home.folder + "/tmp"])
            try FileManager.default.createDirectory(
                atPath: home.folder + "/tmp",
                withIntermediateDirectories: true
            )
            try home.write(CommandHome.ultraToken + "\n", to: "ultra.token")
            try home.write("echo \(CommandHome.tierOneToken)\n", to: "command.sh")
            let made = try await home.run(
                "init --passphrase-file ~/passphrase --key-file ~/test.key --json",
                under: []
            )
            let document = try JSONSerialization.jsonObject(with: Data(made.output.utf8))
            let fields = try #require(document as? [String: Any])
            let recovery = try #require(fields["recovery_key"] as? String)
            let key = try String(contentsOfFile: home.folder + "/test.key", encoding: .utf8)
            let secret = try Self.addWebhook(to: home)
            let canary = Canary([recovery, key.trimmingCharacters(in: .newlines), secret])
            #expect(canary.isIn(made.output))

            var said = made.messages
            for (index, step) in Self.life.enumerated() {
                said += try await live(step, in: home)
                home.sandbox.clearFaults()
                #expect(!canary.isIn(said), "said by \(step.line)")
                guard index % 8 == 7 || index == Self.life.count - 1 else { continue }
                let found = try canary.files(below: home.folder, besides: Self.sources)
                #expect(found == [], "written up to \(step.line)")
            }
            // The token went where it belongs: the search would have found it.
            #expect(home.seenSubmissions().count > 3)
        }
    }

    /// The service stands for the receiver, too, and says no; returns the secret that messages are signed with.
    private static func addWebhook(to home: CommandHome) throws -> String {
        let digits = "Y2FuYXJ5LXdlYmhvb2stOGYyYzFiN2U1ZDkwNGEzNg=="
        try home.write("whsec_\(digits)\n", to: "webhook.secret")
        let path = home.folder + "/accounts.toml"
        let address = home.environment["PURSER_FLOW_BASE_URL"] ?? ""
        let section =
            "[alerts]\nwebhook = \"\(address)/hook\"\nsecret-file = \"webhook.secret\"\n"
        try home.write(
            try String(contentsOfFile: path, encoding: .utf8) + section,
            to: "accounts.toml"
        )
        return digits
    }

    private struct Step {
        let line: String
        var fault: SandboxFault?

        init(_ line: String, _ fault: SandboxFault? = nil) {
            self.line = line
            self.fault = fault
        }
    }

    private func live(_ step: Step, in home: CommandHome) async throws -> String {
        if let fault = step.fault { try home.sandbox.arm(fault) }
        let result = try await home.run(step.line, under: [])
        return result.output + result.messages
    }

    /// An answer that repeats the request's header, as a page of a proxy does.
    private static func echo(_ status: Int, _ body: String) -> SandboxFault {
        SandboxFault(.answer, account: "ultra", status: status, body: body)
    }

    private static let bearer = "Authorization: Bearer \(CommandHome.ultraToken)"

    private static let life: [Step] = [
        Step("accounts add ultra-1 --token-file ~/ultra.token"),
        Step("accounts add pro-1 --token-command sh<~/command.sh"),
        Step("accounts add again --token-file ~/ultra.token --json"),
        Step("accounts list"), Step("accounts show ultra-1 --json"),
        Step("accounts versions ultra-1 --json"), Step("accounts refresh"),
        Step("accounts rotate ultra-1 --token-file ~/ultra.token"),
        Step("route ~/capture.txt --json"), Step("send ~/capture.txt --wait"),
        Step("send ~/capture.txt --json --idempotency-key k --account ultra-1"),
        Step("send ~/capture.txt --json --idempotency-key k --account ultra-1"),
        Step("send ~/capture.txt --account ultra-1", echo(400, envelope)),
        Step("send ~/capture.txt --json --account ultra-1", echo(400, envelope)),
        Step("send ~/capture.txt --json --account ultra-1", echo(500, bearer)),
        Step("send ~/capture.txt --account ultra-1", echo(200, accepted)),
        Step("send ~/capture.txt --account ultra-1", SandboxFault(.malformed)),
        Step("send ~/capture.txt --account ultra-1", SandboxFault(.cutAfterCharge)),
        Step(
            "accounts refresh",
            creditsEcho
        ),
        Step("jobs check"), Step("jobs list --json"), Step("credits --json"),
        Step("ledger list --json"), Step("ledger verify --unlocked"), Step("audit list --json"),
        Step("members list --json"), Step("accounts reveal ultra-1"),
        Step("accounts versions ultra-1 --passphrase-file ~/ultra.token"),
        Step("accounts versions ultra-1 --key-file ~/passphrase"),
        Step("send ~/capture.txt", SandboxFault(.answer, status: 401, message: "no")),
        Step("accounts list --json"), Step("accounts remove pro-1 --yes"),
        Step("accounts list --config ~/ultra.token"),
        Step("send ~/capture.txt --raw --account ultra-1", echo(403, "<html>\(bearer)</html>")),
        Step("send ~/passphrase"), Step("send ~/ultra.token"),
        Step("vault backup ~/copy --unlocked"), Step("ledger export --output ~/books.jsonl"),
        Step("ledger export --format csv"), Step("ledger export --format hledger"),
        Step("audit export --output ~/trail.jsonl"), Step("audit export --format csv"),
        Step("accounts export --output ~/accounts.out.toml"), Step("vault restore ~/copy"),
        Step("vault status --json"), Step("vault verify"), Step("doctor --json"),
        Step("alerts test --json"), Step("alerts list --json"),
    ]

    private static let creditsEcho = SandboxFault(
        .answer,
        scope: .credits,
        account: "ultra",
        status: 400,
        body: envelope
    )

    private static let envelope =
        #"{"error":{"code":400,"message":"bad header \#(bearer)","status":"INVALID_ARGUMENT","#
        + #""details":[{"reason":"PUBLIC_ERROR_\#(CommandHome.ultraToken)_SEXUAL"}]}}"#

    private static let accepted =
        #"{"operations":[{"operation":{"name":"\#(CommandHome.ultraToken)"}}],"remainingCredits":680}"#

    @Test(arguments: [(SIGKILL, "no"), (SIGABRT, "no"), (SIGSEGV, "no"), (SIGSEGV, "yes")])
    func `a process that dies while it sends tells no secret`(
        _ signal: Int32,
        _ tellsWhy: String
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let home = home.with([
                "PURSER_LOG_LEVEL": "trace", "SWIFT_BACKTRACE": "enable=\(tellsWhy)",
            ])
            try home.sandbox.arm(SandboxFault(.delay, delaySeconds: 5))
            let canary = Canary()
            let process = try home.process("send ~/capture.txt")
            async let result = CommandHome.finish(process)
            while home.seenSubmissions().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let place = "/proc/\(process.processIdentifier)/"
            for name in ["cmdline", "environ", "maps", "status"] {
                let told = try? Data(contentsOf: URL(fileURLWithPath: place + name))
                #expect(!canary.isIn(told ?? Data()), "\(name)")
            }
            kill(process.processIdentifier, signal)
            let ended = try await result
            // With the runtime's own handler a signal from outside is told of and survived.
            #expect(ended.status != 0 || tellsWhy == "yes")
            #expect(!canary.isIn(ended.output + ended.messages))
            let found = try canary.files(below: home.folder, besides: Self.sources)
            #expect(found == [])
            // No core file either: the process has turned them off.
            let names = try FileManager.default.contentsOfDirectory(atPath: home.folder)
            #expect(!names.contains { $0.hasPrefix("core") })
        }
    }

    @Test func `a canary is found in every writing`() {
        let canary = Canary()
        let token = CommandHome.ultraToken
        let prefixed = Data("x\(token)y".utf8)
        #expect(!canary.isIn("nothing"))
        #expect(canary.isIn(prefixed))
        for shift in 0..<3 {
            let moved = Data(repeating: 0x20, count: shift) + prefixed
            #expect(canary.isIn(moved.base64EncodedString()))
        }
        #expect(canary.isIn(token.utf8.map { String(format: "%02x", $0) }.joined()))
        #expect(canary.isIn(token.utf8.map { String(format: "%%%02x", $0) }.joined()))
        #expect(canary.isIn(String(token.reversed())))
        #expect(canary.isIn(token.data(using: .utf16LittleEndian) ?? Data()))
    }
}
