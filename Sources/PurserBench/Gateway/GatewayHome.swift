import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import PurserCore

/// A home that `purser` itself has made, with members who may spend without end, and the gateway on it.
struct GatewayHome {
    static let accounts = 200
    static let members = 10
    /// Enough for every request that a benchmark sends.
    static let credits = 1_000_000_000

    /// What members send.
    let load: Load
    /// Who reads the metrics.
    private let auditor: String
    private let purser: String
    private let environment: [String]
    private let scratch: ScratchFolder

    private static let model = "veo_2_1_fast_d_15_t2v"

    /// What one request is charged.
    static func price() throws -> Int {
        guard let price = Catalogue.builtin.model(forKey: model)?.offers[.ultra]?.price else {
            throw BenchmarkError("the catalogue has no \(model)")
        }
        return Int(price.amount)
    }

    private struct Added: Decodable {
        let key: String
    }

    init(in scratch: ScratchFolder, upstream: Int) throws {
        let purser = try ChildProcess.purser()
        let configuration = try scratch.write(Self.configuration, to: "accounts.toml")
        let environment = [
            "PURSER_HOME=\(scratch.path)/home", "PURSER_CONFIG=\(configuration)",
            "PURSER_KEY_FILE=\(scratch.path)/key", "XDG_STATE_HOME=\(scratch.path)/state",
            "HOME=\(scratch.path)", "PURSER_FLOW_BASE_URL=http://127.0.0.1:\(upstream)",
        ]
        let passphrase = try scratch.write("correct horse battery staple\n", to: "passphrase")
        for number in 1...Self.accounts {
            _ = try scratch.write("token-of-no-account-\(number)\n", to: "token-\(number)")
        }
        let initialize = [
            "init", "--passphrase-file", passphrase, "--key-file", scratch.path + "/key",
            "--config", configuration, "--quiet",
        ]
        let first = environment.filter { !$0.hasPrefix("PURSER_KEY_FILE") }
        try ChildProcess(purser, initialize, first).run()
        func add(_ name: String, _ options: String...) throws -> String {
            let output = "\(scratch.path)/\(name)"
            try ChildProcess(purser, ["members", "add", name, "--json"] + options, environment)
                .run(output: output)
            return try Self.read(Added.self, from: output).key
        }
        (self.scratch, self.purser, self.environment) = (scratch, purser, environment)
        auditor = try add("auditor", "--role", "auditor")
        let keys = try (1...Self.members).map { number in
            try add("member-\(number)", "--budget", "\(Self.credits)")
        }
        load = Load(
            path: "/v1/video:batchAsyncGenerateVideoText",
            body: """
                {"clientContext":{"sessionId":";1765000000000","projectId":"3f0c8a52-7d1e-4b67-9a55-0d2c4a1be7f9",\
                "tool":"PINHOLE","userPaygateTier":"PAYGATE_TIER_TWO"},"requests":[{"aspectRatio":\
                "VIDEO_ASPECT_RATIO_LANDSCAPE","seed":24117,"textInput":{"prompt":"A pier at dawn, a slow pan to \
                the right; gulls, a calm sea, the first light on wet planks."},"videoModelKey":"\(Self.model)",\
                "metadata":{"sceneId":"4f1d6f9a-8a2e-4b3e-9a6e-0f3a4ad3c7f1"}}]}
                """,
            keys: keys
        )
    }

    /// The tokens are nowhere but here, and nothing is asked about them.
    private static var configuration: String {
        (1...accounts).map { number in
            """
            [[accounts]]
            name = "account-\(number)"
            tier = "ultra"
            token-file = "token-\(number)"
            max-in-flight = 1000
            offline = true
            credits = \(credits)

            """
        }.joined()
    }

    func serve() throws -> Server {
        try Server(
            ChildProcess(purser, ["serve", "--port", "0"], environment),
            as: "gateway",
            in: scratch
        )
    }

    private struct Report: Decodable {
        struct Row: Decodable {
            let spent: Int
        }
        let spending: [Row]
    }

    /// Throws unless the books are in order and charge exactly so many requests.
    func check(requests: Int) throws {
        let output = scratch.path + "/spending"
        try ChildProcess(purser, ["credits", "--by", "account", "--json"], environment)
            .run(output: output)
        let spent = try Self.read(Report.self, from: output).spending.reduce(0) { $0 + $1.spent }
        let price = try Self.price()
        guard spent == requests * price else {
            throw BenchmarkError(
                "\(requests) requests at \(price) were answered, \(spent) are charged"
            )
        }
        try ChildProcess(purser, ["ledger", "verify", "--unlocked"], environment).run()
    }

    /// Throws unless the gateway's own metrics tell of exactly so many requests and their price.
    func checkMetrics(of gateway: Server, requests: Int) async throws {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(gateway.port)/metrics")
        request.headers.add(name: "Authorization", value: "Bearer \(auditor)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        let wanted = [
            ("purser_charged_credits_total{", "", requests * (try Self.price())),
            ("purser_requests_total{call=\"generate\"", "outcome=\"ok\"", requests),
        ]
        for (metric, label, sum) in wanted {
            let told = text.split(separator: "\n")
                .filter { $0.hasPrefix(metric) && ($0.contains(label) || label.isEmpty) }
                .reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Int($0) } ?? 0) }
            guard told == sum else {
                throw BenchmarkError("/metrics has \(told) for \(metric)…}, and should have \(sum)")
            }
        }
    }

    private static func read<Answer: Decodable>(
        _ type: Answer.Type,
        from path: String
    ) throws -> Answer {
        try JSONDecoder().decode(type, from: Data(Server.text(of: path).utf8))
    }
}
