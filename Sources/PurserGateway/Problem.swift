import HTTPTypes
import Hummingbird
import NIOCore
package import PurserCore
import PurserEngine
import PurserPages

/// What went wrong, as an HTTP answer tells it: the service's own envelope with a reason that begins `PURSER_`.
package struct Problem: Error, Sendable, Equatable {
    package let status: Int
    package let reason: Reason
    /// What the page says of it, in its reader's language.
    let word: PageProblem
    package var retryAfter: Duration?
    /// Whether the connection ends with the answer, because the rest of the request is not read.
    var endsConnection = false
    /// The method that the path takes, for a 405.
    var allowed: HTTPRequest.Method?
    /// What was sent and is not decided, for a 504.
    var open: DispatchError.Open?

    /// Without `status`, with the one that the reason has.
    package init(
        _ reason: Reason,
        _ message: String,
        retryAfter: Duration? = nil,
        status: Int? = nil
    ) {
        self.reason = reason
        word = .said(message)
        self.retryAfter = retryAfter
        self.status = status ?? reason.status
    }

    /// What the page has words of its own for.
    init(_ reason: Reason, _ word: PageProblem, retryAfter: Duration? = nil) {
        self.reason = reason
        self.word = word
        self.retryAfter = retryAfter
        status = reason.status
    }

    package var message: String { word.text(.english) }

    /// Every reason the gateway itself gives; stable, and listed in `Documentation/Gateway.md`.
    package enum Reason: String, Sendable, CaseIterable {
        case invalidRequest = "PURSER_INVALID_REQUEST"
        case unauthenticated = "PURSER_UNAUTHENTICATED"
        case notAllowed = "PURSER_NOT_ALLOWED"
        case notFound = "PURSER_NOT_FOUND"
        case method = "PURSER_METHOD"
        case timeout = "PURSER_TIMEOUT"
        case conflict = "PURSER_CONFLICT"
        case bodyTooLarge = "PURSER_BODY_TOO_LARGE"
        case noFreeSlot = "PURSER_NO_FREE_SLOT"
        case accountsRest = "PURSER_ACCOUNTS_REST"
        case noEligibleAccount = "PURSER_NO_ELIGIBLE_ACCOUNT"
        case tier = "PURSER_TIER"
        case queueFull = "PURSER_QUEUE_FULL"
        case memberShare = "PURSER_MEMBER_SHARE"
        case notEnoughCredits = "PURSER_NOT_ENOUGH_CREDITS"
        case notEnoughBudget = "PURSER_NOT_ENOUGH_BUDGET"
        case upstreamRefused = "PURSER_UPSTREAM_REFUSED"
        case upstreamUnreachable = "PURSER_UPSTREAM_UNREACHABLE"
        case outcomeUnknown = "PURSER_OUTCOME_UNKNOWN"
        case busy = "PURSER_GATEWAY_BUSY"
        case storage = "PURSER_STORAGE"
        case vault = "PURSER_VAULT"
        case `internal` = "PURSER_INTERNAL"

        package var status: Int {
            switch self {
            case .invalidRequest: 400
            case .unauthenticated: 401
            case .notAllowed: 403
            case .notFound: 404
            case .method: 405
            case .timeout: 408
            case .conflict: 409
            case .bodyTooLarge: 413
            case .noFreeSlot, .accountsRest, .noEligibleAccount, .tier, .queueFull, .memberShare,
                .notEnoughCredits, .notEnoughBudget:
                429
            case .internal: 500
            case .upstreamRefused: 502
            case .busy, .storage, .vault, .upstreamUnreachable: 503
            case .outcomeUnknown: 504
            }
        }
    }
}

extension FailureKind {
    /// The one place where kinds of failure become answers.
    package var reason: Problem.Reason {
        switch self {
        case .usage, .invalidInput: .invalidRequest
        case .notFound: .notFound
        case .conflict: .conflict
        case .noEligibleAccount: .noEligibleAccount
        case .notEnoughCredits: .notEnoughCredits
        case .notEnoughBudget: .notEnoughBudget
        case .upstreamRefused: .upstreamRefused
        case .upstreamUnreachable: .upstreamUnreachable
        case .unknownOutcome: .outcomeUnknown
        case .locked: .busy
        case .io: .storage
        case .wrongPassphrase, .noSuchSlot, .kdfPolicy, .notAVault, .damaged, .newerVersion,
            .tampered, .untrusted:
            .vault
        case .failed: .internal
        }
    }
}

