import HTTPTypes
import Hummingbird
import Logging
import NIOCore

extension Sandbox {
    /// Makes a sandbox and serves it until the task is cancelled.
    ///
    /// - Parameters:
    ///   - scenario: What it starts with.
    ///   - host: A loopback address; any other is refused, for the control calls ask nobody who they are.
    ///   - port: 0 lets the system choose.
    ///   - onBound: Called once with the port it listens on.
    /// - Throws: ``SandboxError``, or what binding the port threw.
    package static func run(
        scenario: SandboxScenario,
        host: String = "127.0.0.1",
        port: Int = 0,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        try await Sandbox(scenario).run(host: host, port: port, onBound: onBound)
    }

    /// Serves this sandbox until the task is cancelled; see ``run(scenario:host:port:onBound:)``.
    package func run(
        host: String = "127.0.0.1",
        port: Int = 0,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else {
            throw SandboxError.invalidControl("the sandbox only listens on loopback")
        }
        let application = Application(
            responder: CallbackResponder<ChannelContext> { request, context in
                try await self.respond(to: request, over: context.channel)
            },
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onBound(port) }
            },
            // Whoever runs a sandbox reads its log by control call; nothing belongs on their terminal.
            logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.run()
    }

    private func respond(to request: Request, over channel: any Channel) async throws -> Response {
        var request = request
        let body = try await request.collectBody(upTo: Self.largestBody)
        let answer = try answer(
            Incoming(
                method: request.method.rawValue,
                target: request.head.path ?? "/",
                headers: request.headers.map { ($0.name.canonicalName, $0.value) },
                body: Array(body.readableBytesView)
            )
        )
        if answer.delay > .zero { try await Task.sleep(for: answer.delay) }
        if answer.cut == .beforeFirstByte {
            // The answer below then meets a closed channel, and no byte of it leaves.
            try await channel.close()
        }
        var headers: HTTPFields = [.contentType: answer.contentType]
        headers[.retryAfter] = answer.retryAfter
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: Self.responseBody(answer, over: channel)
        )
    }

    /// The bytes, or for a cut half of what the length promised and then the end of the connection.
    private static func responseBody(
        _ answer: Answer,
        over channel: any Channel
    ) -> ResponseBody {
        let bytes = answer.body
        guard answer.cut == .midBody else {
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
            try await channel.close()
            throw ChannelError.ioOnClosedChannel
        }
    }

    /// Uploads carry an image in base64.
    private static let largestBody = 32 << 20
}

/// A context that keeps the connection at hand, so that a fault can close it.
private struct ChannelContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// Runs a sandbox on a free port for as long as the body takes, and stops it before returning.
///
/// - Parameters:
///   - scenario: What it starts with.
///   - clock: Time since the start; the real one unless a test brings its own.
///   - body: Gets the sandbox and its base URL, `http://127.0.0.1:<port>`.
/// - Returns: What the body returned.
/// - Throws: ``SandboxError``, what binding threw, or what the body threw.
package func withSandbox<Result: Sendable>(
    _ scenario: SandboxScenario,
    clock: (@Sendable () -> Duration)? = nil,
    _ body: (Sandbox, String) async throws -> Result
) async throws -> Result {
    let sandbox = try Sandbox(scenario, clock: clock)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await sandbox.run { continuation.yield($0) }
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.next()
            throw SandboxError.notBound
        }
        defer { group.cancelAll() }
        return try await body(sandbox, "http://127.0.0.1:\(port)")
    }
}
