/// The form that asks for a member's key.
package struct SignInView: Sendable {
    package enum Refusal: Sendable, Equatable {
        /// Nothing tells unknown, wrong, expired and revoked apart.
        case notAKey
        /// Too many tries; in so many seconds another may be made.
        case tooMany(seconds: Int)
        /// The browser does not say that the form was sent from these pages.
        case foreignForm
    }

    package let refusal: Refusal?
    /// The path to go to afterwards.
    package let next: String?

    package init(refusal: Refusal? = nil, next: String? = nil) {
        self.refusal = refusal
        self.next = next
    }
}

/// Something that cannot be shown, or was refused.
package struct ProblemView: Sendable {
    /// The HTTP status.
    package let status: Int
    package let problem: PageProblem
    package let hint: String?

    package init(status: Int, problem: PageProblem, hint: String? = nil) {
        self.status = status
        self.problem = problem
        self.hint = hint
    }
}
