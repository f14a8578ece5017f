import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// How a connection is set up: TLS where there is a certificate, its times, HTTP, one request after the other.
struct GatewayChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        /// Ends when the client has hung up.
        let gone: AsyncStream<Never>

        var channel: any Channel { http.channel }
    }

    private let http: HTTP1Channel
    private let limits: GatewayLimits
    private let tls: TLSContext?

    /// `refused` makes the answer to what is no request, and is told once of each.
    init(
        _ responder: @escaping HTTPChannelHandler.Responder,
        limits: GatewayLimits,
        tls: TLSContext?,
        refused: @escaping RequestReporter.Refused
    ) {
        http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [RequestReporter(limits, refused: refused)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.header,
                    maxHeaderListSize: limits.header,
                    maxHeaderFieldCount: limits.headerFields
                )
            )
        )
        self.limits = limits
        self.tls = tls
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (gone, continuation) = AsyncStream.makeStream(of: Never.self)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls {
                try pipeline.addHandler(NIOSSLServerHandler(context: tls.current))
            }
            try pipeline.addHandler(ConnectionGuard(limits, gone: continuation))
        }.flatMap {
            channel.setOption(.tcpOption(.unsent), value: Self.unsent).flatMapErrorThrowing { _ in }
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }.flatMapThrowing { http in
            // Without it the next request's parts would come in while one is being answered.
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers(
                [ClosingWord(), HTTPServerPipelineHandler()],
                position: .after(decoder)
            )
            return Value(http: http, gone: gone)
        }
    }

    /// Bytes that the system holds for a client beyond what is on its way.
    ///
    /// Else it takes megabytes off the gateway's hands, and a slow client seems to take nothing between two of them.
    private static let unsent: SocketOptionValue = 128 << 10

    /// Serves the connection; a client that hangs up cancels the request it waits for.
    func handle(value: Value, logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await http.handle(value: value.http, logger: logger) }
            group.addTask { for await _ in value.gone {} }
            await group.next()
            group.cancelAll()
        }
    }
}

extension NIOBSDSocket.Option {
    /// Linux's `TCP_NOTSENT_LOWAT`.
    fileprivate static let unsent = NIOBSDSocket.Option(rawValue: 25)
}
