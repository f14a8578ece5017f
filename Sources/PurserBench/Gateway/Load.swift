import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Callers on one thread, each with a connection of its own, which send their next request when the last is answered.
struct Load: Sendable {
    /// What every request is, but for the key under which a caller sends it.
    let path: String
    let body: String
    let keys: [String]

    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    struct Figures {
        /// Everything that was answered, also after the time was over.
        let answered: Int
        let perSecond: Double
        /// In microseconds.
        let median: Double
        let p99: Double
    }

    /// How long it goes on: for a time, or for so many requests.
    enum Extent {
        case seconds(Double)
        case requests(Int)
    }

    /// Throws unless every request is answered with 200.
    func run(on port: Int, connections: Int, _ extent: Extent) async throws -> Figures {
        let tally = Tally(connections: connections)
        var channels: [any Channel] = []
        for index in 0..<connections {
            let head = head(key: keys[index % keys.count], port: port)
            let body = ByteBuffer(string: body)
            let channel = try await ClientBootstrap(group: Self.group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(Caller(head, body, tally))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            channels.append(channel)
        }
        let begun = NIODeadline.now()
        tally.begin(extent, at: begun)
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(Caller.Begin()) }
        let figures = try await tally.result(since: begun)
        for channel in channels { try? await channel.close() }
        return figures
    }

    private func head(key: String, port: Int) -> HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1,
            method: .POST,
            uri: path,
            headers: [
                "Host": "127.0.0.1:\(port)", "Authorization": "Bearer \(key)",
                "Content-Type": "application/json", "Content-Length": "\(body.utf8.count)",
            ]
        )
    }
}

/// What came of the requests of one run.
private final class Tally: Sendable {
    private struct State {
        var running: Int
        var left = Int.max
        var deadline = NIODeadline.distantFuture
        var answered = 0
        /// Microseconds of what was answered in time.
        var latencies: [UInt32] = []
        var last = NIODeadline.distantPast
        var failure: String?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(connections: Int) {
        state = Mutex(State(running: connections))
    }

    func begin(_ extent: Load.Extent, at begun: NIODeadline) {
        state.withLock { state in
            switch extent {
            case .seconds(let seconds): state.deadline = begun + .nanoseconds(Int64(seconds * 1e9))
            case .requests(let count): state.left = count
            }
        }
    }

    /// Whether a caller sends one more.
    func wantsMore(at now: NIODeadline) -> Bool {
        state.withLock { state in
            guard state.left > 0, state.failure == nil, now < state.deadline else { return false }
            state.left -= 1
            return true
        }
    }

    func answered(begun: NIODeadline, at now: NIODeadline) {
        state.withLock { state in
            state.answered += 1
            guard now <= state.deadline else { return }
            state.last = now
            state.latencies.append(UInt32(clamping: (now - begun).nanoseconds / 1000))
        }
    }

    func fail(_ what: String) {
        state.withLock { $0.failure = $0.failure ?? what }
    }

    /// A caller has sent its last.
    func end() {
        let waiting = state.withLock { state in
            state.running -= 1
            defer { if state.running == 0 { state.waiting = nil } }
            return state.running == 0 ? state.waiting : nil
        }
        waiting?.resume()
    }

    func result(since begun: NIODeadline) async throws -> Load.Figures {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiting = continuation }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
        return try state.withLock { state in
            if let failure = state.failure {
                throw BenchmarkError("\(failure), after \(state.answered) answers")
            }
            let ordered = state.latencies.sorted()
            guard !ordered.isEmpty else { throw BenchmarkError("nothing was answered in time") }
            let end = min(state.deadline, state.last)
            return Load.Figures(
                answered: state.answered,
                perSecond: Double(ordered.count) / (Double((end - begun).nanoseconds) / 1e9),
                median: Double(ordered[ordered.count / 2]),
                p99: Double(ordered[ordered.count * 99 / 100])
            )
        }
    }
}

private final class Caller: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct Begin: Sendable {}

    private let head: HTTPRequestHead
    private let body: ByteBuffer
    private let tally: Tally
    private var begun = NIODeadline.distantPast
    private var status = HTTPResponseStatus.ok
    private var refusal = ""
    private var hasEnded = false

    init(_ head: HTTPRequestHead, _ body: ByteBuffer, _ tally: Tally) {
        self.head = head
        self.body = body
        self.tally = tally
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Begin { send(context) }
    }

    private func send(_ context: ChannelHandlerContext) {
        begun = .now()
        guard tally.wantsMore(at: begun) else { return end() }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let part): if status != .ok { refusal += String(buffer: part) }
        case .end:
            if status == .ok {
                tally.answered(begun: begun, at: .now())
            } else {
                tally.fail("answered \(status.code): \(refusal)")
            }
            send(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        tally.fail("\(error)")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !hasEnded { tally.fail("a connection was closed before its answer came") }
        end()
    }

    private func end() {
        if !hasEnded { tally.end() }
        hasEnded = true
    }
}
