package import PurserCore

/// Turns what the provider answered into what the books, the account and the caller get.
///
/// Pure.
package struct Settling: Sendable {
    private let claim: Claim
    private let earlierRests: [Rest]
    private let now: Timestamp

    package init(claim: Claim, earlierRests: [Rest], now: Timestamp) {
        self.claim = claim
        self.earlierRests = earlierRests
        self.now = now
    }

    /// Whether the submission is tried again, and where.
    package func next(after outcome: Outcome) -> RefusalCause.Next {
        switch outcome {
        case .refused(let refusal): refusal.cause.next
        // An unknown is never sent again by itself: it could be charged twice. And a network that
        // does not answer one account does not answer another.
        case .accepted, .unknown, .notSent: .giveBack
        }
    }

    /// The answer to keep for repeats under the same idempotency key: only a final one.
    package func finalAnswer(
        _ outcome: Outcome,
        next: RefusalCause.Next
    ) -> ProviderAnswer? {
        switch (outcome, next) {
        case (.accepted(let acceptance), _): acceptance.answer
        case (.refused(let refusal), .giveBack): refusal.answer
        case (.refused, _), (.unknown, _), (.notSent, _): nil
        }
    }

    package func settlement(
        _ outcome: Outcome,
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
                state: state(after: refusal),
                answer: answer,
                operation: operation
            )
        case .unknown(let reason, _):
            return Settlement(ending: .unknown, evidence: reason, operation: operation)
        case .notSent(let reason):
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
                shape: job.shape,
                sceneID: job.sceneID,
                projectID: job.projectID,
                accountID: claim.account.id,
                memberID: claim.memberID,
                submissionID: claim.submissionID,
                credentialVersion: claim.account.credentialVersion,
                modelID: element.modelID,
                modelKey: element.modelKey,
                price: index < claim.elements.count ? element.price : .zero,
                createdAt: now,
                state: job.state
            )
        }
    }

    private func rests(after refusal: Refusal) -> [Rest] {
        let rest = RestRule.rest(
            for: refusal,
            of: claim.account.id,
            model: claim.elements.first?.modelID,
            earlier: earlierRests,
            at: now
        )
        return rest.map { [$0] } ?? []
    }

    private func state(after refusal: Refusal) -> AccountState? {
        switch refusal.cause {
        case .tokenDead: .needsRotation(reason: "the service no longer accepts its token")
        case .unusualActivity:
            .paused(reason: "the service called its activity unusual")
        case .accountUnusable: .paused(reason: refusal.reason ?? refusal.message)
        default: nil
        }
    }
}
