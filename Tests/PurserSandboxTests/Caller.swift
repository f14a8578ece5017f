import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import PurserSandbox

/// A client of one account, written for the tests alone.
struct Caller {
    let base: String
    let token: String?

    func get(_ path: String) async throws -> Reply {
        try await send("GET", path, nil)
    }

    func post(
        _ path: String,
        _ body: String,
        contentType: String = "text/plain;charset=UTF-8"
    ) async throws -> Reply {
        try await send("POST", path, body, contentType: contentType)
    }

    func delete(_ path: String) async throws -> Reply {
        try await send("DELETE", path, nil)
    }

    /// Submits to the text endpoint.
    func submit(_ body: Submission = Submission()) async throws -> Reply {
        try await post("/v1/video:batchAsyncGenerateVideoText", body.json)
    }

    /// Asks for jobs by operation name.
    func status(_ names: String...) async throws -> Reply {
        let operations = names.map { #"{"operation":{"name":"\#($0)"}}"# }
        return try await post(
            "/v1/video:batchCheckAsyncVideoGenerationStatus",
            #"{"operations":[\#(operations.joined(separator: ","))]}"#
        )
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: String?,
        contentType: String? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "User-Agent", value: "sandbox-tests")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let contentType { request.headers.add(name: "Content-Type", value: contentType) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        return Reply(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "retry-after"),
            contentType: response.headers.first(name: "content-type") ?? "",
            text: String(buffer: try await response.body.collect(upTo: 1 << 24))
        )
    }
}

/// An answer as it arrived.
struct Reply {
    let status: Int
    let retryAfter: String?
    let contentType: String
    let text: String

    /// The body, or `.null` where it is not JSON.
    var json: JSON {
        (try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))) ?? .null
    }

    var reason: String? {
        json["error"]["details"].elements.compactMap { $0["reason"].string }.first
    }

    var operation: String {
        json["operations"][0]["operation"]["name"].string ?? ""
    }
}

/// A submission with only what a test wants to say.
struct Submission {
    var tier = "PAYGATE_TIER_ONE"
    var project: String? = "22f06d1e-1d4d-4157-9b19-1d7a49d81a6c"
    var key = "veo_3_0_t2v_fast"
    var media = ""
    var count = 1

    var json: String {
        let project = project.map { #""projectId":"\#($0)","# } ?? ""
        let element = """
            {"aspectRatio":"VIDEO_ASPECT_RATIO_LANDSCAPE","seed":19000,\(media)
             "metadata":{"sceneId":"a387239f-c312-45fa-8274-41fcd7fe4b5a"},
             "textInput":{"prompt":"门打开之后"},"videoModelKey":"\(key)"}
            """
        let elements = Array(repeating: element, count: count).joined(separator: ",")
        return """
            {"clientContext":{"sessionId":";1764646449789",\(project)"tool":"PINHOLE",
             "userPaygateTier":"\(tier)"},"requests":[\(elements)]}
            """
    }
}

/// JSON as the tests look at it.
enum JSON: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: JSON].self) {
            self = .object(value)
        } else {
            self = .null
        }
    }

    subscript(key: String) -> JSON {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSON {
        elements.indices.contains(index) ? elements[index] : .null
    }

    var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var int: Int? {
        if case .number(let number) = self { Int(number) } else { nil }
    }

    var keys: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }
}

extension SandboxScenario {
    /// One Pro account with the token `one` and one Ultra account with the token `ultra`.
    static func pair(
        credits: Int = 700,
        shape: ResponseShape = .operations,
        refundDelaySeconds: Double = 0,
        strictMedia: Bool = false
    ) -> Self {
        Self(
            accounts: [
                Account(token: "one", tier: "PAYGATE_TIER_ONE", credits: credits),
                Account(
                    label: "ultra",
                    token: "ultra",
                    tier: "PAYGATE_TIER_TWO",
                    credits: 12_500
                ),
            ],
            jobSeconds: 100,
            refundDelaySeconds: refundDelaySeconds,
            responseShape: shape,
            strictMedia: strictMedia
        )
    }
}

/// Runs a sandbox whose clock stands still until `advance(by:)`, with a caller for each account.
func withStillSandbox(
    _ scenario: SandboxScenario = .pair(),
    _ body: (_ sandbox: Sandbox, _ one: Caller, _ ultra: Caller) async throws -> Void
) async throws {
    let stopped: @Sendable () -> Duration = { .zero }
    try await withSandbox(scenario, clock: stopped) { sandbox, base in
        try await body(
            sandbox,
            Caller(base: base, token: "one"),
            Caller(base: base, token: "ultra")
        )
    }
}

/// Everything a plain TCP client receives for a request until the other side closes.
func receivedBytes(base: String, request: String) async throws -> String {
    let port = Int(base.split(separator: ":").last ?? "") ?? 0
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request))
        var received = ByteBuffer()
        for try await var part in inbound {
            received.writeBuffer(&part)
        }
        return String(buffer: received)
    }
}
