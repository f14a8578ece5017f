/// What an upstream must do.
///
/// The engine knows accounts and books; a provider knows one wire protocol.
///
/// A credential is lent for the call only. No method retries: what is tried again, and
/// where, is decided by the engine from the outcome.
package protocol Provider: Sendable {
    /// Sends one submission. Never throws: a failure is an outcome, and whether bytes had left
    /// decides which.
    func submit(
        path: String,
        body: Payload,
        contentType: String,
        with credential: borrowing OpenCredential
    ) async -> Outcome

    /// Asks about jobs of one account, all of one shape. Answers in the order asked; a job that the
    /// provider does not mention is missing from the answer.
    func status(
        of jobs: [StatusQuery],
        shape: ResponseShape,
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> StatusReading

    /// Reads the account's balance and tier.
    func credits(
        with credential: borrowing OpenCredential
    ) async throws(ProviderFailure) -> CreditsReading
}

/// A job to ask about, with what the provider said of it last.
package struct StatusQuery: Sendable, Equatable {
    package let operationName: String
    package let sceneID: String?
    package let projectID: String?
    package let state: JobState

    package init(operationName: String, sceneID: String?, projectID: String?, state: JobState) {
        self.operationName = operationName
        self.sceneID = sceneID
        self.projectID = projectID
        self.state = state
    }
}

/// What the provider says of jobs, and perhaps of the balance.
package struct StatusReading: Sendable, Equatable {
    package let jobs: [JobReading]
    /// The account's whole balance; there once a job has ended.
    package let remaining: Credits?

    package init(jobs: [JobReading], remaining: Credits?) {
        self.jobs = jobs
        self.remaining = remaining
    }
}

/// What the provider says of one job.
package struct JobReading: Sendable, Equatable {
    /// The name that was asked for; the provider may have answered under the job's name in the other shape.
    package var operationName: String
    package let state: JobState
    package let failure: String?
    package let mediaIDs: [String]
    /// What the reason of a failure means: the same reasons as for a refusal.
    package let cause: RefusalCause?
    /// The provider's own words, byte for byte; empty where they are not passed on.
    package var element: [UInt8]

    package init(
        operationName: String,
        state: JobState,
        failure: String?,
        mediaIDs: [String],
        cause: RefusalCause? = nil,
        element: [UInt8] = []
    ) {
        self.operationName = operationName
        self.state = state
        self.failure = failure
        self.mediaIDs = mediaIDs
        self.cause = cause
        self.element = element
    }
}

/// Why a reading could not be made.
///
/// A reading that failed says nothing about a balance or a job.
package enum ProviderFailure: Failure {
    case unreachable(String)
    case refused(Refusal)
    case unreadable(String)
    case credential(CredentialError)

    package var kind: FailureKind {
        switch self {
        case .unreachable: .upstreamUnreachable
        case .refused: .upstreamRefused
        case .unreadable: .failed
        case .credential(let error): error.kind
        }
    }

    package var message: String {
        switch self {
        case .unreachable(let reason): "the service could not be reached: \(reason)"
        case .refused(let refusal):
            "the service refused (\(refusal.answer.status)): \(refusal.message)"
        case .unreadable(let what): "the service's answer could not be read: \(what)"
        case .credential(let error): error.message
        }
    }

    package var hint: String? {
        switch self {
        case .unreachable: "check the network and [upstream.flow] base-url, then try again"
        case .refused(let refusal) where refusal.cause == .tokenDead:
            "the token is not accepted: give a fresh one"
        case .refused, .unreadable: nil
        case .credential(let error): error.hint
        }
    }
}