extension Problem {
    /// What a caller is told of an error: a mistake of theirs in full, one of this machine only by its reason, for its
    /// words may hold paths, and balances are not for members.
    init(_ error: any Error, at now: Timestamp) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as RoutingRefusal: self.init(refusal)
        case let refusal as WaitRefusal: self.init(refusal)
        case let error as StoreError: self.init(error, at: now)
        case let error as DispatchError: self.init(error)
        case let failure as any Failure: self.init(failure)
        // Whoever leaves the line holds nothing: they hung up, or the gateway ends.
        case is CancellationError:
            self = .busy(.said("the request left the line before it was sent: safe to repeat"))
        default: self.init(.internal, .gateway(.failed))
        }
    }

    private init(_ error: StoreError, at now: Timestamp) {
        self.init(error as any Failure)
        switch error {
        case .overSpending(_, let status, _):
            // What others spent is not for every member.
            if status.owner == .team {
                self = Problem(.notEnoughBudget, "the team's limit is used up")
            }
            retryAfter = status.resetsAt.map { $0 - now }
        case .overBudget: self = Problem(.notEnoughBudget, error.message)
        case .memberRevoked: self = .unauthenticated
        case .stillUnderWay: retryAfter = .seconds(5)
        default: break
        }
    }

    private init(_ error: DispatchError) {
        self.init(error as any Failure)
        guard let open = error.open else { return }
        let step = "repeat it only under its idempotency key, until the books have decided"
        self = Problem(reason, "\(message); \(step)")
        self.open = open
    }

    private init(_ failure: any Failure) {
        let reason = failure.kind.reason
        var message = failure.message
        if reason == .invalidRequest || reason == .conflict, let hint = failure.hint {
            message += " (\(hint))"
        }
        self.init(reason, reason.ownWord ?? .said(message))
    }

    private init(_ refusal: RoutingRefusal) {
        self.init(
            refusal.kind.reason,
            refusal.lacksOnlyCredits
                ? "no account has the credits for this request"
                : "no account can take this request now"
        )
    }

    private init(_ refusal: WaitRefusal) {
        let reason: Reason =
            switch refusal.lacking {
            case .slot: .noFreeSlot
            case .rest: .accountsRest
            case .credits: .notEnoughCredits
            case .budget: .notEnoughBudget
            case .account: .noEligibleAccount
            case .tier: .tier
            case .queue: .queueFull
            case .share: .memberShare
            }
        let words =
            switch refusal.lacking {
            case .slot: "every account that could take this request is busy"
            case .rest: "every account that could take this request rests"
            case .credits: "no account has the credits for this request"
            case .budget: "it costs more than you may still spend"
            case .account: "no account that could take this request is in use"
            case .tier: "no account that you may use has this model, or you may not use the model"
            case .queue: "too many requests wait already"
            case .share: "as many of your requests wait as one member may have in line"
            }
        self.init(reason, words, retryAfter: refusal.retryAfter)
    }

    static let unauthenticated = Problem(
        .unauthenticated,
        "a member's key is needed: Authorization: Bearer psr_…"
    )

    static func refusing(_ permissions: [Permission], to member: Member) -> Problem {
        Problem(.notAllowed, .roleForbids(member.role, permissions))
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        var problem = Problem(.bodyTooLarge, .form(.tooLarge(limit)))
        problem.endsConnection = true
        return problem
    }

    /// The gateway does as much for this member as it does for one alone.
    static func share(_ what: PageProblem) -> Problem {
        var problem = Problem(.memberShare, what, retryAfter: .seconds(1))
        problem.endsConnection = true
        return problem
    }

    /// The gateway has as much to do as it is allowed to take on.
    static func busy(_ what: PageProblem) -> Problem {
        var problem = Problem(.busy, what, retryAfter: .seconds(1))
        problem.endsConnection = true
        return problem
    }
}

extension Problem.Reason {
    /// Google's name for the status.
    var canonicalName: String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 408, 504: "DEADLINE_EXCEEDED"
        case 409: "ABORTED"
        case 429: "RESOURCE_EXHAUSTED"
        case 500: "INTERNAL"
        case 502, 503: "UNAVAILABLE"
        default: "INVALID_ARGUMENT"
        }
    }

    /// What is said where the error's own words stay in the log.
    fileprivate var ownWord: PageProblem? {
        switch self {
        case .internal: .gateway(.failed)
        case .vault: .gateway(.vault)
        case .storage: .gateway(.books)
        case .busy: .gateway(.busyBooks)
        default: nil
        }
    }
}

extension Problem {
    /// The head of the answer that tells of it.
    var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "application/json; charset=UTF-8"]
        headers.setRetryAfter(retryAfter, status: status)
        if let open {
            headers[named: "Purser-Submission"] = "\(open.submissionID)"
            headers[named: "Purser-Account"] = open.account
            headers[named: "Purser-Held"] = "\(open.held)"
        }
        if reason == .unauthenticated { headers[.wwwAuthenticate] = "Bearer" }
        if endsConnection { headers[.connection] = "close" }
        if let allowed { headers[.allow] = allowed.rawValue }
        return headers
    }

    /// The service's own envelope.
    var envelope: ByteBuffer {
        ByteBuffer(
            string: """
                {"error":{"code":\(status),"message":\(message.jsonQuoted),\
                "status":"\(reason.canonicalName)","details":[{\
                "@type":"type.googleapis.com/google.rpc.ErrorInfo",\
                "reason":"\(reason.rawValue)","domain":"purser"}]}}
                """
        )
    }
}

extension Response {
    /// The answer that tells of a problem.
    init(_ problem: Problem) {
        self.init(
            status: .init(code: problem.status),
            headers: problem.headers,
            body: .init(byteBuffer: problem.envelope)
        )
    }
}

extension HTTPFields {
    /// Says when to come back; a refusal for want of something always does, if only by a guess.
    mutating func setRetryAfter(_ wait: Duration?, status: Int) {
        guard let wait = wait ?? (status == 429 ? .seconds(60) : nil) else { return }
        // Rounded up: whoever comes back a moment too early is refused again.
        let (seconds, fraction) = wait.components
        self[.retryAfter] = String(Swift.max(1, fraction > 0 ? seconds + 1 : seconds))
    }
}
