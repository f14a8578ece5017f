import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
package import PurserCore
import Synchronization

/// Sends one request once, and tells whether it may have left.
///
/// The client under it never repeats a request: a failed connection attempt is not retried either
/// (`retryConnectionEstablishment`), redirects are not followed, and a connection the other side has
/// closed while it lay in the pool is an error here like any other. There are no cookies.
package struct HTTPTransport: Sendable {
    package struct Settings: Sendable {
        /// For name, connection and TLS together.
        package var connectTimeout: Duration = .seconds(10)
        /// From the call to the last byte of the answer.
        package var timeout: Duration = .seconds(120)
        /// The longest silence while an answer is awaited.
        package var silence: Duration = .seconds(60)
        package var answerLimit = 16 << 20
        package var connections = 256

        package init() {}
    }

    private let client: HTTPClient
    private let settings: Settings
    private let userAgent: String

    package init(userAgent: String, settings: Settings = Settings()) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // Answers are small, and the limit on their size counts what arrives.
        configuration.decompression = .disabled
        configuration.timeout = .init(
            connect: TimeAmount(settings.connectTimeout),
            read: TimeAmount(settings.silence)
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            settings.connections
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.settings = settings
        self.userAgent = userAgent
    }

    /// Must be called before the last copy goes: open connections are closed.
    package func shutdown() async {
        try? await client.shutdown()
    }

    /// Sends `body` by POST, or asks by GET where there is none.
    package func send(
        to url: String,
        headers: [(name: String, value: String)],
        body: Payload?
    ) async -> HTTPExchange {
        var request = HTTPClientRequest(url: url)
        request.headers = HTTPHeaders(headers + [("User-Agent", userAgent)])
        // Of a request without a body nothing tells when it leaves, so it counts as gone at once.
        let departure = Departure(hasBegun: (body?.count ?? 0) == 0)
        let source = PartSource(body)
        // The client keeps the writer of a body that was answered before it was read, and with it what it writes from.
        defer { source.close() }
        if let body {
            request.method = .POST
            let length = HTTPClientRequest.Body.Length.known(Int64(body.count))
            request.body =
                body.isWhole
                ? .bytes(DepartingBytes(bytes: body.bytes, departure: departure), length: length)
                : .stream(DepartingParts(source: source, departure: departure), length: length)
        }
        do {
            return .reply(try await reply(to: request))
        } catch {
            let reason = describe(error)
            return departure.end() ? .cut(reason) : .notSent(reason)
        }
    }

    /// One task and one timer: a group with a child for each takes as long again as the request of a service nearby.
    private func reply(to request: HTTPClientRequest) async throws -> HTTPReply {
        // The task below is no child of this one: whoever was cancelled before sends nothing.
        try Task.checkCancellation()
        let (client, limit) = (client, settings.answerLimit)
        let work = Task {
            let response = try await client.execute(request, deadline: .distantFuture)
            let body = try await response.body.collect(upTo: limit)
            // A cancelled stream may end early and look complete.
            try Task.checkCancellation()
            return HTTPReply(response.status, response.headers, body: Array(buffer: body))
        }
        let time = TimeLimit()
        // Not a sleeping task: the system keeps the timer of one that was cancelled until it would have gone off.
        let alarm = client.eventLoopGroup.any().scheduleTask(in: TimeAmount(settings.timeout)) {
            time.isOver.store(true, ordering: .relaxed)
            work.cancel()
        }
        defer { alarm.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                work.cancel()
            }
        } catch {
            throw time.isOver.load(ordering: .relaxed) ? TimedOut() : error
        }
    }

    private final class TimeLimit: Sendable {
        let isOver = Atomic(false)
    }

    private struct TimedOut: Error {}

    /// In words of our own: an error of the TLS library carries paths, one of the client headers.
    private func describe(_ error: any Error) -> String {
        switch error {
        case is TimedOut: "no answer within \(settings.timeout)"
        case is CancellationError: "the call was cancelled"
        case is NIOTooManyBytesError: "the answer is larger than \(settings.answerLimit >> 20) MiB"
        // The body's file could not be read.
        case let failure as any Failure: failure.message
        case let error as HTTPClientError: error.shortDescription.lowercased()
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError: describe(error)
        default: "the connection failed (\(type(of: error)))"
        }
    }

    private func describe(_ error: NIOConnectionError) -> String {
        let target = "\(error.host):\(error.port)"
        if let attempt = error.connectionErrors.first {
            return "no connection to \(target): \(describe(attempt.error))"
        }
        return "no address for \(target)"
    }
}

