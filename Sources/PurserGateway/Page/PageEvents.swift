import Hummingbird
import NIOCore
import PurserCore
import PurserEngine
import ServiceLifecycle
import Synchronization

/// Tells browsers that the books have moved, as server-sent events.
///
/// One look at the books serves every stream, and nobody looks while nobody listens. A stream ends with its session, with
/// the gateway, and when its browser leaves.
final class PageEvents: Sendable {
    enum Word: Sendable {
        case moved
        /// Nothing did; a moment has passed.
        case moment
    }

    /// What one browser hears, until the last reference to it goes.
    final class Stream: Sendable {
        let words: AsyncStream<Word>
        private let number: Int
        private let events: PageEvents

        fileprivate init(_ words: AsyncStream<Word>, _ number: Int, of events: PageEvents) {
            self.words = words
            self.number = number
            self.events = events
        }

        deinit { events.leave(number) }
    }

    private struct State {
        var listeners: [Int: AsyncStream<Word>.Continuation] = [:]
        var shares: [Int: MemberID] = [:]
        var next = 0
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
            of: Word.self,
            // A word that was not heard yet says what the next would.
            bufferingPolicy: .bufferingNewest(2)
        )
        let number = state.withLock { state -> Int? in
            guard state.listeners.count < Self.most,
                state.shares.values.count(where: { $0 == member }) < Self.mostOfOne
            else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            state.shares[state.next] = member
            if state.look == nil { state.look = Task { await look() } }
            return state.next
        }
        guard let number else { throw .busy("too many pages are open already") }
        return Stream(words, number, of: self)
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
            if hasMoved { tell(.moved) } else if moments % 4 == 0 { tell(.moment) }
            do {
                try await engine.ambient.sleep(hasMoved ? Self.pause : Self.lookEvery)
            } catch {
                return
            }
        }
    }

    private func tell(_ word: Word) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(word) }
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
            for await word in stream.words.cancelOnGracefulShutdown() {
                guard await goesOn() else { break }
                switch word {
                case .moved: try await writer.write(ByteBuffer(string: moved))
                case .moment where beaten.duration(to: .now) >= beatEvery:
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                case .moment: continue
                }
                beaten = .now
            }
            try await writer.finish(nil)
        }
    }

    private static let moved = "event: moved\ndata:\n\n"
}
