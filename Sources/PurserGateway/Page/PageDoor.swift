import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PurserCore
import PurserEngine
import PurserPages

/// Everything over HTTP about the page: who is signed in, what they are shown, what they may do.
///
/// A cookie opens these pages alone, and a key in `Authorization` opens none of them.
struct PageDoor: Sendable {
    let engine: Engine
    let members: MemberDesk
    let line: WaitingLine
    let admission: Admission
    let brake: FailureBrake
    /// Whether the gateway itself has TLS.
    let hasTLS: Bool
    let pages: Pages
    let sessions: PageSessions
    let events: PageEvents
    let forecasts: ForecastKeeper

    /// Throws where the pages' own texts cannot be read.
    init(
        _ engine: Engine,
        members: MemberDesk,
        line: WaitingLine,
        admission: Admission,
        brake: FailureBrake,
        hasTLS: Bool
    ) throws {
        self.engine = engine
        self.members = members
        self.line = line
        self.admission = admission
        self.brake = brake
        self.hasTLS = hasTLS
        pages = try Pages()
        sessions = PageSessions(members, ambient: engine.ambient)
        events = PageEvents(engine)
        forecasts = ForecastKeeper(engine)
    }

    /// Bytes of a form; the request to explain may be a long one.
    static let longestForm = 16 << 10
    static let longestRequest = 512 << 10

    func answer(
        _ route: PageRoute,
        _ request: Request,
        _ context: GatewayContext,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        var visit = PageVisit(route, request, context, hasTLS: hasTLS)
        var response: Response
        do {
            if let secret = visit.secret {
                visit.member = try await sessions.member(of: secret, isUse: !visit.isByScript)
            }
            if let member = visit.member { entry.fields["member.name"] = "\(member.name)" }
            response = try await reply(to: visit, &entry)
            if response.status.kind == .redirection { entry.outcome = "ok" }
        } catch {
            entry.error = error
            let problem = Problem(error, at: engine.ambient.now())
            entry.outcome = problem.reason.rawValue
            response = show(problem, to: visit)
        }
        guardAgainstOthers(&response.headers)
        return response
    }

    private func reply(
        to visit: PageVisit,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        switch visit.route {
        case .unknown: throw Problem(.notFound, .noSuchPage)
        case .otherMethod(let allowed):
            var problem = Problem(.method, .otherMethod(allowed.rawValue))
            problem.allowed = allowed
            throw problem
        case .show(.style): return asset("text/css", Pages.styleSheet)
        case .show(.script): return asset("text/javascript", Pages.script)
        case .show(.signIn): return try signInPage(visit)
        case .submit(.signIn): return try await signIn(visit, &entry)
        case .submit(.signOut): return try await signOut(visit)
        case .show, .submit, .ask, .act: break
        }
        guard let member = visit.member else { return askToSignIn(visit) }
        let needed = visit.route.permissions
        guard needed.isEmpty || needed.contains(where: member.role.may) else {
            throw Problem.refusing(needed, to: member)
        }
        if visit.route == .show(.events) { return try listen(visit, as: member) }
        var visit = visit
        let place = try admission.enter(member.id, on: visit.context.channel)
        // The place is given back with its last reference, which must outlive the answer's making.
        defer { withExtendedLifetime(place) {} }
        visit.place = place
        return try await page(visit, for: member, &entry)
    }

    private func page(
        _ visit: PageVisit,
        for member: Member,
        _ entry: inout GatewayResponder.Entry
    ) async throws -> Response {
        switch visit.route {
        case .show(let path):
            let known = Set(visit.route.parameters.map(\.rawValue))
            let query = try Query(of: visit.address, knowing: known)
            let page = try await page(path, query, for: member)
            guard case .spend(let view) = page, view.refusal != nil else {
                return show(page, to: visit)
            }
            entry.outcome = Problem.Reason.invalidRequest.rawValue
            return show(page, to: visit, status: .badRequest)
        case .submit: return try await explainRoute(visit, for: member)
        case .ask(let action, let name): return try await ask(action, name, visit)
        case .act(let action, let name):
            return try await act(action, name, visit, for: member, &entry)
        case .otherMethod, .unknown: throw Problem(.notFound, .noSuchPage)
        }
    }

