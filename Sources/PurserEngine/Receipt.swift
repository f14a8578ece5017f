package import PurserCore

/// What became of a submission: the service's answer, and what the books say of it.
package struct Receipt: Sendable {
    package let submissionID: SubmissionID
    /// The service's own answer, unchanged.
    package let answer: ProviderAnswer
    package let accountName: String
    package let tier: Tier?
    package let modelKeys: [String]
    package let held: Credits
    /// What was posted; 0 after a refusal.
    package let charged: Credits
    /// The account's balance in the answer, where it had one.
    package let remaining: Credits?
    /// Media an upload made.
    package let mediaIDs: [String]
    /// Why this account, in words.
    package let decision: String
    /// Earlier attempts and how they ended: "pro-1: 429 PUBLIC_ERROR_…".
    package let earlier: [String]
    /// The stored answer of an earlier submission under the same key: nothing was sent, nothing charged.
    package let isRepeat: Bool
    /// Limits on the member's and the team's spending whose warning is due, with this hold counted.
    package let warnings: [SpendingStatus]

    /// The warnings in words: "the member's limit of 500 a day: 300 spent, 100 held".
    package var warningWords: [String] {
        warnings.map { limit in
            "\(limit.owner == .team ? "the team's" : "the member's") limit of \(limit.words)"
        }
    }

    package var isAccepted: Bool { (200..<300).contains(answer.status) }
}

/// The service gave no answer that settles the matter.
package enum DispatchError: Failure {
    /// Sent, and it may have been charged: the hold stays until a reading decides.
    case outcomeUnknown(Open, reason: String)
    /// Nothing left this machine; the hold was released.
    case notSent(account: String, reason: String)
    /// Answered, but the books could not be written: the hold stays until a reading decides.
    case answerNotBooked(Open, jobs: [String], reason: String)
    /// The key was used by a submission whose outcome is still unknown.
    case repeatOfUnknown(Open)
    /// The key was used by a submission that was charged, and whose answer never arrived.
    case answerLost(SubmissionID, charged: Credits)

    /// What was sent and is not decided.
    package struct Open: Sendable, Equatable {
        package let submissionID: SubmissionID
        /// The name of the account that it was sent through.
        package let account: String
        /// Credits that stay held.
        package let held: Credits

        package init(_ submissionID: SubmissionID, account: String, held: Credits) {
            self.submissionID = submissionID
            self.account = account
            self.held = held
        }

        fileprivate init(_ claim: Claim) {
            self.init(claim.submissionID, account: claim.account.name, held: claim.price)
        }
    }

    /// Where the books must decide: under which id they know it, and what it holds.
    package var open: Open? {
        switch self {
        case .outcomeUnknown(let open, _), .answerNotBooked(let open, _, _),
            .repeatOfUnknown(let open):
            open
        case .notSent, .answerLost: nil
        }
    }

    static func notBooked(_ attempt: Attempt, _ error: any Error) -> DispatchError {
        var jobs: [String] = []
        if case .accepted(let acceptance) = attempt.outcome {
            jobs = acceptance.jobs.map(\.operationName)
        }
        return .answerNotBooked(
            Open(attempt.claim),
            jobs: jobs,
            reason: (error as? any Failure)?.message ?? "\(error)"
        )
    }

    package var kind: FailureKind {
        switch self {
        case .outcomeUnknown, .repeatOfUnknown, .answerNotBooked: .unknownOutcome
        case .notSent: .upstreamUnreachable
        case .answerLost: .conflict
        }
    }

    package var message: String {
        switch self {
        case .outcomeUnknown(let open, let reason):
            "the outcome on \(open.account) is unknown: \(reason); \(open.held) credits stay held"
        case .notSent(let account, let reason):
            "nothing was sent through \(account): \(reason); the hold was released"
        case .answerNotBooked(let open, let jobs, let reason):
            "\(open.account) answered (jobs: \(jobs.isEmpty ? "none" : jobs.joined(separator: ", "))), but it could not be booked: \(reason); the hold stays"
        case .repeatOfUnknown(let open):
            "the first request under this idempotency key (submission \(open.submissionID)) has an unknown outcome"
        case .answerLost(let id, .zero):
            "the first request under this idempotency key (submission \(id)) may have been charged in place of another, and its answer was lost"
        case .answerLost(let id, let charged):
            "the first request under this idempotency key (submission \(id)) was charged \(charged) credits, and its answer was lost"
        }
    }

    package var hint: String? {
        switch self {
        case .outcomeUnknown, .repeatOfUnknown, .answerNotBooked:
            "purser jobs check reads the balance and decides; do not send it again before that"
        case .notSent: "check the network and [upstream.flow] base-url, then send again"
        case .answerLost: "look for the video in the service's own page; another key sends it again"
        }
    }
}

extension Dispatcher {
    /// An attempt's end, as the caller gets it.
    func receipt(
        _ submission: Submission,
        _ attempt: Attempt,
        earlier: [Attempt]
    ) throws -> Receipt {
        let claim = attempt.claim
        let answer: ProviderAnswer
        var acceptance: Acceptance?
        switch attempt.outcome {
        case .accepted(let accepted):
            answer = accepted.answer
            acceptance = accepted
        case .refused(let refusal): answer = refusal.answer
        case .unknown(let reason, _):
            throw DispatchError.outcomeUnknown(DispatchError.Open(claim), reason: reason)
        case .notSent(_, .some(let failure)): throw failure
        case .notSent(let reason, nil):
            throw DispatchError.notSent(account: claim.account.name, reason: reason)
        }
        return Receipt(
            submissionID: submission.id,
            answer: answer,
            accountName: claim.account.name,
            tier: claim.account.tier,
            modelKeys: claim.elements.map(\.modelKey),
            held: claim.price,
            charged: acceptance == nil ? .zero : claim.price,
            remaining: acceptance?.remaining,
            mediaIDs: acceptance?.mediaIDs ?? [],
            decision: claim.decision,
            earlier: earlier.map(\.words),
            isRepeat: false,
            warnings: claim.warnings
        )
    }

    /// The first answer again, without a second charge.
    func repeatedReceipt(_ record: SubmissionRecord) async throws -> Receipt {
        var account: Account?
        if let id = record.accountID { account = try await engine.store.account(id) }
        let accountName = account?.name ?? "removed account"
        guard let sealed = record.answer else {
            guard record.state == .finished else {
                throw DispatchError.repeatOfUnknown(
                    DispatchError.Open(record.id, account: accountName, held: record.price)
                )
            }
            throw DispatchError.answerLost(record.id, charged: record.price)
        }
        let answer = try await engine.keyring.open(sealed, of: .submission(record.id))
        return Receipt(
            submissionID: record.id,
            answer: answer,
            accountName: accountName,
            tier: account?.tier,
            modelKeys: record.modelKeys,
            held: record.price,
            charged: .zero,
            remaining: nil,
            mediaIDs: [],
            decision: "the first answer under this idempotency key",
            earlier: [],
            isRepeat: true,
            warnings: []
        )
    }
}
