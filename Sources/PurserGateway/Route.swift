import HTTPTypes
import PurserCore

/// What a request asks for, by its method and path.
enum Route: Equatable {
    /// A call of the service, by POST.
    case call(ProviderCall)
    /// What the member may still spend.
    case credits
    /// A question that the gateway itself answers, and the name in its path.
    case own(OwnCall, String?)
    /// What people look at with a browser.
    case page(PageRoute)
    case metrics
    case health
    case readiness
    /// A known path under another method than the one it takes.
    case otherMethod(allowed: HTTPRequest.Method)
    case unknown

    /// Reads the target of a request; a query is dropped, for no call of the service has one.
    init(_ method: HTTPRequest.Method, target: String) {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        if let page = PageRoute(method, path: path) {
            self = .page(page)
            return
        }
        let allowed: HTTPRequest.Method
        switch path {
        case "/healthz": (self, allowed) = (.health, .get)
        case "/readyz": (self, allowed) = (.readiness, .get)
        case "/metrics": (self, allowed) = (.metrics, .get)
        case _ where path.hasPrefix(OwnCall.prefix):
            guard let (call, name) = OwnCall.at(path) else {
                self = .unknown
                return
            }
            (self, allowed) = (.own(call, name), call.method)
        default:
            // Some clients write the colon of a call as an escape.
            let plain = path.replacing("%3A", with: ":").replacing("%3a", with: ":")
            guard plain.hasPrefix("/v1/") || plain.hasPrefix("/v1:"),
                let call = ProviderCall(plain.dropFirst(plain.hasPrefix("/v1/") ? 4 : 3)),
                "/v1" + (call.path.hasPrefix(":") ? "" : "/") + call.path == plain
            else {
                self = .unknown
                return
            }
            (self, allowed) = call == .credits ? (.credits, .get) : (.call(call), .post)
        }
        // RFC 9110, 9.3.2: HEAD is GET without the answer's body.
        let isAllowed = method == allowed || (method == .head && allowed == .get)
        if !isAllowed { self = .otherMethod(allowed: allowed) }
    }

    /// How logs name it: never what a client made up.
    var name: String {
        switch self {
        case .call(let call): call.path
        case .credits: "credits"
        case .own(let call, _): call.path
        case .page(let page): page.name
        case .metrics: "metrics"
        case .health: "healthz"
        case .readiness: "readyz"
        case .otherMethod: "other method"
        case .unknown: "unknown"
        }
    }
}

extension ProviderCall {
    /// Bytes of its body at most.
    func largestBody(_ limits: GatewayLimits) -> Int {
        if case .upload = self { limits.body } else { min(limits.body, GatewayLimits.largestOther) }
    }

    /// What a member's role must allow for it.
    var permission: Permission {
        switch self {
        case .generate, .upload: .submit
        case .status, .cancel: .ownJobs
        case .credits: .ownCredits
        }
    }
}
