/// Who did something, for the audit trail: `cli:alice`.
package struct Actor: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What is to be written to the audit trail, in the transaction of what it tells of.
package struct AuditRecord: Sendable, Equatable {
    package let actor: Actor
    /// What was done, such as `account.rotate` or `token.reveal`.
    package let verb: String
    /// The name of what it was done to.
    package let subject: String
    /// What changed, in words; never a token.
    package let detail: String

    package init(actor: Actor, verb: String, subject: String, detail: String = "") {
        self.actor = actor
        self.verb = verb
        self.subject = subject
        self.detail = detail
    }
}

/// A line of the audit trail; its hash covers the one before it.
package struct AuditEntry: Sendable, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let record: AuditRecord
    package let hash: [UInt8]

    package init(sequence: Int64, at: Timestamp, record: AuditRecord, hash: [UInt8]) {
        self.sequence = sequence
        self.at = at
        self.record = record
        self.hash = hash
    }
}

/// The first entry of an account's ledger account.
package struct Opening: Sendable, Equatable {
    package let credits: Credits
    /// `read from the service`, or `told by the operator`.
    package let evidence: String
    package let operation: OperationID

    package init(credits: Credits, evidence: String, operation: OperationID) {
        self.credits = credits
        self.evidence = evidence
        self.operation = operation
    }
}

/// What changes of an account; what is `nil` stays.
package struct AccountChange: Sendable, Equatable {
    package var name: String?
    package var tier: Tier?
    /// An account that needs a rotation takes another state by a fresh credential only.
    package var state: AccountState?
    package var settings: SettingsChange

    package init(
        name: String? = nil,
        tier: Tier? = nil,
        state: AccountState? = nil,
        settings: SettingsChange = SettingsChange()
    ) {
        self.name = name
        self.tier = tier
        self.state = state
        self.settings = settings
    }
}

/// What changes of an account's settings; what is `nil` stays, and an inner `nil` takes a setting away.
///
/// Each setting stands for itself, so that two changes at once cannot undo each other.
package struct SettingsChange: Sendable, Equatable {
    package var projectID: String??
    package var maxInFlight: Int?
    package var reserve: Credits?
    package var monthlyCredits: Credits??
    package var renewsOnDay: Int??
    package var tags: [String]?

    package init() {}

    /// The settings as they are after the change.
    package func applied(to settings: AccountSettings) -> AccountSettings {
        var settings = settings
        if let projectID { settings.projectID = projectID }
        if let maxInFlight { settings.maxInFlight = maxInFlight }
        if let reserve { settings.reserve = reserve }
        if let monthlyCredits { settings.monthlyCredits = monthlyCredits }
        if let renewsOnDay { settings.renewsOnDay = renewsOnDay }
        if let tags { settings.tags = tags }
        return settings
    }
}

/// An account with what its books, its jobs and its readings say.
package struct AccountOverview: Sendable, Equatable {
    package let candidate: Candidate
    package let lastObserved: Observation?
    /// Credits of holds whose outcome is unknown (part of `held`), and of refunds not yet seen.
    package let unknown: Credits
    package let refundsDue: Credits
    /// A reading outside what the books allow, not yet explained.
    package let drift: Credits?

    package var account: Account { candidate.account }
    package var balance: Balance? { candidate.balance }

    package init(
        candidate: Candidate,
        lastObserved: Observation?,
        unknown: Credits,
        refundsDue: Credits,
        drift: Credits?
    ) {
        self.candidate = candidate
        self.lastObserved = lastObserved
        self.unknown = unknown
        self.refundsDue = refundsDue
        self.drift = drift
    }
}

/// When the provider said which number.
package struct Observation: Sendable, Equatable {
    package let credits: Credits
    package let at: Timestamp

    package init(credits: Credits, at: Timestamp) {
        self.credits = credits
        self.at = at
    }
}

/// A member with what is left of their budget.
package struct MemberOverview: Sendable, Equatable {
    package let member: Member
    /// `nil` when the member has no budget.
    package let budget: Balance?

    package init(member: Member, budget: Balance?) {
        self.member = member
        self.budget = budget
    }
}

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
    /// A final answer is stored for repeats; an attempt that is followed by another has none.
    package let answer: SealedAnswer?
    package let operation: OperationID

    package init(
        ending: Ending,
        evidence: String,
        observed: Credits? = nil,
        mediaIDs: [String] = [],
        rests: [Rest] = [],
        restsEveryAccount: Bool = false,
        state: AccountState? = nil,
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
        self.answer = answer
        self.operation = operation
    }
}

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
    /// Names the refund-due entry that a failure writes.
    package let operation: OperationID

    package init(
        jobID: JobID,
        state: JobState,
        failure: String?,
        mediaIDs: [String],
        operation: OperationID
    ) {
        self.jobID = jobID
        self.state = state
        self.failure = failure
        self.mediaIDs = mediaIDs
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
