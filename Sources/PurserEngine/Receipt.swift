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
    /// Why this account, in words.
    package let decision: String
    /// Earlier attempts and how they ended: "pro-1: 429 PUBLIC_ERROR_…".
    package let earlier: [String]
    /// The stored answer of an earlier submission under the same key: nothing was sent, nothing charged.
    package let isRepeat: Bool

    package var isAccepted: Bool { (200..<300).contains(answer.status) }
}

/// One try of a submission on one account.
struct Attempt: Sendable {
    let claim: Claim
    let outcome: Outcome

    var words: String {
        let end =
            switch outcome {
            case .accepted: "accepted"
            case .refused(let refusal):
                "\(refusal.answer.status) \(refusal.reason ?? refusal.message)"
            case .unknown(let reason, _): "unknown: \(reason)"
            case .notSent(let reason): "not sent: \(reason)"
            }
        return "\(claim.account.name): \(end)"
    }
}

/// The service gave no answer that settles the matter.
package enum DispatchError: Failure {
    /// Sent, and it may have been charged: the hold stays until a reading decides.
    case outcomeUnknown(account: String, held: Credits, reason: String)
    /// Nothing left this machine; the hold was released.
    case notSent(account: String, reason: String)
    /// The key was used by a submission whose outcome is still unknown.
    case repeatOfUnknown(SubmissionID)

    package var kind: FailureKind {
        switch self {
        case .outcomeUnknown, .repeatOfUnknown: .unknownOutcome
        case .notSent: .upstreamUnreachable
        }
    }

    package var message: String {
        switch self {
        case .outcomeUnknown(let account, let held, let reason):
            "the outcome on \(account) is unknown: \(reason); \(held) credits stay held"
        case .notSent(let account, let reason):
            "nothing was sent through \(account): \(reason); the hold was released"
        case .repeatOfUnknown(let id):
            "the first request under this idempotency key (submission \(id)) has an unknown outcome"
        }
    }

    package var hint: String? {
        switch self {
        case .outcomeUnknown, .repeatOfUnknown:
            "purser jobs check reads the balance and decides; do not send it again before that"
        case .notSent: "check the network and [upstream.flow] base-url, then send again"
        }
    }
}

extension Dispatcher {
    /// The last attempt's end, as the caller gets it.
    static func receipt(_ submission: Submission, _ attempts: [Attempt]) throws -> Receipt {
        guard let last = attempts.last else { throw EngineError.noAttempt }
        let claim = last.claim
        let answer: ProviderAnswer
        var remaining: Credits?
        var charged = Credits.zero
        switch last.outcome {
        case .accepted(let acceptance):
            answer = acceptance.answer
            remaining = acceptance.remaining
            charged = claim.price
        case .refused(let refusal): answer = refusal.answer
        case .unknown(let reason, _):
            throw DispatchError.outcomeUnknown(
                account: claim.account.name,
                held: claim.price,
                reason: reason
            )
        case .notSent(let reason):
            throw DispatchError.notSent(account: claim.account.name, reason: reason)
        }
        return Receipt(
            submissionID: submission.id,
            answer: answer,
            accountName: claim.account.name,
            tier: claim.account.tier,
            modelKeys: claim.elements.map(\.modelKey),
            held: claim.price,
            charged: charged,
            remaining: remaining,
            decision: claim.decision,
            earlier: attempts.dropLast().map(\.words),
            isRepeat: false
        )
    }

    /// The first answer again, without a second charge.
    func repeatedReceipt(_ record: SubmissionRecord) async throws -> Receipt {
        guard let sealed = record.answer else {
            throw DispatchError.repeatOfUnknown(record.id)
        }
        let answer = try engine.keyring.open(sealed, of: record.id)
        let overview = try await engine.store.accounts().first {
            $0.account.id == record.accountID
        }
        return Receipt(
            submissionID: record.id,
            answer: answer,
            accountName: overview?.account.name ?? "removed account",
            tier: overview?.account.tier,
            modelKeys: record.modelKeys,
            held: record.price,
            charged: .zero,
            remaining: nil,
            decision: "the first answer under this idempotency key",
            earlier: [],
            isRepeat: true
        )
    }
}
