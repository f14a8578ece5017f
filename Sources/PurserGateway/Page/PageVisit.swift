import HTTPTypes
import Hummingbird
import PurserCore
import PurserEngine
import PurserPages

/// One request to the page: how it came, and who looks.
struct PageVisit {
    let route: PageRoute
    let request: Request
    let context: GatewayContext
    /// Whether the gateway itself has TLS.
    let hasTLS: Bool
    /// Whose session it is; `nil`, nobody's.
    var member: Member?
    /// What the request takes up; `nil`, nothing that is counted.
    var place: Admission.Place?
    /// The secret of the session, where the browser sent one.
    let secret: String?

    init(_ route: PageRoute, _ request: Request, _ context: GatewayContext, hasTLS: Bool) {
        self.route = route
        self.request = request
        self.context = context
        self.hasTLS = hasTLS
        // A browser takes the one with the prefix over TLS alone, and from this very host; there the other is not ours.
        let isSealed = hasTLS || Self.proxyHasTLS(request)
        secret =
            Self.cookie(Self.sealedName, of: request)
            ?? (isSealed ? nil : Self.cookie(Self.plainName, of: request))
    }

    private static func cookie(_ name: String, of request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for cookie in field.split(separator: ";") {
                let parts = cookie.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == name { return String(parts[1]) }
            }
        }
        return nil
    }

    /// The address as it was asked for, with its query.
    var address: String { request.head.path ?? "/" }

    var language: Language {
        Language(acceptLanguage: request.headers[.acceptLanguage])
    }

    /// A script asks for a page by itself, and nobody need be looking.
    ///
    /// A browser without TLS says nothing of it, so the script does; for the stream it cannot.
    var isByScript: Bool {
        route == .show(.events) || request.headers[named: "Purser-Live"] != nil
            || request.headers[named: "Sec-Fetch-Dest"] == "empty"
    }

    /// What forms of the session carry; empty without one.
    var formToken: String { secret.map(SessionMark.formToken(of:)) ?? "" }

    // MARK: Where it comes from

    /// Whether a form was sent from these pages, as the browser says; one that says nothing at all is not believed.
    var isFromOwnPage: Bool {
        if let site = request.headers[named: "Sec-Fetch-Site"] { return site == "same-origin" }
        guard let origin = request.headers[.origin], let host = request.head.authority,
            let separator = origin.firstRange(of: "://")
        else { return false }
        return origin[separator.upperBound...].lowercased() == host.lowercased()
    }

    /// Whether the form comes from a page that this session was shown.
    func isFormOfSession(_ form: PageForm) -> Bool {
        guard isFromOwnPage, secret != nil, let token = form[.formToken] else { return false }
        return SessionMark.equal(token, formToken)
    }

    /// Whether a token may come over this connection: nobody else hears it.
    ///
    /// To a proxy on this machine every browser may come in clear: unless it says that it has TLS, none may be there.
    var mayCarryToken: Bool {
        hasTLS || Self.isLoopback(context.remoteAddress) && Self.isUnheard(request)
    }

    /// Whether a request of this machine came over TLS, or from nowhere else, as far as its fields tell.
    static func isUnheard(_ request: Request) -> Bool {
        if let origin = request.headers[.origin], !isSafe(origin) { return false }
        if proxyHasTLS(request) { return true }
        return proxyFields.allSatisfy { request.headers[named: $0] == nil }
            && isOwnName(request.head.authority ?? "")
    }

    private static let proxyFields = [
        "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
    ]

    /// Whether a proxy says that the browser has TLS all the way to it.
    private static func proxyHasTLS(_ request: Request) -> Bool {
        let hops = request.headers[named: "X-Forwarded-Proto"]?.split(separator: ",") ?? []
        return !hops.isEmpty && hops.allSatisfy { $0.filter { $0 != " " }.lowercased() == "https" }
    }

    private static func isSafe(_ origin: String) -> Bool {
        if origin.hasPrefix("https://") { return true }
        return origin.hasPrefix("http://") && isOwnName(origin.dropFirst("http://".count))
    }

    /// Whether a host, with or without a port, is this machine by its very name.
    private static func isOwnName(_ authority: some StringProtocol) -> Bool {
        let host = authority.lowercased()
        let end = host.hasPrefix("[") ? host.firstIndex(of: "]") : nil
        return GatewaySettings.isLoopback(
            end.map { String(host[...$0]) } ?? String(host.prefix { $0 != ":" })
        )
    }

    /// Whether an address is this machine's own.
    static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }

    // MARK: The cookie

    /// Bound to TLS and to this very host by its prefix (RFC 6265bis, 4.1.3.2).
    static let sealedName = "__Host-purser"
    static let plainName = "purser"

    /// Whether the browser has TLS: to the gateway, or to a proxy before it, of which a browser tells in `Origin`.
    private var browserHasTLS: Bool {
        hasTLS || Self.proxyHasTLS(request)
            || request.headers[.origin]?.hasPrefix("https://") ?? false
    }

    /// Has the browser keep a session's secret, out of reach of every script and every other site.
    func cookie(keeping secret: String) -> String {
        let rest = "=\(secret); Path=/; HttpOnly; SameSite=Strict"
        let age = "; Max-Age=\(PageSessions.longest.components.seconds)"
        return browserHasTLS
            ? Self.sealedName + rest + "; Secure" + age : Self.plainName + rest + age
    }

    /// Has the browser forget it, whichever of the two it kept.
    static let forgetting = [
        "\(sealedName)=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
        "\(plainName)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    ]
}
