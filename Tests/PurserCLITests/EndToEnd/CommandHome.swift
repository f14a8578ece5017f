import ArgumentParser
import Foundation
import PurserCore
import PurserEngine
import PurserSandbox
import Synchronization
import Testing

@testable import PurserCLI

/// A home in a folder of its own, worked on by the program's own commands, in this process or as processes.
struct CommandHome: Sendable {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let messages: String
    }

    let folder: String
    let sandbox: Sandbox
    let skipped: SkippedTime
    let environment: [String: String]

    var database: String { "\(folder)/home" + "/purser.db" }

    /// The same home under further variables.
    func with(_ variables: [String: String]) -> CommandHome {
        CommandHome(
            folder: folder,
            sandbox: sandbox,
            skipped: skipped,
            environment: environment.merging(variables) { $1 }
        )
    }

    /// Runs a command line in this process, with streams and environment of its own.
    ///
    /// `answers` makes input and output a terminal, at which somebody types them.
    @discardableResult
    func purser(
        _ line: String,
        input: String = "",
        answers: [String]? = nil,
        expecting status: Int32? = 0
    ) async throws -> Result {
        let output = Mutex("")
        let messages = Mutex("")
        let typed = Mutex(answers ?? [])
        let input = try InputPipe(input)
        let surroundings = Surroundings(
            environment: Environment(environment),
            console: { isQuiet in
                Console(
                    output: .init(isTerminal: answers != nil, hasColor: false, width: nil) { text in
                        output.withLock { $0 += text }
                    },
                    messages: .init(isTerminal: false, hasColor: false, width: nil) { text in
                        messages.withLock { $0 += text }
                    },
                    input: .init(isTerminal: answers != nil) {
                        typed.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                    },
                    isQuiet: isQuiet
                )
            },
            standardInput: input.descriptor,
            now: { Timestamp.now + skipped.span },
            sleep: { span in
                // Time that the program sleeps passes at once, with a breath for the sandbox.
                skipped.add(span)
                try await Task.sleep(for: .milliseconds(20))
            },
            actor: Actor("cli:test")
        )
        let words = words(of: line)
        let code = await Surroundings.$current.withValue(surroundings) {
            await Program.run(words)
        }
        let result = Result(
            status: code,
            output: output.withLock { $0 },
            messages: messages.withLock { $0 }
        )
        if let status, code != status {
            Issue.record("purser \(line) ended with \(code):\n\(result.output)\(result.messages)")
        }
        return result
    }

    /// Runs `body` as a command would, for what no command shows.
    func inContext<Result>(_ body: (Context) async throws -> Result) async throws -> Result {
        let surroundings = Surroundings.live(Environment(environment))
        return try await Surroundings.$current.withValue(surroundings) {
            try await Context.run(try GlobalOptions.parse([]), body)
        }
    }

    /// Makes a home of a vault that no `purser init` made.
    func keep(_ vault: VaultChange) async throws {
        let surroundings = Surroundings.live(Environment(environment))
        try await Surroundings.$current.withValue(surroundings) {
            try await Context.run(try GlobalOptions.parse([]), making: true) { context in
                let owner = Member(
                    id: context.ambient.newID(),
                    name: Member.ownerName,
                    createdAt: context.now,
                    hasBudget: false
                )
                try await context.store.createVault(
                    vault,
                    owner: owner,
                    by: context.actor,
                    at: context.now
                )
            }
        }
    }

    /// The process of a command line, not started: for what only a real process can show.
    func process(_ line: String) throws -> Process {
        let process = Process()
        process.executableURL = try Self.binary()
        process.arguments = words(of: line)
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = Pipe()
        process.standardError = Pipe()
        return process
    }

    /// The words of a command line; `~/` stands for the test's own folder, a no-break space for a blank in a word.
    private func words(of line: String) -> [String] {
        line.split(separator: " ").map {
            String($0).replacing("~/", with: folder + "/").replacing("\u{A0}", with: " ")
        }
    }

    /// Waits until the service has seen a process's request, or the process has ended without one.
    func untilSending(_ process: Process) async throws {
        while seenSubmissions().isEmpty {
            try #require(process.isRunning, "the process ended before it sent anything")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The binary that was built together with these tests.
    static func binary() throws -> URL {
        let candidates = [
            Bundle.main.executableURL, URL(fileURLWithPath: CommandLine.arguments[0]),
        ]
        .compactMap { $0?.deletingLastPathComponent().appending(path: "purser") }
        return try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) },
            "the purser binary lies beside the tests"
        )
    }

    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
        try #require(chmod(folder + "/" + name, 0o600) == 0)
    }

    /// A program of the test's own, as a token-command calls it.
    ///
    /// Put in place by another process: one that a test beside this starts while the file is written here would hold it
    /// open for writing for a moment, and the system runs no such file (ETXTBSY of execve(2)).
    func script(_ text: String, named name: String) throws {
        let draft = name + ".draft"
        try write("#!/bin/sh\n" + text + "\n", to: draft)
        let install = try Process.run(
            URL(fileURLWithPath: "/usr/bin/install"),
            arguments: ["-m", "700", folder + "/" + draft, folder + "/" + name]
        )
        install.waitUntilExit()
        try #require(install.terminationStatus == 0)
        try FileManager.default.removeItem(atPath: folder + "/" + draft)
    }

    func addUltra() async throws {
        try await purser(
            "accounts add ultra-1 --tier ultra --token-stdin",
            input: Self.ultraToken + "\n"
        )
    }

    func addTierOne() async throws {
        try await purser(
            "accounts add pro-1 --tier tier-one --token-stdin",
            input: Self.tierOneToken + "\n"
        )
    }

    /// What the service itself says is left.
    func realCredits(_ label: String) -> Int? {
        sandbox.state().accounts.first { $0.label == label }?.credits
    }

    func seenSubmissions() -> [SeenRequest] {
        sandbox.requests().filter { $0.path.contains("batchAsyncGenerate") }
    }

    func json(_ line: String, expecting status: Int32 = 0) async throws -> [String: Any] {
        let result = try await purser(line + " --json", expecting: status)
        return try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        )
    }

    /// Everything the books show; equal before and after what must change nothing.
    func books() async throws -> String {
        var text = ""
        for noun in ["accounts", "members", "jobs", "ledger", "audit"] {
            text += try await purser("\(noun) list --json").output
        }
        return text
    }

    static let passphrase = "correct horse battery staple"
    static let ultraToken = "ya29.canary-ultra-8f2c1b7e5d904a36"
    static let tierOneToken = "ya29.canary-tier-one-b1d0c94e77aa4f21"
}

