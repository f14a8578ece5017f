/// How one attempt ended, as far as the books are concerned.
package enum Outcome: Sendable {
    case accepted(Acceptance)
    /// The provider said no and charged nothing.
    case refused(Refusal)
    /// Something was sent and no trustworthy answer came: it may have been charged.
    case unknown(reason: String, answer: ProviderAnswer?)
    /// No byte of the request left this machine; `failure` says more where it was ours.
    case notSent(reason: String, failure: (any Failure)? = nil)
}

/// The provider's own answer, for the caller; passed on unchanged.
package struct ProviderAnswer: Sendable, Equatable {
    package let status: Int
    package let contentType: String?
    package let body: [UInt8]
    /// How long the provider asks to wait; not kept with the answer.
    package let retryAfter: Duration?

    package init(
        status: Int,
        contentType: String?,
        body: [UInt8],
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.retryAfter = retryAfter
    }
}

/// The provider took the work.
package struct Acceptance: Sendable, Equatable {
    package let answer: ProviderAnswer
    package let jobs: [AcceptedJob]
    /// The account's whole balance after the charge, where the answer had it.
    package let remaining: Credits?
    /// Media an upload made.
    package let mediaIDs: [String]

    package init(
        answer: ProviderAnswer,
        jobs: [AcceptedJob],
        remaining: Credits?,
        mediaIDs: [String] = []
    ) {
        self.answer = answer
        self.jobs = jobs
        self.remaining = remaining
        self.mediaIDs = mediaIDs
    }
}

/// A job as the answer to its submission names it.
package struct AcceptedJob: Sendable, Equatable {
    package let operationName: String
    /// Its name in the other shape, where the answer is in both.
    package let alias: String?
    package let shape: ResponseShape
    package let sceneID: String?
    package let projectID: String?
    package let state: JobState

    package init(
        operationName: String,
        alias: String? = nil,
        shape: ResponseShape,
        sceneID: String?,
        projectID: String?,
        state: JobState
    ) {
        self.operationName = operationName
        self.alias = alias
        self.shape = shape
        self.sceneID = sceneID
        self.projectID = projectID
        self.state = state
    }
}

/// The provider said no, for a reason that its table tells apart.
package struct Refusal: Sendable, Equatable {
    package let cause: RefusalCause
    package let answer: ProviderAnswer
    /// The provider's message and reason, in words.
    package let message: String
    /// The provider's own `reason`, where it gave one.
    package let reason: String?
    package let retryAfter: Duration?

    package init(
        cause: RefusalCause,
        answer: ProviderAnswer,
        message: String,
        reason: String?,
        retryAfter: Duration? = nil
    ) {
        self.cause = cause
        self.answer = answer
        self.message = message
        self.reason = reason
        self.retryAfter = retryAfter
    }
}

/// The rows of the provider's error table that are told apart.
package enum RefusalCause: String, Sendable, CaseIterable {
    /// The caller's mistake: a 400 without a known reason.
    case badRequest = "bad_request"
    /// A 404: what the request names is not there, or not this account's.
    case notFound = "not_found"
    /// The content was refused: no other account is tried, none is to blame.
    case moderation
    case tokenDead = "token_dead"
    /// Wrong tier or key for this account.
    case modelAccess = "model_access"
    /// The service called the account's activity unusual: paused, and no other account is tried.
    case unusualActivity = "unusual_activity"
    /// The network was refused, not the account.
    case networkRefused = "network_refused"
    case throttled
    /// A limit the table does not list: the account rests, and nobody else is tried.
    case limited
    case dailyModelQuota = "daily_model_quota"
    case outOfCredits = "out_of_credits"
    case concurrencyLimit = "concurrency_limit"
    case tooMuchTraffic = "too_much_traffic"
    case serviceBusy = "service_busy"
    /// Region, age or app refused: the account is of no use until an operator looks.
    case accountUnusable = "account_unusable"
}
