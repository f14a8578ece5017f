import HTTPTypes
import PurserCore
import PurserPages

/// What a request to the page asks for.
enum PageRoute: Equatable {
    case show(PagePath)
    /// A form: signing in and out, and a request to explain.
    case submit(PagePath)
    /// An action on an account, before it is done.
    case ask(AccountAction, String)
    case act(AccountAction, String)
    case otherMethod(allowed: HTTPRequest.Method)
    case unknown

    /// `nil`: the path is none of the page's; it has no query.
    init?(_ method: HTTPRequest.Method, path: some StringProtocol) {
        // Letters that are large find no page, but a page that says so.
        let start = path.prefix(6).lowercased()
        guard path == "/" || start == "/page" || start == "/page/" else { return nil }
        let isRead = method == .get || method == .head
        if let known = PagePath(rawValue: String(path)) {
            if isRead, known != .signOut {
                self = .show(known)
            } else if method == .post, [.signIn, .signOut, .route].contains(known) {
                self = .submit(known)
            } else {
                self = .otherMethod(allowed: known == .signOut ? .post : .get)
            }
        } else if let (action, name) = Self.account(path) {
            self =
                isRead
                ? .ask(action, name)
                : method == .post ? .act(action, name) : .otherMethod(allowed: .post)
        } else {
            self = .unknown
        }
    }

    private static func account(_ path: some StringProtocol) -> (AccountAction, String)? {
        guard path.hasPrefix(PagePath.accounts) else { return nil }
        let parts = path.dropFirst(PagePath.accounts.count)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let action = AccountAction(rawValue: String(parts[1])) else {
            return nil
        }
        let name = String(parts[0])
        return Account.isName(name) ? (action, name) : nil
    }

    /// How logs name it: never what a client made up.
    var name: String {
        switch self {
        case .show(let path), .submit(let path): path.rawValue
        case .ask(let action, _), .act(let action, _):
            PagePath.account("{name}", action)
        case .otherMethod: "other method"
        case .unknown: "unknown page"
        }
    }

    /// One of these is needed; none, and being signed in is enough.
    var permissions: [Permission] {
        switch self {
        case .show(.jobs): [.ownJobs, .allJobs]
        case .show(.route), .submit(.route): [.explainRoute]
        case .show(.audit): [.readAudit]
        case .ask, .act: [.changeAccounts]
        case .show, .submit, .otherMethod, .unknown: []
        }
    }

    /// The parameters that its query may have.
    var parameters: [FormField] {
        switch self {
        case .show(.spend): [.from, .to, .by]
        case .show(.jobs): [.open, .cursor]
        case .show(.audit): [.from, .to, .actor, .verb, .cursor]
        case .show(.signIn): [.next]
        case .show, .submit, .ask, .act, .otherMethod, .unknown: []
        }
    }
}
