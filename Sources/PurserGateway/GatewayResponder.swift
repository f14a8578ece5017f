import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PurserCore
import PurserEngine

/// A request's context that knows where it came from.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: String
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "local"
        channel = source.channel
    }
}

/// From a request to its answer.
struct GatewayResponder: HTTPResponder {
    let engine: Engine
    let members: MemberDesk
    let requests: RequestDesk
    let jobs: StatusDesk
    let line: WaitingLine
    let limits: GatewayLimits
    /// Where files of uploads are made.
    let folder: String
    let admission: Admission
    let brake: FailureBrake
    let underWay: UnderWay
    let counters: Counters
    let pulse: UpstreamPulse
    let readiness: Readiness
    /// `nil`: there is no page.
    let page: PageDoor?
    let logger: Logger

    /// What is logged of a request: who, what and how it ended, and never a key or a body.
    struct Entry: Sendable {
        var fields: Logger.Metadata = [:]
        var error: (any Error)?
        /// How it ended, for the metrics; `nil`: as the status says.
        var outcome: String?
    }

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let begun = ContinuousClock.now
        let fields = RequestFields(request)
        let route = Route(request.method, target: request.head.path ?? "/")
        let upstream = UpstreamTime()
        let (answer, noted) = await TraceParent.$current.withValue(fields.trace) {
            await UpstreamTime.$current.withValue(upstream) {
                await underWay.carryOut { await self.outcome(of: route, request, context) }
            }
        }
        var entry = noted
        var response: Response
        do {
            response = try answer.get()
        } catch {
            entry.error = error
            let problem = Problem(error, at: engine.ambient.now())
            entry.outcome = problem.reason.rawValue
            response = Response(problem)
        }
        let id = fields.requestID ?? makeRequestID()
        response.headers[named: "X-Request-Id"] = id
        entry.fields["request.id"] = "\(id)"
        entry.fields["trace.id"] = fields.trace.map { "\($0.traceID)" }
        let took = begun.duration(to: .now)
        count(route, response, entry, added: upstream.total > .zero ? took - upstream.total : nil)
        log(route, response, entry, took: took)
        // RFC 9110, 9.3.2: what follows the head would be taken for the next answer.
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The answer to what is no request, counted and logged as one of no call.
    func refuse(_ problem: Problem, from address: String) -> (head: HTTPResponse, body: ByteBuffer)
    {
        let id = makeRequestID()
        let body = problem.envelope
        var headers = problem.headers
        headers[.contentLength] = "\(body.readableBytes)"
        headers[named: "X-Request-Id"] = id
        counters.count(
            .init(call: Route.unknown.kind, outcome: problem.reason.rawValue),
            added: nil
        )
        logger.info(
            "request",
            metadata: [
                "call": "none", "status": "\(problem.status)", "error": "\(problem.message)",
                "remote.address": "\(address)", "request.id": "\(id)",
            ]
        )
        return (HTTPResponse(status: .init(code: problem.status), headerFields: headers), body)
    }

    private func count(_ route: Route, _ response: Response, _ entry: Entry, added: Duration?) {
        let isGood = response.status.kind == .successful
        var isCall = false
        if case .call = route { isCall = true }
        let outcome = entry.outcome ?? (isGood ? "ok" : isCall ? "refused" : "failed")
        counters.count(.init(call: route.kind, outcome: outcome), added: added)
    }

    private func outcome(
        of route: Route,
        _ request: Request,
        _ context: GatewayContext
    ) async -> (Result<Response, any Error>, Entry) {
        var entry = Entry()
        do {
            return (.success(try await answer(route, request, context, &entry)), entry)
        } catch {
            return (.failure(error), entry)
        }
    }

    private func answer(
        _ route: Route,
        _ request: Request,
        _ context: GatewayContext,
        _ entry: inout Entry
    ) async throws -> Response {
        switch route {
        case .health: return .json("{\"status\":\"ok\"}")
        case .readiness: return await readiness.answer(at: engine.ambient.now())
        case .unknown: throw Problem(.notFound, "there is no such call")
        case .otherMethod(let allowed):
            var problem = Problem(.method, "this path takes \(allowed.rawValue)")
            problem.allowed = allowed
            throw problem
        case .credits:
            let member = try await member(request, context, may: [.ownCredits], &entry)
            return try await credits(of: member)
        case .own(let call, let name): return try await own(call, name, request, context, &entry)
        case .page(let route):
            guard let page else { throw Problem(.notFound, "there is no such call") }
            return try await page.answer(route, request, context, &entry)
        case .metrics:
            _ = try await member(request, context, may: [.readMetrics], &entry)
            return try await metrics()
        case .call(let call):
            let member = try await member(request, context, may: [call.permission], &entry)
            let place = try admission.enter(member.id, on: context.channel)
            // The place is given back with its last reference, which must outlive the call.
            defer { withExtendedLifetime(place) {} }
            let payload = try await payload(of: request, for: call, context, in: place)
            let caller = Caller(member: member, fields: RequestFields(request), place: place)
            return try await perform(call, payload, caller, &entry)
        }
    }

    private func own(
        _ call: OwnCall,
        _ name: String?,
        _ request: Request,
        _ context: GatewayContext,
        _ entry: inout Entry
    ) async throws -> Response {
        guard !call.permissions.isEmpty else { return .json(OpenAPI.document.compact) }
        let member = try await member(request, context, may: call.permissions, &entry)
        let place = try admission.enter(member.id, on: context.channel)
        defer { withExtendedLifetime(place) {} }
        let query = try Query(of: request.head.path ?? "", for: call)
        var bytes: [UInt8] = []
        if call.method == .post {
            let limit = GatewayLimits.largestOther
            bytes = try await body(of: request, upTo: limit, context, in: place)
        }
        let answer = try await answer(call, named: name, query, bytes, for: member)
        return .json(answer.compact, in: place)
    }

    // MARK: Before the body

    /// Whose key the request came with, where one of the permissions lets them ask.
    ///
    /// A wrong key is answered like no key at all, and ever later.
    private func member(
        _ request: Request,
        _ context: GatewayContext,
        may permissions: [Permission],
        _ entry: inout Entry
    ) async throws -> Member {
        guard let presented = RequestFields(request).bearer else { throw Problem.unauthenticated }
        if let member = try await members.authenticate(presented) {
            entry.fields["member.name"] = "\(member.name)"
            guard permissions.contains(where: member.role.may) else {
                throw Problem.refusing(permissions, to: member)
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

    // MARK: Afterwards

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
        let isProbe = route == .health || route == .readiness || route == .metrics
        logger.log(level: isOurs ? .error : isProbe ? .debug : .info, "request", metadata: fields)
    }
}

extension Response {
    static func json(_ text: String, in place: Admission.Place? = nil) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json; charset=UTF-8"],
            body: .bytes(ByteBuffer(string: text), in: place)
        )
    }
}
