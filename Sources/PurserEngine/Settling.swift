import PurserCore

/// One try of a submission on one account.
struct Attempt: Sendable {
    let claim: Claim
    let outcome: Outcome
    /// The credential version it was sent with; `nil`, none was opened.
    let version: UInt64?

    /// Whether the submission may be tried again, and where.
    var next: RefusalCause.Next {
        switch outcome {
        case .refused(let refusal): refusal.cause.next
        // An unknown is never sent again by itself: it could be charged twice. And a network that
        // does not answer one account does not answer another.
        case .accepted, .unknown, .notSent: .giveBack
        }
    }

    /// How long to wait before a further attempt: nothing before another account is asked.
    func pause(atLeast backoff: Duration) -> Duration {
        guard next == .later, case .refused(let refusal) = outcome else { return .zero }
        return max(backoff, refusal.retryAfter ?? .zero)
    }

    var isTokenDead: Bool { outcome.isTokenDead }

    var words: String {
        let end =
            switch outcome {
            case .accepted: "accepted"
            case .refused(let refusal):
                "\(refusal.answer.status) \(refusal.reason ?? refusal.message)"
            case .unknown(let reason, _): "unknown: \(reason)"
            case .notSent(let reason, _): "not sent: \(reason)"
            }
        return "\(claim.account.name): \(end)"
    }
}

/// Turns what the provider answered into what the books and the account get.
///
/// Pure.
struct Settling: Sendable {
    private let claim: Claim
    private let outcome: Outcome
    private let version: UInt64
    private let now: Timestamp

    init(attempt: Attempt, now: Timestamp) {
        claim = attempt.claim
        outcome = attempt.outcome
        version = attempt.version ?? attempt.claim.account.credentialVersion
        self.now = now
    }

    /// The answer to keep for repeats under the same idempotency key.
    ///
    /// A refusal that would not come again (a busy service, a limit) is not kept: the key stays free for another try.
    var answerToKeep: ProviderAnswer? {
        switch outcome {
        case .accepted(let acceptance): acceptance.answer
        case .refused(let refusal) where refusal.cause.isFinal: refusal.answer
        case .refused, .unknown, .notSent: nil
        }
    }

    func settlement(
        answer: SealedAnswer?,
        operation: OperationID,
        newJobID: () -> JobID
    ) -> Settlement {
        switch outcome {
        case .accepted(let acceptance):
            return Settlement(
                ending: .settled(charged: claim.price, jobs: jobs(acceptance, newJobID)),
                evidence: evidence(of: acceptance),
                observed: acceptance.remaining,
                mediaIDs: acceptance.mediaIDs,
                answer: answer,
                operation: operation
            )
        case .refused(let refusal):
            return Settlement(
                ending: .voided,
                evidence: evidence(of: refusal),
                rests: rests(after: refusal),
                restsEveryAccount: refusal.cause.concernsAllAccounts,
                state: refusal.cause.state(refusal.reason ?? refusal.message),
                credentialVersion: version,
                doubtsTier: refusal.cause == .modelAccess,
                answer: answer,
                operation: operation
            )
        case .unknown(let reason, _):
            return Settlement(ending: .unknown, evidence: reason, operation: operation)
        case .notSent(let reason, _):
            return Settlement(
                ending: .voided,
                evidence: "nothing was sent: \(reason)",
                operation: operation
            )
        }
    }

    /// Fewer or more jobs than elements is for the next reading of the balance to explain: the
    /// price of every element is posted, for each was accepted together with the others.
    private func evidence(of acceptance: Acceptance) -> String {
        let keys = Set(claim.elements.map(\.modelKey)).sorted().joined(separator: ", ")
        let status = ([keys, "accepted (\(acceptance.answer.status))"]).filter { !$0.isEmpty }
            .joined(separator: ", ")
        guard acceptance.jobs.count != claim.elements.count else { return status }
        return "\(status), \(acceptance.jobs.count) jobs for \(claim.elements.count) elements"
    }

    private func evidence(of refusal: Refusal) -> String {
        [String(refusal.answer.status), refusal.reason ?? refusal.cause.rawValue]
            .joined(separator: " ")
    }

    private func jobs(_ acceptance: Acceptance, _ newJobID: () -> JobID) -> [Job] {
        acceptance.jobs.enumerated().compactMap { index, job in
            guard let element = claim.elements.dropFirst(index).first ?? claim.elements.last
            else { return nil }
            return Job(
                id: newJobID(),
                operationName: job.operationName,
                alias: job.alias,
                shape: job.shape,
                sceneID: job.sceneID,
                projectID: job.projectID,
                accountID: claim.account.id,
                memberID: claim.memberID,
                submissionID: claim.submissionID,
                credentialVersion: version,
                modelID: element.modelID,
                modelKey: element.modelKey,
                price: index < claim.elements.count ? element.price : .zero,
                createdAt: now,
                state: job.state
            )
        }
    }

    private func rests(after refusal: Refusal) -> [Rest] {
        RestRule.rests(
            for: refusal.cause,
            retryAfter: refusal.retryAfter,
            of: claim.account.id,
            models: claim.elements.map(\.modelID),
            price: claim.price,
            earlier: claim.earlierRests,
            at: now
        )
    }
}

extension Outcome {
    var isTokenDead: Bool {
        if case .refused(let refusal) = self { refusal.cause == .tokenDead } else { false }
    }
}
