import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A service that costs next to nothing: what it answers is text with a number in it.
///
/// It runs as a process of its own, on one thread. Its books are as simple: a price for every request, by the bearer.
enum FixedUpstream {
    /// Serves until the process is killed, and says first where.
    static func run(credits: Int, price: Int) async throws {
        let ledger = Ledger(credits: credits, price: price)
        let channel = try await ServerBootstrap(
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1)
        )
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                try pipeline.addHandler(Handler(ledger))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
        Server.announce(port: channel.localAddress?.port ?? 0)
        try await channel.closeFuture.get()
    }

    private final class Ledger: Sendable {
        private let credits: Int
        private let price: Int
        private let requests = Mutex<(total: Int, byBearer: [String: Int])>((0, [:]))

        init(credits: Int, price: Int) {
            self.credits = credits
            self.price = price
        }

        func balance(of bearer: String) -> Int {
            credits - price * requests.withLock { $0.byBearer[bearer, default: 0] }
        }

        /// Charges a request; its number, which no other has, and what is left.
        func charge(_ bearer: String) -> (number: Int, left: Int) {
            requests.withLock { requests in
                requests.total += 1
                requests.byBearer[bearer, default: 0] += 1
                return (requests.total, credits - price * requests.byBearer[bearer, default: 0])
            }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let ledger: Ledger
        private var uri = ""
        private var bearer = ""
        private var body = ByteBuffer()

        init(_ ledger: Ledger) {
            self.ledger = ledger
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                uri = head.uri
                bearer = head.headers.first(name: "Authorization") ?? ""
                body.clear()
            case .body(var part): body.writeBuffer(&part)
            case .end:
                let answer = ByteBuffer(string: answer())
                let headers: HTTPHeaders = [
                    "Content-Type": "application/json; charset=UTF-8",
                    "Content-Length": "\(answer.readableBytes)",
                ]
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        private func answer() -> String {
            if uri.hasSuffix("/credits") {
                let left = ledger.balance(of: bearer)
                return "{\"credits\":\(left),\"userPaygateTier\":\"PAYGATE_TIER_TWO\"}"
            }
            if uri.hasSuffix("batchCheckAsyncVideoGenerationStatus") {
                return
                    "{\"operations\":[\(names().map { Self.job($0, "SUCCESSFUL") }.joined(separator: ","))]}"
            }
            let (number, left) = ledger.charge(bearer)
            let digits = String(number, radix: 16)
            let name = String(repeating: "0", count: 32 - digits.count) + digits
            return "{\"operations\":[\(Self.job(name, "PENDING"))],\"remainingCredits\":\(left)}"
        }

        /// The jobs that a question is about; nothing else in it is called a name.
        private func names() -> [String] {
            let text = String(buffer: body)
            return text.split(separator: "\"name\"").dropFirst().compactMap { rest in
                rest.split(separator: "\"", maxSplits: 2).dropFirst().first.map(String.init)
            }
        }

        private static func job(_ name: String, _ state: String) -> String {
            "{\"operation\":{\"name\":\"\(name)\"},\"status\":\"MEDIA_GENERATION_STATUS_\(state)\"}"
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
