/// The form that asks for a member's key.
package struct SignInView: Sendable {
    package enum Refusal: Sendable, Equatable {
        /// Nothing tells unknown, wrong, expired and revoked apart.
        case notAKey
        /// Too many tries; in so many seconds another may be made.
        case tooMany(seconds: Int)
        /// The form was too old, or not one of these pages.
        case staleForm
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
    /// The engine's or the gateway's words.
    package let message: String
    package let hint: String?

    package init(status: Int, message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }
}
