/// What went wrong, as far as an exit status or an HTTP status needs to know.
///
/// The raw values are the names shown in `--json` errors and are stable.
package enum FailureKind: String, Sendable, CaseIterable {
    case failed
    case usage
    case invalidInput = "invalid_input"
    case notFound = "not_found"
    case conflict
    case locked
    case wrongPassphrase = "wrong_passphrase"
    case noSuchSlot = "no_such_slot"
    case kdfPolicy = "kdf_policy"
    case notAVault = "not_a_vault"
    case damaged
    case newerVersion = "newer_version"
    case tampered
    case untrusted
    case io
    case noEligibleAccount = "no_eligible_account"
    case notEnoughCredits = "not_enough_credits"
    case notEnoughBudget = "not_enough_budget"
    case upstreamRefused = "upstream_refused"
    case upstreamUnreachable = "upstream_unreachable"
    case unknownOutcome = "unknown_outcome"
}

/// An error that a person or a program can act on.
///
/// Every domain has an enum of its own that conforms; the edges translate `kind` once, the command
/// line to an exit status, the gateway to an HTTP status. Messages begin in lower case and end
/// without a full stop; they never hold a token.
package protocol Failure: Error, CustomStringConvertible {
    var kind: FailureKind { get }
    /// What happened, naming the place.
    var message: String { get }
    /// The next step, where there is one.
    var hint: String? { get }
}

extension Failure {
    package var hint: String? { nil }
    package var description: String { message }
}
