import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import PurserCore
import PurserEngine

/// A request's context that knows where it came from.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}

/// From a request to its answer.
struct GatewayResponder: HTTPResponder {
    let engine: Engine
    let members: MemberDesk
    let requests: RequestDesk
    let jobs: StatusDesk
    let limits: GatewayLimits
    let admission: Admission
    let brake: FailureBrake
    let logger: Logger

    /// What is logged of a request: who, what and how it ended, and never a key or a body.
    struct Entry {
        var fields: Logger.Metadata = [:]
        var error: (any Error)?
    }

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let begun = ContinuousClock.now
        let fields = RequestFields(request)
        let route = Route(request.method, target: request.head.path ?? "/")
        var entry = Entry()
        var response: Response
        do {
            response = try await TraceParent.$current.withValue(fields.trace) {
                try await answer(route, request, context, &entry)
            }
        } catch let error as HTTPParserError {
            // Bytes that are no HTTP have an answer of their own.
            throw error
        } catch {
            entry.error = error
            response = Response(Problem(error, at: engine.ambient.now()))
        }
        let id = fields.requestID ?? makeRequestID()
        response.headers[named: "X-Request-Id"] = id
        entry.fields["request.id"] = "\(id)"
        entry.fields["trace.id"] = fields.trace.map { "\($0.traceID)" }
        log(route, response, entry, took: begun.duration(to: .now))
        // RFC 9110, 9.3.2: what follows the head would be taken for the next answer.
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ route: Route,
        _ request: Request,
        _ context: GatewayContext,
        _ entry: inout Entry
    ) async throws -> Response {
        switch route {
        case .health: return .json("{\"status\":\"ok\"}")
        case .readiness: return try await readiness()
        case .unknown: throw Problem(.notFound, "there is no such call")
        case .otherMethod(let allowed):
            var problem = Problem(.method, "this path takes \(allowed.rawValue)")
            problem.allowed = allowed
            throw problem
        case .credits:
            let member = try await member(request, context, may: .ownCredits, &entry)
            return try await credits(of: member)
        case .call(let call):
            let member = try await member(request, context, may: call.permission, &entry)
            let place = try admission.enter()
            let bytes = try await body(of: request, for: call, in: place)
            let caller = Caller(member: member, fields: RequestFields(request))
            // The place is given back with its last reference, which must outlive the call.
            defer { withExtendedLifetime(place) {} }
            return try await perform(call, bytes, caller, &entry)
        }
    }

    // MARK: Before the body

    /// Whose key the request came with, where they may do what it asks for.
    ///
    /// A wrong key is answered like no key at all, and ever later.
    private func member(
        _ request: Request,
        _ context: GatewayContext,
        may permission: Permission,
        _ entry: inout Entry
    ) async throws -> Member {
        guard let presented = RequestFields(request).bearer else { throw Problem.unauthenticated }
        if let member = try await members.authenticate(presented) {
            entry.fields["member.name"] = "\(member.name)"
            guard member.role.may(permission) else {
                throw Problem(
                    .notAllowed,
                    "the role \(member.role.rawValue) does not allow \(permission.rawValue)"
                )
            }
            return member
        }
        entry.fields["remote.address"] = "\(context.remoteAddress)"
        var problem = Problem.unauthenticated
        problem.endsConnection = try await !brake.failed(
            from: context.remoteAddress,
            at: engine.ambient.now(),
            sleep: engine.ambient.sleep
        )
        throw problem
    }

    /// The whole body: at most what the limits allow, and only while there is room for it.
    private func body(
        of request: Request,
        for call: ProviderCall,
        in place: Admission.Place
    ) async throws -> [UInt8] {
        let limit =
            if case .upload = call { limits.body } else {
                min(limits.body, GatewayLimits.largestOther)
            }
        let promised = RequestFields(request).contentLength ?? 0
        guard promised <= limit else { throw Problem.bodyTooLarge(limit) }
        try place.reserve(promised)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(promised)
        for try await part in request.body {
            let count = bytes.count + part.readableBytes
            guard count <= limit else { throw Problem.bodyTooLarge(limit) }
            try place.reserve(count)
            bytes += part.readableBytesView
        }
        return bytes
    }

    // MARK: Beside the service's own calls

    /// Whether work could be taken on now: the vault is open, and its store answers and can be written.
    private func readiness() async throws -> Response {
        do {
            _ = try await engine.keyring.contents()
            _ = try await engine.store.sweep(at: engine.ambient.now())
        } catch {
            logger.warning("not ready", metadata: ["error": "\(error)"])
            let reason = Problem(error, at: engine.ambient.now()).reason
            var response = Response.json(
                "{\"status\":\"not ready\",\"reason\":\"\(reason.rawValue)\"}"
            )
            response.status = .serviceUnavailable
            return response
        }
        return .json("{\"status\":\"ready\"}")
    }

    private func makeRequestID() -> String {
        let (high, _) = engine.ambient.randomWords()
        let digits = String(high, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private func log(_ route: Route, _ response: Response, _ entry: Entry, took: Duration) {
        var fields = entry.fields
        fields["call"] = "\(route.name)"
        fields["status"] = "\(response.status.code)"
        let (seconds, attoseconds) = took.components
        fields["took.ms"] = "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
        // Nobody's mistake: the caller hung up, or the gateway ends.
        let hasLeft = entry.error is CancellationError
        let isOurs = response.status.code >= 500 && !hasLeft
        if hasLeft { fields["left"] = "true" }
        if let error = entry.error, isOurs { fields["error"] = "\(error)" }
        let isProbe = route == .health || route == .readiness
        logger.log(level: isOurs ? .error : isProbe ? .debug : .info, "request", metadata: fields)
    }
}

extension Response {
    static func json(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json; charset=UTF-8"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
