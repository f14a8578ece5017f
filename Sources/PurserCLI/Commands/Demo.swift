import ArgumentParser
import Foundation
import PurserCore
import PurserEngine
import PurserSandbox

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job step by step against the sandbox; needs nothing.",
        discussion: """
            Runs this very program, as a user would, in a temporary home that is removed afterwards; the \
            service is the sandbox on loopback, over real HTTP.
            """
    )

    func run() async throws {
        let console = Surroundings.current.console(false)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "purser-demo-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withSandbox(.twoAccounts) { sandbox, baseURL in
            let stage = try DemoStage(folder: folder.path, baseURL: baseURL, console: console)
            try await DemoStory(stage: stage, sandbox: sandbox).tell()
        }
    }
}

/// Runs this program's own commands in the demo's home and shows what they say.
struct DemoStage: Sendable {
    let console: Console
    private let folder: String
    private let environment: [String: String]

    init(folder: String, baseURL: String, console: Console) throws {
        self.console = console
        self.folder = folder
        try Data(Self.request.utf8).write(to: URL(fileURLWithPath: folder + "/request.json"))
        // A passphrase slot costs half a second to open on purpose; the demo's commands use the key file.
        try Data(
            """
            [vault]
            key-file = "demo.key"

            [upstream.flow]
            quiet-after = "1s"
            poll-every = "500ms"

            """.utf8
        ).write(to: URL(fileURLWithPath: folder + "/accounts.toml"))
        environment = [
            "PURSER_HOME": folder + "/home", "PURSER_CONFIG": folder + "/accounts.toml",
            "XDG_STATE_HOME": folder + "/state", "PURSER_FLOW_BASE_URL": baseURL,
            "HOME": folder, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin",
        ]
    }

    func headline(_ text: String) {
        console.out("")
        console.out("\(text, .bold)")
    }

    /// Runs `purser` with the words of `line`, shows both, and checks the exit status.
    @discardableResult
    func purser(
        _ line: String,
        input: String? = nil,
        expecting status: Int32 = 0
    ) async throws -> String {
        console.out("\("$ purser \(line)", .cyan)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = line.split(separator: " ").map(String.init)
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let stdin = Pipe()
        process.standardInput = stdin
        try process.run()
        stdin.fileHandleForWriting.write(Data((input ?? "").utf8))
        try stdin.fileHandleForWriting.close()
        let handle = output.fileHandleForReading
        let bytes = await Task.offloaded { handle.readDataToEndOfFile() }
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        console.outVerbatim(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
        guard process.terminationStatus == status else {
            throw CommandError.invalid(
                "purser \(line) ended with \(process.terminationStatus), not \(status)",
                hint: nil
            )
        }
        return text
    }

    /// The capture's request as a member would write it: the service's body, comments allowed.
    private static let request = """
        {
            "clientContext": {
                "sessionId": ";1764646449789",
                "projectId": "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c",
                "tool": "PINHOLE",
                "userPaygateTier": "PAYGATE_TIER_ONE" // rewritten for the account that is chosen
            },
            "requests": [
                {
                    "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE",
                    "metadata": { "sceneId": "a387239f-c312-45fa-8274-41fcd7fe4b5a" },
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
                    "videoModelKey": "veo_3_0_r2v_fast" // so is this: the key the tier is sold
                }
            ]
        }
        """
}

extension Task where Success == Never, Failure == Never {
    /// Runs work that blocks a thread away from the tasks that serve the sandbox.
    fileprivate static func offloaded<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
