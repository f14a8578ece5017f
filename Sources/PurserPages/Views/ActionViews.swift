package import PurserCore

/// Where a pasted request would go, and why.
package struct RouteView: Sendable {
    package enum Answer: Sendable {
        /// Accounts in the policy's order, then those passed over. `call` is the path of the service's call.
        case explained(RouteExplanation, call: String, models: [String])
        /// The request cannot be read, or names what there is not.
        case refused(PageProblem, hint: String?)
    }

    /// What was pasted, as it came.
    package let request: String
    /// For whom it would be sent; empty: for nobody in particular.
    package let member: String
    /// `nil`: nothing was asked yet.
    package let answer: Answer?

    package init(request: String = "", member: String = "", answer: Answer? = nil) {
        self.request = request
        self.member = member
        self.answer = answer
    }
}

/// The question before an action on an account, or the form again after it failed.
package struct ConfirmView: Sendable {
    package let now: Timestamp
    package let action: AccountAction
    package let account: AccountOverview
    /// Whether the connection may carry a token: it has TLS, or is this machine's own.
    package let mayPasteToken: Bool
    /// Why it was not done.
    package let failure: PageProblem?
    package let hint: String?

    package init(
        now: Timestamp,
        action: AccountAction,
        account: AccountOverview,
        mayPasteToken: Bool,
        failure: PageProblem? = nil,
        hint: String? = nil
    ) {
        self.now = now
        self.action = action
        self.account = account
        self.mayPasteToken = mayPasteToken
        self.failure = failure
        self.hint = hint
    }
}
