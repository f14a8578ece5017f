import NIOCore

/// What happens to the requests of a connection, told by `RequestReporter` to `ConnectionGuard`.
enum RequestEvent: Sendable {
    case headRead
    case endRead
    case answerEnded
}

/// Keeps a connection to its times: a head, a body and the pause between requests may take so long and no longer.
///
/// Stands in front of the HTTP decoder, so that it sees the first byte of a head and not only the last. What a client has
/// left half done when its time is over ends with the connection; others are not touched.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Nothing of a request has come.
        case idle
        case head
        case body(isAnswered: Bool)
        /// The request is read, its answer is not written; how long that may take others decide.
        case working
        /// The output is closed; what still comes in is dropped.
        case closing
    }

    private let limits: GatewayLimits
    private let gone: AsyncStream<Never>.Continuation
    private var phase = Phase.head
    private var deadline: Scheduled<Void>?
    private var unread: Scheduled<Void>?

    /// `gone` is finished when the client has hung up.
    init(_ limits: GatewayLimits, gone: AsyncStream<Never>.Continuation) {
        self.limits = limits
        self.gone = gone
    }

    // MARK: The client

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(.head, for: limits.headerTime, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(.head, for: limits.headerTime, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .closing: return
        case .idle: enter(.head, for: limits.headerTime, context)
        case .head, .body, .working: break
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        unread?.cancel()
        gone.finish()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            gone.finish()
            // Whoever closed their side reads what is still written, if they read at all.
            if case .working = phase {} else { enter(.closing, for: Self.linger, context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unread?.cancel()
        unread = context.channel.isWritable ? nil : expiry(after: limits.idleTime, context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: The gateway

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let event = event as? RequestEvent else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        switch (event, phase) {
        case (_, .closing): break
        case (.headRead, _): enter(.body(isAnswered: false), for: limits.bodyTime, context)
        case (.endRead, .body(isAnswered: false)): enter(.working, for: nil, context)
        case (.endRead, _): enter(.idle, for: limits.idleTime, context)
        case (.answerEnded, .body): phase = .body(isAnswered: true)
        case (.answerEnded, _): enter(.idle, for: limits.idleTime, context)
        }
        promise?.succeed()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // A client that never closes its side would keep the connection for ever.
        if mode == .output { enter(.closing, for: Self.linger, context) }
        context.close(mode: mode, promise: promise)
    }

    /// How long a client has to read the last answer before the connection is cut.
    private static let linger = Duration.seconds(2)

    // MARK: Time

    private func enter(_ next: Phase, for time: Duration?, _ context: ChannelHandlerContext) {
        phase = next
        deadline?.cancel()
        deadline = time.map { expiry(after: $0, context) }
    }

    private func expiry(after time: Duration, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            context.close(promise: nil)
        }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
