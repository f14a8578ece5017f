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
    /// Throws `RoutingRefusal` when no account can take the request, `DispatchError` when the outcome is no answer of
    /// the service, and the store's errors. An answer of the service, good or bad, is a receipt.
    package func dispatch(_ submission: Submission) async throws -> Receipt {
        _ = try await engine.store.sweep(at: engine.ambient.now())
        let request = try routeRequest(for: submission)
        var attempts: [Attempt] = []
        var tried: Set<AccountID> = []
        var busyPause = engine.settings.busyBackoff
        while true {
            let isLast = attempts.count + 1 >= engine.settings.attempts
            let order = claimOrder(
                for: submission,
                request: request.trying(without: tried),
                attempt: attempts.count + 1
            )
            let claim: Claim
            switch try await claimResult(order, after: attempts) {
            case .claimed(let fresh): claim = fresh
            case .repeated(let record): return try await repeatedReceipt(record)
            case nil: return try Self.receipt(submission, attempts)
            }
            let outcome = await send(submission, on: claim)
            attempts.append(Attempt(claim: claim, outcome: outcome))
            let next = try await settle(claim, outcome, isLast: isLast)
            switch next {
            case .giveBack: return try Self.receipt(submission, attempts)
            case .another: tried.insert(claim.account.id)
            case .later:
                try await engine.ambient.sleep(busyPause)
                busyPause = busyPause * 2
            }
        }
    }

    /// What the request needs, or why it can never be served.
    package func routeRequest(for submission: Submission) throws -> RouteRequest {
        guard submission.call.makesVideos else {
            return RouteRequest(
                models: [],
                only: submission.only,
                maxCredits: submission.maxCredits
            )
        }
        let resolver = ModelResolver(
            catalogue: engine.catalogue,
            unknownModelPrice: engine.settings.unknownModelPrice
        )
        let resolved = try resolver.models(of: submission.body)
        return RouteRequest(
            models: resolved.models,
            only: submission.only,
            onlyTier: resolved.onlyTier,
            maxCredits: submission.maxCredits
        )
    }

    private func claimOrder(
        for submission: Submission,
        request: RouteRequest,
        attempt: Int
    ) -> ClaimOrder {
        ClaimOrder(
            submissionID: submission.id,
            attempt: attempt,
            memberID: submission.memberID,
            idempotencyKey: submission.idempotencyKey,
            fingerprint: Digest.sha256(
                Array(submission.call.path.utf8) + [0] + submission.body.strictBytes
            ),
            path: submission.call.path,
            request: request,
            mediaIDs: submission.body.mediaIDs,
            operation: engine.ambient.newID()
        )
    }

    /// `nil`: no further account can take it, so the last answer stands.
    private func claimResult(
        _ order: ClaimOrder,
        after attempts: [Attempt]
    ) async throws -> ClaimResult? {
        do {
            return try await engine.store.claim(order, at: engine.ambient.now())
        } catch let refusal as RoutingRefusal {
            if attempts.isEmpty { throw refusal }
            return nil
        }
    }

    // MARK: Sending

    /// Opens the claimed account's token for the time of the call and no longer.
    private func send(_ submission: Submission, on claim: Claim) async -> Outcome {
        let account = claim.account
        let body = submission.body.rewritten(
            tier: account.tier,
            modelKeys: claim.elements.map(\.modelKey),
            projectID: account.settings.projectID
        )
        do {
            return try await engine.keyring.withCredential(
                of: account.id,
                version: account.credentialVersion
            ) { credential in
                await engine.provider.submit(
                    path: submission.call.path,
                    body: body,
                    contentType: submission.contentType,
                    with: credential
                )
            }
        } catch {
            // The provider never throws, so the vault did, before anything was sent.
            return .notSent(reason: "the token could not be opened: \(error)")
        }
    }

    // MARK: Settling

    private func settle(
        _ claim: Claim,
        _ outcome: Outcome,
        isLast: Bool
    ) async throws -> RefusalCause.Next {
        let now = engine.ambient.now()
        let earlier = try await earlierRests(for: outcome, of: claim.account.id)
        let settling = Settling(claim: claim, earlierRests: earlier, now: now)
        let next = isLast ? .giveBack : settling.next(after: outcome)
        let answer =
            try settling.finalAnswer(outcome, next: next).map {
                try engine.keyring.seal($0, of: claim.submissionID)
            }
        let settlement = settling.settlement(
            outcome,
            answer: answer,
            operation: engine.ambient.newID(),
            newJobID: { engine.ambient.newID() }
        )
        try await engine.store.settle(claim, as: settlement, at: now)
        log(claim, settlement)
        try await followUp(claim, outcome)
        return next
    }

    private func earlierRests(for outcome: Outcome, of account: AccountID) async throws -> [Rest] {
        guard case .refused = outcome else { return [] }
        return try await engine.store.accounts()
            .first { $0.account.id == account }?.candidate.rests ?? []
    }

    /// What a refusal asks for beyond the claim: a fresh reading, or a rest for every account.
    private func followUp(_ claim: Claim, _ outcome: Outcome) async throws {
        guard case .refused(let refusal) = outcome else { return }
        if refusal.cause.concernsAllAccounts {
            let now = engine.ambient.now()
            let rests = try await engine.store.accounts().compactMap { overview in
                RestRule.rest(
                    for: refusal,
                    of: overview.account.id,
                    model: nil,
                    earlier: overview.candidate.rests,
                    at: now
                )
            }
            try await engine.store.rest(rests, at: now)
        }
        if refusal.cause == .modelAccess || refusal.cause == .outOfCredits {
            // The account is not what the books believe: ask, and correct its tier and balance.
            _ = await AccountDesk(engine).refresh([claim.account], correctingTier: true)
        }
    }

    private func log(_ claim: Claim, _ settlement: Settlement) {
        engine.logger.info(
            "attempt ended",
            metadata: [
                "submission.id": "\(claim.submissionID)", "account.name": "\(claim.account.name)",
                "credits.held": "\(claim.price)", "evidence": "\(settlement.evidence)",
            ]
        )
    }
}