/// How far the commands' clock is ahead of the wall's, because they slept.
final class SkippedTime: Sendable {
    private let skipped = Mutex(Duration.zero)

    var span: Duration { skipped.withLock { $0 } }

    func add(_ span: Duration) {
        skipped.withLock { $0 += span }
    }
}

/// Text that a command may read as its standard input.
private final class InputPipe: Sendable {
    let descriptor: Int32

    init(_ text: String) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        descriptor = ends[0]
        let bytes = Array(text.utf8)
        try #require(bytes.isEmpty || write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
    }

    deinit { close(descriptor) }
}

/// Makes a home with a key file slot, beside a sandbox with an ULTRA account at 690 and a TIER_ONE account at 700.
///
/// With `isMade` false everything lies ready for `init`, which the body then runs itself.
func withCommandHome(
    _ scenario: SandboxScenario = .twoAccounts(),
    isMade: Bool = true,
    _ body: (CommandHome) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "purser-cli-\(UUID())").path
    try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
    )
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withSandbox(scenario) { sandbox, baseURL in
        let home = CommandHome(
            folder: folder,
            sandbox: sandbox,
            skipped: SkippedTime(),
            environment: [
                "HOME": folder, "PURSER_HOME": folder + "/home",
                "PURSER_CONFIG": folder + "/accounts.toml", "XDG_STATE_HOME": folder + "/state",
                "PURSER_FLOW_BASE_URL": baseURL,
            ]
        )
        try home.write(
            """
            [vault]
            key-file = "\(folder)/test.key"

            [upstream.flow]
            quiet-after = "30s"
            poll-every = "5s"

            """,
            to: "accounts.toml"
        )
        try home.write(CommandHome.passphrase + "\n", to: "passphrase")
        try home.write(capture, to: "capture.txt")
        if isMade { try await HomeTemplate.copy(to: folder) }
        try await body(home)
    }
}

extension Process {
    /// Waits for its end and lends its thread meanwhile: the sandbox that it may ask runs on the same few.
    func untilEnded() async throws {
        while isRunning { try await Task.sleep(for: .milliseconds(5)) }
        waitUntilExit()
    }
}

extension SandboxScenario {
    static func twoAccounts(
        ultraCredits: Int = 690,
        jobSeconds: Double = 0.05,
        shape: ResponseShape = .operations
    ) -> SandboxScenario {
        SandboxScenario(
            accounts: [
                .init(
                    label: "ultra",
                    token: CommandHome.ultraToken,
                    tier: "PAYGATE_TIER_TWO",
                    credits: ultraCredits,
                    maxJobs: 100
                ),
                .init(
                    label: "tier-one",
                    token: CommandHome.tierOneToken,
                    tier: "PAYGATE_TIER_ONE",
                    credits: 700
                ),
            ],
            jobSeconds: jobSeconds,
            responseShape: shape
        )
    }
}

/// A copy from a browser's developer tools, as the service's users pass it on: address, headers, body, answer.
let capture = """
    https://aisandbox-pa.googleapis.com/v1/video:batchAsyncGenerateVideoReferenceImages
    请求方法
    POST
    状态代码
    200 OK
    authorization
    Bearer <YOUR_BEARER_TOKEN>
    content-type
    text/plain;charset=UTF-8


    {
        "clientContext": {
            "sessionId": ";1764646449789",
            "projectId": "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c",
            "tool": "PINHOLE",
            "userPaygateTier": "PAYGATE_TIER_ONE" //这里换成 ULTRA 账号设定
        },
        "requests": [
            {
                "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
                "metadata": {
                    "sceneId": "a387239f-c312-45fa-8274-41fcd7fe4b5a"
                },
                "referenceImages": [
                    {
                        "imageUsageType": "IMAGE_USAGE_TYPE_ASSET",
                        "mediaId": "CAMaJGNlZjUwMjMzLWJmOWEtNGFhMC1iYmRhLTA4MTk4YWU5Mjc5NyIDQ0FF"
                    }
                ],
                "seed": 19000,
                "textInput": {
                    "prompt": "刚开是的镜头是一个关着的门。门打开之后，可以看到 两个女人向老人汇报工作。"
                },
                "videoModelKey": "veo_3_0_r2v_fast"  // 这边直接使用 ULTRA 账号设定
            }
        ]
    }

    {
        "operations": [
            { "operation": { "name": "ef50932a9762096bae31c84e6f35a4f6" },
              "status": "MEDIA_GENERATION_STATUS_PENDING" }
        ],
        "remainingCredits": 680
    }
    """
