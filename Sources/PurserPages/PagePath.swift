/// Where the pages lie; what the gateway serves and what the pages link to are the same list.
package enum PagePath: String, Sendable, CaseIterable {
    case overview = "/"
    case spend = "/page/spend"
    case jobs = "/page/jobs"
    case members = "/page/members"
    case route = "/page/route"
    case audit = "/page/audit"
    /// A form with `FormField.key`, by POST; by GET the empty form.
    case signIn = "/page/sign-in"
    /// By POST.
    case signOut = "/page/sign-out"
    /// Server-sent events: `moved` says that the page may show something else now.
    case events = "/page/events"
    case style = "/page/style.css"
    case script = "/page/live.js"

    /// `/page/accounts/NAME/ACTION`: by GET it asks, by POST it does; `name` is by the rule of account names.
    package static func account(_ name: String, _ action: AccountAction) -> String {
        "\(accounts)\(name)/\(action.rawValue)"
    }

    package static let accounts = "/page/accounts/"
}

/// The names of the fields of forms, and of queries.
package enum FormField: String, Sendable, CaseIterable {
    /// Hidden, in every form that changes something.
    case formToken = "form-token"
    /// A member's key, to sign in.
    case key
    /// Where to go after signing in: a path of these pages.
    case next
    /// A fresh token of an account, to rotate; never in an answer.
    case token
    /// When that token expires: `2026-12-31` or `2026-12-31T18:00:00Z`.
    case expiresAt = "expires-at"
    /// Why an account is paused.
    case reason
    /// The body of a request, and the member it would be for, of the route explainer (by POST).
    case request, member
    /// The first and the last day shown, as `2026-11-21`.
    case from, to
    /// What spending is stacked by: a `SpendKey`.
    case by
    /// `true`: only jobs under way.
    case open
    /// Of the audit trail: exactly this verb or, ending in a dot, all that begin so; exactly this actor.
    case verb, actor
    /// Where the list goes on, as the view's `next` told it.
    case cursor
}
