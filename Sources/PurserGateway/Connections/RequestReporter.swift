import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Tells `ConnectionGuard` how far a request is, asks for bodies that are waited with when they are wanted, answers what is
/// no request, and ends the connection after an answer that says so.
final class RequestReporter: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The answer to what is no request, which came from that address.
    typealias Refused = @Sendable (Problem, String) -> (head: HTTPResponse, body: ByteBuffer)

    private let limits: GatewayLimits
    private let refused: Refused
    private var closes = false
    /// Whether the request's own sender wants the connection to end with it.
    private var isLast = false
    /// Whether the client was too slow.
    private var isLate = false
    /// Whether a request could not be read: nothing more is.
    private var isBroken = false
    /// Whether the last answer is on its way: what came in behind its request is nobody's (RFC 9112, 9.6).
    private var isOver = false
    /// Whether a request's end is still to come, and whether its answer has ended all the same.
    private var isReading = false
    private var isAnswered = false
    /// Whether the client waits for a word before it sends the body.
    private var awaitsGo = false

    init(_ limits: GatewayLimits, refused: @escaping Refused) {
        self.limits = limits
        self.refused = refused
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            tell(.headRead, context)
            (isReading, isAnswered) = (true, false)
            // After these the decoder reads no further request.
            closes = head.method == .connect || head.headerFields[.upgrade] != nil
            isLast = head.headerFields[.connection] == "close"
            awaitsGo = head.headerFields[.expect]?.lowercased() == "100-continue"
        case .body: break
        case .end:
            isReading = false
            tell(.endRead, context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            if head.headerFields[.connection] == "close" { closes = true }
            // Whether a body comes that was not asked for is for the client to say, and only the end of the connection tells.
            if awaitsGo { closes = true }
            if closes || isLast {
                head.headerFields[.connection] = "close"
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
        case .end:
            // Before the end goes on: with it the next request may come in.
            isAnswered = true
            tell(.answerEnded, context)
            if closes { return writeLast(data, promise, context) }
        case .head, .body: break
        }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case RequestEvent.timeIsOver = event {
            isLate = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// A request that cannot be read is refused once, and nothing behind it on the connection is taken for another.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            return isBroken ? () : context.fireErrorCaught(error)
        }
        guard !isBroken else { return }
        isBroken = true
        let problem = isLate ? Problem(lateIn: isReading, limits) : Problem(error, limits)
        if !isReading {
            // After the last answer comes none, and who has left reads none.
            let hasLeft = error == .invalidEOFState && !isLate && !context.channel.isActive
            if !closes, !isLast, !hasLeft { refuse(problem, context) }
        } else if isAnswered {
            // One answer is enough to a request whose rest, which nobody wanted, turns out to be none.
            context.close(promise: nil)
        } else {
            // Whoever reads the body finds it.
            closes = true
            let hasLeft = error == .invalidEOFState && !isLate
            context.fireErrorCaught(hasLeft ? CancellationError() : problem)
        }
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard case RequestEvent.bodyWanted = event else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if awaitsGo {
            awaitsGo = false
            let go = HTTPResponsePart.head(HTTPResponse(status: .continue))
            context.writeAndFlush(wrapOutboundOut(go), promise: nil)
        }
        promise?.succeed()
    }

    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        closes = true
        let address = context.channel.remoteAddress?.ipAddress ?? "local"
        let (head, body) = refused(problem, address)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        writeLast(wrapOutboundOut(.end(nil)), nil, context)
    }

    private func writeLast(
        _ data: NIOAny,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
        // Before the write: with it the next request comes in.
        isOver = true
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.cascade(to: promise)
        written.futureResult.assumeIsolated().whenComplete { _ in
            context.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(data, promise: written)
    }

    private func tell(_ event: RequestEvent, _ context: ChannelHandlerContext) {
        context.triggerUserOutboundEvent(event, promise: nil)
    }
}
