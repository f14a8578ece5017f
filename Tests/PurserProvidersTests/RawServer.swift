import NIOCore
import NIOPosix
import PurserCore
import PurserProviders
import Synchronization

/// A server of raw bytes on loopback: it answers what a test says, and as badly as a test says.
final class RawServer: Sendable {
    /// What happens on a connection, in order, for one request after another.
    enum Step: Sendable {
        /// After the whole request: writes this and keeps the connection.
        case write(String)
        /// Writes without end, some bytes every few milliseconds.
        case trickle(head: String)
        /// Closes after the request's head.
        case closeAfterHead
        /// After the request's head: writes this, and reads no more.
        case answerAfterHead(String)
        /// After the whole request: writes this and closes.
        case writeAndClose(String)
        /// Answers the first bytes, whatever they are, with bytes that are not TLS.
        case babble
        case silence
    }

    private struct Log {
        var requests: [String] = []
        var connections = 0
    }

    private let log = Mutex(Log())
    private let steps: Mutex<[Step]>
    private let listener = Mutex<(any Channel)?>(nil)

    init(_ steps: [Step]) {
        self.steps = Mutex(steps)
    }

    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 16)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Connection(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    func stop() async {
        try? await listener.withLock { $0 }?.close().get()
    }

    var requests: [String] { log.withLock { $0.requests } }
    var connections: Int { log.withLock { $0.connections } }

    private var current: Step { steps.withLock { $0.first ?? .silence } }

    private func advance() {
        steps.withLock { if !$0.isEmpty { $0.removeFirst() } }
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: RawServer
        private var received = ""

        init(server: RawServer) {
            self.server = server
        }

        func channelActive(context: ChannelHandlerContext) {
            server.log.withLock { $0.connections += 1 }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            received += String(decoding: bytes.readableBytesView, as: UTF8.self)
            if case .babble = server.current {
                write("NOT TLS AT ALL\r\n\r\n", context)
                return
            }
            guard let head = received.firstRange(of: "\r\n\r\n") else { return }
            if case .closeAfterHead = server.current {
                server.advance()
                return context.close(promise: nil)
            }
            if case .answerAfterHead(let text) = server.current {
                server.advance()
                context.channel.setOption(.autoRead, value: false).assumeIsolated().whenComplete {
                    _ in
                    self.write(text, context)
                }
                return
            }
            let length =
                received[..<head.lowerBound].split(separator: "\r\n")
                .first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
            guard received[head.upperBound...].utf8.count >= length else { return }
            let request = received
            server.log.withLock { $0.requests.append(request) }
            received = ""
            answer(context)
        }

        private func answer(_ context: ChannelHandlerContext) {
            let step = server.current
            server.advance()
            switch step {
            case .write(let text): write(text, context)
            case .trickle(let head):
                write(head, context)
                trickle(context)
            case .writeAndClose(let text):
                write(text, context)
                context.close(promise: nil)
            case .answerAfterHead, .closeAfterHead, .babble, .silence: break
            }
        }

        private func trickle(_ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            write(" ", context)
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(10)) {
                self.trickle(context)
            }
        }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}

/// An answer with its length.
func answer(_ status: String, _ body: String, headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

let token: StaticString = "ya29.test-token"

func credential(for origin: Origin) -> OpenCredential {
    OpenCredential(
        accountID: AccountID(high: 0, low: 1),
        version: 1,
        kind: .bearer,
        origins: [origin],
        headerName: "Authorization",
        headerFormat: "Bearer {token}",
        token: UnsafeRawBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
    )
}

/// Runs a test against a server that takes these steps, and a provider that talks to it.
func withServer(
    _ steps: [RawServer.Step],
    scheme: String = "http",
    settings: (inout HTTPTransport.Settings) -> Void = { _ in },
    _ body: (RawServer, FlowProvider, Origin) async throws -> Void
) async throws {
    let server = RawServer(steps)
    let origin = Origin(scheme: scheme, host: "127.0.0.1", port: try await server.start())
    var chosen = HTTPTransport.Settings()
    settings(&chosen)
    let provider = FlowProvider(origin: origin, version: "1.2.3", settings: chosen)
    do {
        try await body(server, provider, origin)
    } catch {
        await provider.shutdown()
        await server.stop()
        throw error
    }
    await provider.shutdown()
    await server.stop()
}

extension Outcome {
    /// One word, to compare with.
    var word: String {
        switch self {
        case .accepted: "accepted"
        case .refused(let refusal): "refused: \(refusal.cause.rawValue)"
        case .unknown: "unknown"
        case .notSent: "not sent"
        }
    }
}
