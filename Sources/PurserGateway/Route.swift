import HTTPTypes
import PurserCore

/// What a request asks for, by its method and path.
enum Route: Equatable {
    /// A call of the service, by POST.
    case call(ProviderCall)
    /// What the member may still spend.
    case credits
    case health
    case readiness
    /// A known path under another method than the one it takes.
    case otherMethod(allowed: HTTPRequest.Method)
    case unknown

    /// Reads the target of a request; a query is dropped, for no call has one.
    init(_ method: HTTPRequest.Method, target: String) {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        let allowed: HTTPRequest.Method
        switch path {
        case "/healthz": (self, allowed) = (.health, .get)
        case "/readyz": (self, allowed) = (.readiness, .get)
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
        if method != allowed { self = .otherMethod(allowed: allowed) }
    }

    /// How logs name it: never what a client made up.
    var name: String {
        switch self {
        case .call(let call): call.path
        case .credits: "credits"
        case .health: "healthz"
        case .readiness: "readyz"
        case .otherMethod: "other method"
        case .unknown: "unknown"
        }
    }
}

extension ProviderCall {
    /// What a member's role must allow for it.
    var permission: Permission {
        switch self {
        case .generate, .upload: .submit
        case .status, .cancel: .ownJobs
        case .credits: .ownCredits
        }
    }
}
