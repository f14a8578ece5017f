import Logging
package import PurserCore
import PurserVault

/// Sends a submission through the account that suits it best.
///
/// The file to read first.
///
/// The order is what keeps the books right (`Documentation/Ledger.md`): the hold is durable before a byte is sent, and
/// what may have been sent is never released by time. A crash anywhere leaves at most an open
/// hold, which a later sweep turns into an unknown.
package struct Dispatcher: Sendable {
    let engine: Engine

    package init(_ engine: Engine) {
        self.engine = engine
    }

    /// Claims, sends, settles; tries again only where the service's error table allows it.
    ///
    /// Throws `RoutingRefusal` when no account can take the request, `DispatchError` when the outcome is no
    /// answer of the service, and the store's errors. An answer of the service, good or bad, is a
    /// receipt.
    package func dispatch(_ submission: Submission) async throws -> Receipt {
        _ = try await engine.store.sweep(at: engine.ambient.now())
        return try await dispatch(submission) {
            try await engine.store.claim($0, at: engine.ambient.now())
        }
    }

    /// The same where `claim` may take its time, and others sweep.
    ///
    /// A caller that was cancelled before anything was sent holds nothing.
    func dispatch(
        _ submission: Submission,
        claim claimed: (ClaimOrder) async throws -> ClaimResult
    ) async throws -> Receipt {
        var request = try engine.resolver.routeRequest(
            for: submission.body,
            call: submission.call,
            only: submission.only,
            maxCredits: submission.maxCredits
        )
        let fingerprint = try await fingerprint(of: submission)
        var tried: Set<AccountID> = []
        var earlier: [Attempt] = []
        var busyPause = engine.settings.busyBackoff
        var deadline: Timestamp?
        while true {
            let number = earlier.count + 1
            let order = claimOrder(
                for: submission,
                fingerprint: fingerprint,
                request: request.trying(without: tried),
                attempt: number
            )
            let claim: Claim
            do {
                switch try await claimed(order) {
                case .claimed(let fresh):
                    if Task.isCancelled { try await release(fresh) }
                    claim = fresh
                case .repeated(let record): return try await repeated(record, of: order)
                }
            } catch let error where error.leavesLastAnswer {
                guard let last = earlier.popLast() else { throw error }
                return try receipt(submission, last, earlier: earlier)
            }
            let limit = deadline ?? engine.ambient.now() + engine.settings.retryWithin
            deadline = limit
            let attempt = try await carryOut(submission, claim)
            let pause = attempt.pause(atLeast: busyPause)
            guard number < engine.settings.attempts, attempt.next != .giveBack,
                engine.ambient.now() + pause <= limit
            else { return try receipt(submission, attempt, earlier: earlier) }
            if attempt.next == .later {
                // "Retry later on the same account": the service is busy, not this account.
                request = request.restricted(to: claim.account.id)
                do { try await engine.ambient.sleep(pause) } catch {
                    // The caller tries no more; what was said last is theirs.
                    return try receipt(submission, attempt, earlier: earlier)
                }
                busyPause = min(busyPause * 2, EngineSettings.longestBackoff)
            } else if await isStillAsItWas(attempt) {
                tried.insert(claim.account.id)
            }
            earlier.append(attempt)
        }
    }

    /// The first answer again; it is read once more where the vault key was rotated between reading and opening it.
    private func repeated(_ record: SubmissionRecord, of order: ClaimOrder) async throws -> Receipt
    {
        var record = record
        while true {
            do {
                return try await repeatedReceipt(record)
            } catch let error as VaultError {
                // One that stays as it was is one that no rotation could take along.
                guard case .earlierEpoch = error,
                    case .repeated(let again) = try await engine.store.claim(
                        order,
                        at: engine.ambient.now()
                    ), again.answer != record.answer
                else { throw error }
                record = again
            }
        }
    }

    /// Whether the account would answer the same again: a wrong tier that was corrected is no reason to pass it over.
    ///
    /// What cannot be read is taken to be as it was, so that the answer at hand is not lost to it.
    private func isStillAsItWas(_ attempt: Attempt) async -> Bool {
        guard case .refused(let refusal) = attempt.outcome, refusal.cause == .modelAccess
        else { return true }
        let before = attempt.claim.account
        do {
            return try await engine.store.account(before.id)?.tier ?? before.tier == before.tier
        } catch {
            engine.logger.warning("an account could not be read", metadata: ["error": "\(error)"])
            return true
        }
    }

    private func claimOrder(
        for submission: Submission,
        fingerprint: [UInt8],
        request: RouteRequest,
        attempt: Int
    ) -> ClaimOrder {
        ClaimOrder(
            submissionID: submission.id,
            attempt: attempt,
            memberID: submission.memberID,
            idempotencyKey: submission.idempotencyKey,
            fingerprint: fingerprint,
            path: submission.call.path,
            request: request,
            mediaIDs: submission.body.mediaIDs,
            operation: engine.ambient.newID()
        )
    }

    /// What a repeat under the same idempotency key must be equal in: the call, and the body as it came.
    private func fingerprint(of submission: Submission) async throws -> [UInt8] {
        let start = Array(submission.call.path.utf8) + [0]
        let body = submission.body.strict
        if body.isWhole { return Digest.sha256(start + body.bytes) }
        var offset: Int?
        return try await Digest.sha256 {
            guard let from = offset else {
                offset = 0
                return start
            }
            let part = try await body.part(from: from, upTo: Payload.partSize)
            offset = from + part.count
            return part.isEmpty ? nil : part
        }
    }

    /// Sends and settles, to the end even if the caller gives up meanwhile: a hold whose answer was dropped would
    /// stay undecided for as long as this process lives.
    private func carryOut(_ submission: Submission, _ claim: Claim) async throws -> Attempt {
        try await Task {
            let attempt = await send(submission, on: claim)
            try await settle(attempt)
            await followUp(attempt)
            return attempt
        }.value
    }

    /// Gives back what was claimed for a caller that is gone, and says so.
    private func release(_ claim: Claim) async throws {
        try await Task {
            let outcome = Outcome.notSent(reason: "the caller had left")
            try await settle(Attempt(claim: claim, outcome: outcome, version: nil))
        }.value
        throw CancellationError()
    }

    // MARK: Sending

    /// Opens the claimed account's token for the time of the call and no longer.
    ///
    /// Which version is in place the vault's sealed record decides: the account's own column is a copy in clear. A 401
    /// charged nothing, so the same hold carries a second try with a token that came after.
    private func send(_ submission: Submission, on claim: Claim) async -> Attempt {
        let account = claim.account
        let body = submission.body.rewritten(
            tier: account.tier,
            modelKeys: claim.elements.map(\.modelKey),
            projectID: account.settings.projectID
        )
        do {
            return try await TokenDesk(engine).lend(of: account, isRefused: \.isTokenDead) {
                credential in
                let outcome = await engine.provider.submit(
                    path: submission.call.path,
                    body: body,
                    contentType: submission.contentType,
                    with: credential
                )
                return Attempt(claim: claim, outcome: outcome, version: credential.version)
            }
        } catch {
            // The provider never throws, so the vault did, before anything was sent.
            let failure = error as? any Failure
            let reason = failure?.message ?? "the token could not be opened"
            return Attempt(
                claim: claim,
                outcome: .notSent(reason: reason, failure: failure),
                version: nil
            )
        }
    }
}

extension Error {
    /// Whether no further attempt can be made, so that the last answer stands: no other account can take the submission,
    /// the budget bears none, the caller makes none, or between two attempts another request took its idempotency key over.
    fileprivate var leavesLastAnswer: Bool {
        if let error = self as? StoreError, case .stillUnderWay = error { return true }
        if self is CancellationError { return true }
        guard let refusal = self as? any Failure else { return false }
        return [.noEligibleAccount, .notEnoughCredits, .notEnoughBudget].contains(refusal.kind)
    }
}
