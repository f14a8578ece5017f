/// A generation under way, or ended, at the provider.
package struct Job: Sendable, Equatable, Identifiable {
    package let id: JobID
    /// The provider's name for it: an operation name, or a medium's name in the newer shape.
    package let operationName: String
    /// Its name in the other shape, where the provider told both.
    package let alias: String?
    package let shape: ResponseShape
    package let sceneID: String?
    package let projectID: String?
    package let accountID: AccountID
    package let memberID: MemberID
    package let submissionID: SubmissionID
    /// The credential version that submitted it; status queries keep using it while it exists.
    package let credentialVersion: UInt64
    package let modelID: ModelID
    package let modelKey: String
    package let price: Credits
    package let createdAt: Timestamp
    package var state: JobState
    package var endedAt: Timestamp?
    /// The provider's reason for a failure, as it came.
    package var failure: String?
    /// Media the job made, in the provider's order.
    package var mediaIDs: [String]
    package var refund: RefundState

    package init(
        id: JobID,
        operationName: String,
        alias: String? = nil,
        shape: ResponseShape,
        sceneID: String?,
        projectID: String?,
        accountID: AccountID,
        memberID: MemberID,
        submissionID: SubmissionID,
        credentialVersion: UInt64,
        modelID: ModelID,
        modelKey: String,
        price: Credits,
        createdAt: Timestamp,
        state: JobState = .pending,
        endedAt: Timestamp? = nil,
        failure: String? = nil,
        mediaIDs: [String] = [],
        refund: RefundState = .none
    ) {
        self.id = id
        self.operationName = operationName
        self.alias = alias
        self.shape = shape
        self.sceneID = sceneID
        self.projectID = projectID
        self.accountID = accountID
        self.memberID = memberID
        self.submissionID = submissionID
        self.credentialVersion = credentialVersion
        self.modelID = modelID
        self.modelKey = modelKey
        self.price = price
        self.createdAt = createdAt
        self.state = state
        self.endedAt = endedAt
        self.failure = failure
        self.mediaIDs = mediaIDs
        self.refund = refund
    }
}

/// The two shapes in which the provider answers.
package enum ResponseShape: String, Sendable {
    case operations
    case media
}

/// The provider's states, without their prefix.
///
/// One we do not know keeps its name and means: ask again.
package enum JobState: Sendable, Hashable {
    case scheduled
    case pending
    case active
    case successful
    case failed
    case canceled
    case filtered
    /// The provider knows nothing of it any more, and never told an end: it may have made the video or not.
    ///
    /// It holds no slot; what the provider says of it later counts.
    case lost
    case other(String)

    private static let known: [(JobState, String)] = [
        (.scheduled, "SCHEDULED"), (.pending, "PENDING"), (.active, "ACTIVE"),
        (.successful, "SUCCESSFUL"), (.failed, "FAILED"), (.canceled, "CANCELED"),
        (.filtered, "FILTERED"),
        (.lost, "LOST"),
    ]
    package static let wirePrefix = "MEDIA_GENERATION_STATUS_"

    package init(wireName: String) {
        let name =
            wireName.hasPrefix(Self.wirePrefix)
            ? String(wireName.dropFirst(Self.wirePrefix.count)) : wireName
        self = Self.known.first { $0.1 == name }?.0 ?? .other(name)
    }

    /// The provider's word; it has none for a lost job, which it never said had ended.
    package var wireName: String {
        Self.wirePrefix + (self == .lost ? Self.pending : self).shortName
    }

    /// The name in the database, in JSON and in tables: `SUCCESSFUL`.
    package var shortName: String {
        if case .other(let name) = self { return name }
        return Self.known.first { $0.0 == self }?.1 ?? ""
    }

    /// Whether nothing more will happen.
    ///
    /// Never true of a state we do not know.
    package var hasEnded: Bool {
        switch self {
        case .successful, .failed, .canceled, .filtered: true
        case .scheduled, .pending, .active, .lost, .other: false
        }
    }

    /// Whether an end may come soon, so that it is worth waiting for.
    package var isUnderWay: Bool { !hasEnded && self != .lost }

    /// Whether the provider gives the price back.
    package var isRefunded: Bool {
        switch self {
        case .failed, .filtered: true
        default: false
        }
    }
}

/// Where the price of a failed job is.
package enum RefundState: String, Sendable {
    case none
    case due
    case refunded
}
