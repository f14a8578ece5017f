import Hummingbird
import NIOCore
import PurserCore
import PurserEngine
import PurserPages
import ServiceLifecycle
import Synchronization

/// Tells browsers that the books have moved, as server-sent events.
///
/// One look at the books serves every stream, and nobody looks while nobody listens. A stream ends with its session, with
/// the gateway, and when its browser leaves.
final class PageEvents: Sendable {
    /// What one browser hears, until the last reference to it goes.
    final class Stream: Sendable {
        /// How often the books had moved, told now and then: a word that was not heard is in the next.
        let words: AsyncStream<Int>
        /// How often they had when it began.
        let known: Int
        private let number: Int
        private let events: PageEvents

        fileprivate init(
            _ words: AsyncStream<Int>,
            after known: Int,
            _ number: Int,
            of events: PageEvents
        ) {
            self.words = words
            self.known = known
            self.number = number
            self.events = events
        }

        deinit { events.leave(number) }
    }

    private struct State {
        var listeners: [Int: AsyncStream<Int>.Continuation] = [:]
        var shares: [Int: MemberID] = [:]
        var next = 0
        var moves = 0
        var look: Task<Void, Never>?
    }

    /// Streams at a time, and of one member.
    static let most = 128
    static let mostOfOne = 16
    /// How often the books are looked at; after a word there is a pause.
    static let lookEvery = Duration.milliseconds(250)
    private static let pause = Duration.seconds(1)
    /// How often a comment keeps the connection alive.
    private static let beatEvery = Duration.seconds(15)

    private let state = Mutex(State())
    private let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    /// Listens; throws a ``Problem`` where too many do.
    func listen(_ member: MemberID) throws(Problem) -> Stream {
        let (words, continuation) = AsyncStream.makeStream(
            of: Int.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let place = state.withLock { state -> (number: Int, known: Int)? in
            guard state.listeners.count < Self.most,
                state.shares.values.count(where: { $0 == member }) < Self.mostOfOne
            else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            state.shares[state.next] = member
            if state.look == nil { state.look = Task { await look() } }
            return (state.next, state.moves)
        }
        guard let place else { throw .busy(.gateway(.openPages)) }
        return Stream(words, after: place.known, place.number, of: self)
    }

    private func leave(_ number: Int) {
        state.withLock { state in
            state.listeners.removeValue(forKey: number)?.finish()
            state.shares[number] = nil
            guard state.listeners.isEmpty else { return }
            state.look?.cancel()
            state.look = nil
        }
    }

    /// How many listen.
    var count: Int { state.withLock { $0.listeners.count } }

    private func look() async {
        var known: RoutingRevision?
        var moments = 0
        while !Task.isCancelled {
            // Books that cannot be read have not moved.
            let now = try? await engine.store.routingRevision()
            let hasMoved = now != nil && known != nil && now != known
            known = now ?? known
            moments += 1
            if hasMoved || moments % 4 == 0 { tell(hasMoved: hasMoved) }
            do {
                try await engine.ambient.sleep(hasMoved ? Self.pause : Self.lookEvery)
            } catch {
                return
            }
        }
    }

    /// Tells every stream how often the books have moved, or that nothing did and a moment has passed.
    func tell(hasMoved: Bool) {
        let (listeners, moves) = state.withLock { state in
            if hasMoved { state.moves += 1 }
            return (Array(state.listeners.values), state.moves)
        }
        for listener in listeners { listener.yield(moves) }
    }

    // MARK: The answer

    /// The stream as an answer; `goesOn` is asked before each word whether the session lasts.
    ///
    /// `missedSome`: the browser comes back, and may not have heard everything.
    static func body(
        of stream: Stream,
        missedSome: Bool,
        whileLasting goesOn: @escaping @Sendable () async -> Bool
    ) -> ResponseBody {
        ResponseBody { writer in
            // With an id, a browser that comes back says so.
            let first = "retry: 3000\nid: 1\n" + (missedSome ? moved : "\n")
            try await writer.write(ByteBuffer(string: first))
            var beaten = ContinuousClock.now
            var told = stream.known
            for await moves in stream.words.cancelOnGracefulShutdown() {
                guard await goesOn() else { break }
                if moves > told {
                    try await writer.write(ByteBuffer(string: moved))
                } else if beaten.duration(to: .now) >= beatEvery {
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                } else {
                    continue
                }
                (told, beaten) = (moves, .now)
            }
            try await writer.finish(nil)
        }
    }

    private static let moved = "event: moved\ndata:\n\n"
}
