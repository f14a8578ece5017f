import NIOCore
import NIOHTTP1

/// What happens to the requests of a connection, told between `RequestReporter` and `ConnectionGuard`.
enum RequestEvent: Sendable {
    case headRead
    /// The responder begins to read the body; only `RequestReporter` hears of it.
    case bodyWanted
    /// Done when the client has taken what was written.
    case takingAwaited
    /// Told by `ConnectionGuard`: the time for what the client has begun is over.
    case timeIsOver
    case endRead
    case answerEnded
}

/// Keeps a connection to its times: a head, a body and the pause between requests may take so long and no longer.
///
/// Stands in front of the HTTP decoder, so that it sees the first byte of a head and not only the last. What a client has
/// left half done when its time is over gets a word, where one can be had, and ends with the connection; others are not
/// touched.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Nothing of a request has come.
        case idle
        case head(hasBegun: Bool)
        case body(isAnswered: Bool)
        /// The request is read, its answer is not written; how long that may take others decide.
        case working
        /// The output is closed; what still comes in is dropped.
        case closing
    }

    private let limits: GatewayLimits
    private let gone: AsyncStream<Never>.Continuation
    private var phase = Phase.head(hasBegun: false)
    private var phaseTime: Duration?
    private var deadline: Scheduled<Void>?
    private var unread: Scheduled<Void>?
    /// What was written and the client has not taken.
    private var untaken = 0
    private var awaitingTaking: [EventLoopPromise<Void>] = []

    /// `gone` is finished when the client has hung up.
    init(_ limits: GatewayLimits, gone: AsyncStream<Never>.Continuation) {
        self.limits = limits
        self.gone = gone
    }

    // MARK: The client

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        enter(.head(hasBegun: false), for: limits.headerTime, context)
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(.head(hasBegun: false), for: limits.headerTime, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .closing: return
        case .idle: enter(.head(hasBegun: true), for: limits.headerTime, context)
        case .head: phase = .head(hasBegun: true)
        case .body, .working: break
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        unread?.cancel()
        gone.finish()
        for promise in awaitingTaking { promise.fail(ChannelError.ioOnClosedChannel) }
        awaitingTaking = []
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

    // MARK: The gateway

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let event = event as? RequestEvent else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if case .takingAwaited = event {
            return tellWhenTaken(promise, context)
        }
        switch (event, phase) {
        case (_, .closing), (.bodyWanted, _), (.takingAwaited, _), (.timeIsOver, _): break
        case (.headRead, _): enter(.body(isAnswered: false), for: limits.bodyTime, context)
        case (.endRead, .body(isAnswered: false)): enter(.working, for: nil, context)
        case (.endRead, _): enter(.idle, for: limits.idleTime, context)
        case (.answerEnded, .body): phase = .body(isAnswered: true)
        case (.answerEnded, _): enter(.idle, for: limits.idleTime, context)
        }
        promise?.succeed()
    }

    /// A client has the idle time for each piece of an answer, and what comes after the answer begins when it has the last.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.cascade(to: promise)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.untaken -= 1
            self.awaitTaking(context)
        }
        untaken += 1
        if untaken == 1 { awaitTaking(context) }
        context.write(data, promise: written)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // A client that never closes its side would keep the connection for ever.
        if mode == .output { enter(.closing, for: Self.linger, context) }
        context.close(mode: mode, promise: promise)
    }

    /// How long a client has to read the last answer before the connection is cut.
    private static let linger = Duration.seconds(2)
    /// How long the gateway has to answer a request that came too late.
    private static let lastWord = Duration.seconds(10)

    // MARK: Time

    private func enter(_ next: Phase, for time: Duration?, _ context: ChannelHandlerContext) {
        phase = next
        phaseTime = time
        deadline?.cancel()
        deadline = waitsForTaking ? nil : time.map { expiry(after: $0, context, end) }
    }

    /// Of a request that was begun and not answered the handlers behind may still tell.
    private func end(_ context: ChannelHandlerContext) {
        switch phase {
        case .head(hasBegun: true), .body(isAnswered: false):
            enter(.closing, for: Self.lastWord, context)
            context.fireUserInboundEventTriggered(RequestEvent.timeIsOver)
            // To the handler that keeps answers in order, an error of the parser is what lets half a request be answered.
            context.fireErrorCaught(HTTPParserError.closedConnection)
        case .head(hasBegun: false), .idle, .body, .working, .closing: context.close(promise: nil)
        }
    }

    /// Whether the time of the phase is the client's own, and does not run while they have something to take.
    private var waitsForTaking: Bool {
        switch phase {
        case .idle, .closing: untaken > 0
        case .head, .body, .working: false
        }
    }

    private func tellWhenTaken(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext)
    {
        guard let promise else { return }
        guard context.channel.isActive else { return promise.fail(ChannelError.ioOnClosedChannel) }
        if untaken > 0 { awaitingTaking.append(promise) } else { promise.succeed() }
    }

    /// Begins the time in which the next piece must be taken, where there is one.
    private func awaitTaking(_ context: ChannelHandlerContext) {
        unread?.cancel()
        guard context.channel.isActive else { return }
        unread =
            untaken == 0 ? nil : expiry(after: limits.idleTime, context) { $0.close(promise: nil) }
        if untaken == 0 {
            for promise in awaitingTaking { promise.succeed() }
            awaitingTaking = []
        }
        switch phase {
        case .idle, .closing: enter(phase, for: phaseTime, context)
        case .head, .body, .working: break
        }
    }

    private func expiry(
        after time: Duration,
        _ context: ChannelHandlerContext,
        _ end: @escaping (ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { end(context) }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
