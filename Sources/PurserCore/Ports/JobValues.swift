/// Which jobs are meant; conditions add up.
package struct JobFilter: Sendable {
    package var openOnly: Bool
    package var accountID: AccountID?
    package var memberID: MemberID?
    package var submissionID: SubmissionID?
    /// Jobs whose id or operation name begins with it.
    package var idPrefix: String?
    /// The newest so many; `nil`, all.
    package var limit: Int?
    /// Only what comes behind this one in the order of the list: for whoever reads it page by page.
    package var after: JobPlace?

    package init(
        openOnly: Bool = false,
        accountID: AccountID? = nil,
        memberID: MemberID? = nil,
        submissionID: SubmissionID? = nil,
        idPrefix: String? = nil,
        limit: Int? = nil,
        after: JobPlace? = nil
    ) {
        self.openOnly = openOnly
        self.accountID = accountID
        self.memberID = memberID
        self.submissionID = submissionID
        self.idPrefix = idPrefix
        self.limit = limit
        self.after = after
    }
}

/// Where a job stands in a list, the newest first.
///
/// Jobs keep their places, so that pages fit together while others are added.
package struct JobPlace: Sendable, Equatable {
    package let createdAt: Timestamp
    package let id: JobID

    package init(createdAt: Timestamp, id: JobID) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// What a status query said of one job.
package struct JobUpdate: Sendable, Equatable {
    package let jobID: JobID
    package let state: JobState
    package let failure: String?
    package let mediaIDs: [String]
    /// What the provider's reason for a failure means, where its table lists it.
    package let cause: RefusalCause?
    /// What the provider said at its end, for whoever asks later.
    package let answer: JobAnswer?
    /// Names the refund-due entry that a failure writes.
    package let operation: OperationID

    package init(
        jobID: JobID,
        state: JobState,
        failure: String?,
        mediaIDs: [String],
        cause: RefusalCause? = nil,
        answer: JobAnswer? = nil,
        operation: OperationID
    ) {
        self.jobID = jobID
        self.state = state
        self.failure = failure
        self.mediaIDs = mediaIDs
        self.cause = cause
        self.answer = answer
        self.operation = operation
    }
}

/// A call that holds nothing, or a job, that the provider refused: what is known of it beside the account.
package struct RefusedCall: Sendable, Equatable {
    package let cause: RefusalCause
    /// The provider's own.
    package let words: String
    package let retryAfter: Duration?
    /// The credential version that was answered.
    package let credentialVersion: UInt64
    /// When it was sent: what is known since then it does not contradict.
    package let begunAt: Timestamp

    package init(
        cause: RefusalCause,
        words: String,
        retryAfter: Duration? = nil,
        credentialVersion: UInt64,
        begunAt: Timestamp
    ) {
        self.cause = cause
        self.words = words
        self.retryAfter = retryAfter
        self.credentialVersion = credentialVersion
        self.begunAt = begunAt
    }
}

/// What the provider said of a job at its end, in one of its shapes; sealed, because it holds a member's content.
package struct JobAnswer: Sendable, Equatable {
    package let shape: ResponseShape
    package let sealed: SealedAnswer

    package init(shape: ResponseShape, sealed: SealedAnswer) {
        self.shape = shape
        self.sealed = sealed
    }
}

/// A job that was looked for by a name the provider has for it.
package struct NamedJob: Sendable, Equatable {
    package let name: String
    package let job: Job
    /// What the provider said at its end in the shape looked for, where that is kept.
    package let answer: SealedAnswer?

    package init(name: String, job: Job, answer: SealedAnswer?) {
        self.name = name
        self.job = job
        self.answer = answer
    }
}