    private func page(
        _ path: PagePath,
        _ query: Query,
        for member: Member
    ) async throws -> Page {
        switch path {
        case .overview: .overview(try await overview(for: member))
        case .spend: .spend(try await spend(query, for: member))
        case .jobs: .jobs(try await jobs(query, for: member))
        case .members: .members(try await memberList(for: member))
        case .route: .route(RouteView())
        case .audit: .audit(try await audit(query))
        case .signIn, .signOut, .events, .style, .script:
            throw Problem(.notFound, .noSuchPage)
        }
    }

    private func overview(for member: Member) async throws -> OverviewView {
        let work = OverviewReading.Work(
            waiting: line.count,
            limit: line.limit,
            // This page is one of them, and nobody's call.
            underWay: max(admission.requests - 1, 0)
        )
        return try await OverviewReading(engine.store).view(
            for: member,
            work,
            forecast: { await forecasts.forecast(of: $0).map(ForecastView.init) },
            at: engine.ambient.now()
        )
    }

    private func listen(_ visit: PageVisit, as member: Member) throws -> Response {
        let stream = try events.listen(member.id)
        let (sessions, secret) = (sessions, visit.secret ?? "")
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: PageEvents.body(
                of: stream,
                missedSome: visit.request.headers[named: "Last-Event-ID"] != nil
            ) {
                // What a script hears keeps no session alive.
                (try? await sessions.member(of: secret, isUse: false)) != nil
            }
        )
    }

    // MARK: Answers

    func show(
        _ page: Page,
        to visit: PageVisit,
        notice: Notice? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        // What came of an action is for whoever looks, and not for a script that asks again.
        let kept =
            visit.isByScript || visit.member == nil
            ? nil : visit.secret.flatMap(sessions.takeNotice(of:))
        let language = visit.language
        let frame = PageFrame(
            language: language,
            path: visit.address,
            viewer: visit.member.map { Viewer(name: $0.name, role: $0.role) },
            formToken: visit.member == nil ? "" : visit.formToken,
            notice: notice ?? kept
        )
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentLanguage: language.rawValue,
            ],
            body: .bytes(ByteBuffer(string: pages.html(page, in: frame)), in: visit.place)
        )
    }

    private func show(_ problem: Problem, to visit: PageVisit) -> Response {
        let view = ProblemView(status: problem.status, problem: problem.word)
        let plain = Response(problem)
        var response = show(.problem(view), to: visit, status: plain.status)
        // When to come back, and whether the connection ends, is told as to any program.
        for name in [HTTPField.Name.retryAfter, .connection, .allow] {
            response.headers[name] = plain.headers[name]
        }
        return response
    }

    /// Sends the browser on by GET.
    func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }

    private func asset(_ type: String, _ bytes: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "max-age=60"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    // MARK: Other sites

    /// Nothing is kept in a cache, shown in a frame, or fetched from elsewhere.
    private func guardAgainstOthers(_ headers: inout HTTPFields) {
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        headers[.contentSecurityPolicy] = Self.policy
        headers[.xContentTypeOptions] = "nosniff"
        // Not no-referrer: with that a browser's forms say that they come from nowhere.
        headers[named: "Referrer-Policy"] = "same-origin"
        headers[named: "X-Frame-Options"] = "DENY"
        headers[named: "Cross-Origin-Opener-Policy"] = "same-origin"
        headers[.crossOriginResourcePolicy] = "same-origin"
        if hasTLS { headers[.strictTransportSecurity] = "max-age=31536000" }
    }

    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
        connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """
}
