import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOPosix
import Synchronization

/// A home with accounts at a pretended service and members with keys, made and run by the program itself.
struct GatewayHousehold: Sendable {
    struct Member: Sendable {
        let name: String
        let key: String
    }

    static let accounts = 6
    static let maxInFlight = 6
    static let jobSeconds = 0.6
    /// Some are rich and some are not; together they must outlast the proof.
    private static let credits = [200_000, 300, 200_000, 900, 200_000, 5000]

    /// What each member may spend, as options of `members add`: some come to the end of it soon.
    private static let limits = [
        ["--budget", "300"], ["--budget", "2000"], ["--per-day", "400"],
        ["--per-week", "900", "--per-day", "500"], ["--total", "350"],
        ["--budget", "5000", "--per-month", "1500"], [], [], [], [],
    ]

    let scratch: Scratch
    let members: [Member]
    /// Where the service is.
    let service: String

    /// Beside this program lies the one that is proved.
    static let program: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let own = path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
        let folder = own.prefix(through: own.lastIndex(of: UInt8(ascii: "/")) ?? 0)
        return String(decoding: folder, as: UTF8.self) + "purser"
    }()

    static func sandbox(in scratch: Scratch) throws -> Child {
        let accounts = credits.enumerated().map { index, credits in
            """
            {"label": "account-\(index)", "token": "\(token(index))", "credits": \(credits), "maxJobs": 24, \
            "tier": "PAYGATE_TIER_\(index % 2 == 0 ? "TWO" : "ONE")"}
            """
        }
        let scenario = """
            {"jobSeconds": \(jobSeconds), "refundDelaySeconds": 0.3, "seed": \(Tier.seed), \
            "accounts": [\(accounts.joined(separator: ", "))]}
            """
        try Scratch.write(Array(scenario.utf8), to: "\(scratch.path)/scenario.json")
        return try Child(
            program: program,
            ["sandbox", "--port", "0", "--scenario", "\(scratch.path)/scenario.json"]
        )
    }

    init(in scratch: Scratch, service: String) async throws {
        self.scratch = scratch
        self.service = service
        let folder = scratch.path
        try Scratch.write(Array("a passphrase of a proof's own\n".utf8), to: "\(folder)/passphrase")
        try Scratch.write(Array(Self.configuration(folder).utf8), to: "\(folder)/accounts.toml")
        for index in 0..<Self.accounts { try Self.put(Self.token(index), in: scratch, of: index) }
        for (name, value) in [
            "PURSER_HOME": "\(folder)/home", "PURSER_CONFIG": "\(folder)/accounts.toml",
            "XDG_STATE_HOME": "\(folder)/state", "PURSER_FLOW_BASE_URL": service,
            "PURSER_LOG_LEVEL": "error",
        ] { setenv(name, value, 1) }
        try await Self.run(
            "init",
            "--config",
            "\(folder)/accounts.toml",
            "--passphrase-file",
            "\(folder)/passphrase",
            "--key-file",
            "\(folder)/key"
        )
        setenv("PURSER_KEY_FILE", "\(folder)/key", 1)
        try await Self.run("members", "set", "--team", "--per-month", "100000")
        var members: [Member] = []
        for (index, limits) in Self.limits.enumerated() {
            let name = "member-\(index)"
            let added: Added = try await Self.read(["members", "add", name] + limits)
            members.append(Member(name: name, key: added.key))
        }
        self.members = members
    }

    /// Every other account has its token from a command, which prints what lies here.
    private static func put(_ token: String, in scratch: Scratch, of index: Int) throws {
        let path = "\(scratch.path)/token-\(index)"
        try Scratch.write(Array(token.utf8), to: path + ".new")
        guard rename(path + ".new", path) == 0 else { throw ProofError.system(path) }
    }

    /// The service takes another token for an account and no longer the one before: a 401 tells, and the command has it.
    func renewToken(_ number: Int, _ control: SandboxControl) async throws {
        let index = number % Self.accounts / 2 * 2
        let token = Self.token(index) + "-\(number)"
        try await control.setToken(of: "account-\(index)", to: token, keepOld: true)
        try Self.put(token, in: scratch, of: index)
        try await control.setToken(of: "account-\(index)", to: token, keepOld: false)
    }

    /// A member gets another key; the one before works on for a while.
    func renewKey(_ number: Int, _ record: GatewayRecord) async throws {
        let name = members[number % members.count].name
        let words = ["members", "rotate", name, "--overlap", "1m"]
        let renewed: Added = try await Self.read(words)
        // What a command changes counts within a second.
        try await Task.sleep(for: .seconds(2))
        record.state.withLock { $0.keys[name] = renewed.key }
    }

    /// Starts a gateway; where it listens.
    static func gateway(port: String = "0") throws -> (child: Child, address: String) {
        let child = try Child(program: program, ["serve", "--port", port])
        return (child, try address(of: child))
    }

    /// What a server says first.
    static func address(of child: Child) throws -> String {
        let words = "listening on "
        guard let line = child.line(), line.hasPrefix(words) else {
            throw ProofError("a server did not start: it ended with \(child.wait())")
        }
        return String(line.dropFirst(words.count))
    }

    private struct Added: Decodable {
        let key: String
    }

    private static func token(_ index: Int) -> String { "token-of-account-\(index)-in-a-proof" }

    private static func configuration(_ folder: String) -> String {
        var text = """
            [routing]
            wait = "2s"
            [gateway]
            drain = "10s"
            [upstream.flow]
            timeout = "2s"
            quiet-after = "1s"
            poll-every = "200ms"

            """
        for index in 0..<accounts {
            text += """
                [[accounts]]
                name = "account-\(index)"
                tier = "\(index % 2 == 0 ? "ultra" : "tier-one")"
                \(index % 2 == 0 ? "token-command = \"cat \(folder)/token-\(index)\"" : "token-file = \"\(folder)/token-\(index)\"")
                max-in-flight = \(maxInFlight)

                """
        }
        return text
    }

    // MARK: The command line

    /// Runs a command, which must do what it is told.
    static func run(_ words: String...) async throws {
        let (status, _) = try await command(words)
        guard status == 0 else { throw ProofError("\(words.joined(separator: " ")): \(status)") }
    }

    /// What a command says under `--json`.
    static func read<Answer: Decodable>(_ words: [String]) async throws -> Answer {
        let (status, lines) = try await command(words + ["--json"])
        guard status == 0 || status == 1 else {
            throw ProofError("\(words.joined(separator: " ")): \(status)")
        }
        return try JSONDecoder().decode(Answer.self, from: Data(lines.joined().utf8))
    }

    /// Runs a command to its end, without standing in the way of others.
    static func command(_ words: [String]) async throws -> (status: Int32, lines: [String]) {
        try await NIOThreadPool.singleton.runIfActive {
            let child = try Child(program: program, words)
            let lines = child.rest()
            return (child.wait(), lines)
        }
    }
}