/// What came of one request.
package enum HTTPExchange: Sendable, Equatable {
    case reply(HTTPReply)
    /// Not one byte of the body was handed to a connection.
    ///
    /// At most the head had been, and no service acts on a request whose announced body never came
    /// (RFC 9112, 8: an incomplete message).
    case notSent(String)
    /// The body may have left, and no whole answer came.
    case cut(String)
}

/// Whether the client has asked for the body, which it does on the connection, just after the head.
private final class Departure: Sendable {
    private enum State {
        case waiting
        case begun
        /// It was said that nothing was sent, and nothing will be.
        case calledOff
    }

    private let state: Mutex<State>

    init(hasBegun: Bool) {
        state = Mutex(hasBegun ? .begun : .waiting)
    }

    /// Whether bytes may leave; from then on they may have left.
    @discardableResult
    func begin() -> Bool {
        state.withLock { state in
            if state == .waiting { state = .begun }
            return state == .begun
        }
    }

    /// Whether bytes may have left; where they have not, none will.
    func end() -> Bool {
        state.withLock { state in
            if state == .waiting { state = .calledOff }
            return state == .begun
        }
    }
}

/// A body that notes the moment it is first read.
///
/// A collection and not an asynchronous stream, because the client reads a collection (up to 4 MiB)
/// on the connection's own thread in the step that writes the head: nothing fails in between unnoticed.
private struct DepartingBytes: RandomAccessCollection, Sendable {
    let bytes: [UInt8]
    let departure: Departure

    var startIndex: Int { bytes.startIndex }
    var endIndex: Int { bytes.endIndex }

    subscript(index: Int) -> UInt8 {
        departure.begin()
        return bytes[index]
    }

    func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        departure.begin()
        return try bytes.withContiguousStorageIfAvailable(body)
    }
}

/// A body as long as its call lasts: its file goes then, whoever still refers to the source.
private final class PartSource: Sendable {
    private let held: Mutex<Payload?>

    init(_ payload: Payload?) {
        held = Mutex(payload)
    }

    var payload: Payload? { held.withLock(\.self) }

    func close() {
        held.withLock { $0 = nil }
    }
}

/// A body that lies partly in a file, read as the connection takes it, which notes the moment it first goes on.
///
/// It goes on only with its first part at hand: a file that cannot be read at all means that nothing was sent.
private struct DepartingParts: AsyncSequence, Sendable {
    let source: PartSource
    let departure: Departure

    func makeAsyncIterator() -> Iterator { Iterator(parts: self) }

    struct Iterator: AsyncIteratorProtocol {
        let parts: DepartingParts
        private var offset = 0

        init(parts: DepartingParts) {
            self.parts = parts
        }

        mutating func next() async throws -> ByteBuffer? {
            guard let payload = parts.source.payload else { throw CancellationError() }
            let part = try await payload.part(from: offset, upTo: Payload.partSize)
            guard !part.isEmpty else { return nil }
            guard parts.departure.begin() else { throw CancellationError() }
            offset += part.count
            return ByteBuffer(bytes: part)
        }
    }
}

extension HTTPReply {
    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, body: [UInt8]) {
        self.init(
            status: Int(status.code),
            contentType: headers.first(name: "Content-Type"),
            retryAfter: Self.retryAfter(
                headers.first(name: "Retry-After"),
                now: headers.first(name: "Date")
            ),
            date: headers.first(name: "Date").flatMap(Timestamp.init(httpDate:)),
            body: body
        )
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
