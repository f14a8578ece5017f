/// Everything a claim needs to be taken in one transaction.
package struct ClaimOrder: Sendable {
    package let submissionID: SubmissionID
    package let attempt: Int
    package let memberID: MemberID
    package let idempotencyKey: String?
    /// SHA-256 of path and body: the same key with another fingerprint is a conflict.
    package let fingerprint: [UInt8]
    package let path: String
    package let request: RouteRequest
    package let mediaIDs: [String]
    /// Names this write; a repeat under it returns the same claim.
    package let operation: OperationID

    package init(
        submissionID: SubmissionID,
        attempt: Int,
        memberID: MemberID,
        idempotencyKey: String?,
        fingerprint: [UInt8],
        path: String,
        request: RouteRequest,
        mediaIDs: [String],
        operation: OperationID
    ) {
        self.submissionID = submissionID
        self.attempt = attempt
        self.memberID = memberID
        self.idempotencyKey = idempotencyKey
        self.fingerprint = fingerprint
        self.path = path
        self.request = request
        self.mediaIDs = mediaIDs
        self.operation = operation
    }
}

/// What a claim came to, where it was not refused.
package enum ClaimResult: Sendable {
    case claimed(Claim)
    /// The key was used before with the same content: here is what came of it.
    case repeated(SubmissionRecord)
}

/// How far the books have come, as far as routing looks at them; any change makes it another.
package struct RoutingRevision: Sendable, Equatable {
    package let lastEntry: Int64
    package let accounts: Int64
    /// What members may use and spend.
    package let members: Int64

    package init(lastEntry: Int64, accounts: Int64, members: Int64 = 0) {
        self.lastEntry = lastEntry
        self.accounts = accounts
        self.members = members
    }
}

/// How far a submission is: `unknown` waits for a reading to decide it.
package enum SubmissionState: String, Sendable {
    case underWay = "under_way"
    case finished
    case unknown
}

/// What is kept of a submission for repeats under its idempotency key.
package struct SubmissionRecord: Sendable, Equatable {
    package let id: SubmissionID
    package let state: SubmissionState
    package let accountID: AccountID?
    /// What was held for it; what was charged, where a reading decided so.
    package let price: Credits
    package let modelKeys: [String]
    package let createdAt: Timestamp
    /// `nil` in a finished one: a reading showed that it was charged, and the answer never came.
    package let answer: SealedAnswer?

    package init(
        id: SubmissionID,
        state: SubmissionState,
        accountID: AccountID?,
        price: Credits,
        modelKeys: [String],
        createdAt: Timestamp,
        answer: SealedAnswer?
    ) {
        self.id = id
        self.state = state
        self.accountID = accountID
        self.price = price
        self.modelKeys = modelKeys
        self.createdAt = createdAt
        self.answer = answer
    }
}

/// What a kept answer is the answer to; it is sealed for that place and opens nowhere else.
package enum AnswerPlace: Sendable, Hashable {
    case submission(SubmissionID)
    case job(JobID, ResponseShape)
}

/// The provider's answer as it is kept for repeats: sealed, because it may hold a member's content.
package struct SealedAnswer: Sendable, Equatable {
    package let status: Int
    package let contentType: String?
    package let epoch: UInt32
    package let sealed: [UInt8]

    package init(status: Int, contentType: String?, epoch: UInt32, sealed: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.epoch = epoch
        self.sealed = sealed
    }
}

/// How a claim ended and everything that follows from it, written together.
package struct Settlement: Sendable {
    /// How the hold ends.
    package enum Ending: Sendable {
        /// The provider took the work: `charged` is posted and the rest of the hold released.
        case settled(charged: Credits, jobs: [Job])
        case voided
        case unknown
    }

    package let ending: Ending
    /// What the books say of it: "429 PUBLIC_ERROR_USER_REQUESTS_THROTTLED".
    package let evidence: String
    /// The provider's balance in the answer, recorded as an observation.
    package let observed: Credits?
    package let mediaIDs: [String]
    package let rests: [Rest]
    /// Whether the rests hold for every account of the upstream, not for the claimed one alone.
    package let restsEveryAccount: Bool
    /// The account's new state, where the answer changes it.
    package let state: AccountState?
    /// The credential version that was answered; `nil`, the one the account had when it was claimed.
    package let credentialVersion: UInt64?
    /// Whether the answer casts doubt on the account's tier: the next reading of a lower one then counts.
    package let doubtsTier: Bool
    /// A final answer is stored for repeats; an attempt that is followed by another has none.
    package var answer: SealedAnswer?
    package let operation: OperationID

    package init(
        ending: Ending,
        evidence: String,
        observed: Credits? = nil,
        mediaIDs: [String] = [],
        rests: [Rest] = [],
        restsEveryAccount: Bool = false,
        state: AccountState? = nil,
        credentialVersion: UInt64? = nil,
        doubtsTier: Bool = false,
        answer: SealedAnswer? = nil,
        operation: OperationID
    ) {
        self.ending = ending
        self.evidence = evidence
        self.observed = observed
        self.mediaIDs = mediaIDs
        self.rests = rests
        self.restsEveryAccount = restsEveryAccount
        self.state = state
        self.credentialVersion = credentialVersion
        self.doubtsTier = doubtsTier
        self.answer = answer
        self.operation = operation
    }
}

/// Which entries are meant: of one ledger account or of all, from an instant on, before another.
package struct EntryFilter: Sendable {
    package var ledgerAccount: LedgerAccountID?
    package var from: Timestamp?
    package var to: Timestamp?
    /// The newest so many, still in order of time; `nil`, all.
    package var limit: Int?

    package init(
        ledgerAccount: LedgerAccountID? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        limit: Int? = nil
    ) {
        self.ledgerAccount = ledgerAccount
        self.from = from
        self.to = to
        self.limit = limit
    }
}

/// A hold that is not decided.
package struct OpenHold: Sendable, Equatable {
    package let accountID: AccountID
    package let sequence: Int64
    package let submissionID: SubmissionID
    package let amount: Credits
    package let heldAt: Timestamp
    /// When it became unknown; `nil`, it is under way.
    package let unknownSince: Timestamp?

    package init(
        accountID: AccountID,
        sequence: Int64,
        submissionID: SubmissionID,
        amount: Credits,
        heldAt: Timestamp,
        unknownSince: Timestamp?
    ) {
        self.accountID = accountID
        self.sequence = sequence
        self.submissionID = submissionID
        self.amount = amount
        self.heldAt = heldAt
        self.unknownSince = unknownSince
    }
}
