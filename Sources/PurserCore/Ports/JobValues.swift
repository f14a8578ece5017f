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

    package init(
        openOnly: Bool = false,
        accountID: AccountID? = nil,
        memberID: MemberID? = nil,
        submissionID: SubmissionID? = nil,
        idPrefix: String? = nil,
        limit: Int? = nil
    ) {
        self.openOnly = openOnly
        self.accountID = accountID
        self.memberID = memberID
        self.submissionID = submissionID
        self.idPrefix = idPrefix
        self.limit = limit
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
    /// Names the refund-due entry that a failure writes.
    package let operation: OperationID

    package init(
        jobID: JobID,
        state: JobState,
        failure: String?,
        mediaIDs: [String],
        cause: RefusalCause? = nil,
        operation: OperationID
    ) {
        self.jobID = jobID
        self.state = state
        self.failure = failure
        self.mediaIDs = mediaIDs
        self.cause = cause
        self.operation = operation
    }
}
