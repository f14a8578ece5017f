import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells `ConnectionGuard` how far a request is, asks for bodies that are waited with when they are wanted, and ends the
/// connection after an answer that says so.
final class RequestReporter: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var closes = false
    /// Whether a request's end is still to come, and whether its answer has ended all the same.
    private var isReading = false
    private var isAnswered = false
    /// Whether the client waits for a word before it sends the body.
    private var awaitsGo = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            tell(.headRead, context)
            (isReading, isAnswered) = (true, false)
            // After these the decoder reads no further request.
            closes = head.method == .connect || head.headerFields[.upgrade] != nil
            awaitsGo = head.headerFields[.expect]?.lowercased() == "100-continue"
        case .body: break
        case .end:
            isReading = false
            tell(.endRead, context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isReading, isAnswered {
            // The rest of a request that was answered early turned out to be no HTTP: one answer is enough.
            promise?.succeed()
            return context.close(promise: nil)
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            if head.headerFields[.connection] == "close" { closes = true }
            if awaitsGo {
                // Whether the body comes all the same is for the client to say, and only the end of the connection tells.
                closes = true
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

    private func writeLast(
        _ data: NIOAny,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
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
