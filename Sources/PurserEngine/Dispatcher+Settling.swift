import Logging
import PurserCore

extension Dispatcher {
    /// Books how an attempt ended.
    ///
    /// What the service accepted must not be lost to a store that fails for a moment, so the same settlement is repeated
    /// for a while; it is idempotent. What cannot be booked then waits among `Engine.unbooked`.
    func settle(_ attempt: Attempt) async throws {
        let now = engine.ambient.now()
        let settling = Settling(attempt: attempt, now: now)
        let settlement = settling.settlement(
            answer: sealed(settling.answerToKeep, of: attempt.claim.submissionID),
            operation: engine.ambient.newID(),
            newJobID: { engine.ambient.newID() }
        )
        var unbooked = UnbookedSettlement(
            claim: attempt.claim,
            settlement: settlement,
            answer: settling.answerToKeep,
            at: now
        )
        for pause in Self.settlePauses {
            do {
                return try await book(&unbooked)
            } catch StoreError.vaultMoved { continue } catch {
                try await engine.ambient.sleep(pause)
            }
        }
        do {
            try await book(&unbooked)
        } catch {
            let failure = DispatchError.notBooked(attempt, error)
            engine.logger.error(
                "a settlement waits for the books",
                metadata: [
                    "submission.id": "\(attempt.claim.submissionID)", "error": "\(failure.message)",
                ]
            )
            engine.unbooked.add(unbooked)
            throw failure
        }
    }

    /// Books what could not be booked when it happened, where the store takes it by now.
    func bookWhatWaits() async {
        for var unbooked in engine.unbooked.takeAll() {
            do {
                try await book(&unbooked)
            } catch {
                engine.unbooked.add(unbooked)
            }
        }
    }

    private static let settlePauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]

    private func book(_ unbooked: inout UnbookedSettlement) async throws {
        let claim = unbooked.claim
        do {
            try await engine.store.settle(claim, as: unbooked.settlement, at: unbooked.at)
        } catch StoreError.vaultMoved {
            unbooked.settlement.answer = await sealedAnew(unbooked.answer, of: claim)
            throw StoreError.vaultMoved
        }
        engine.logger.info(
            "attempt ended",
            metadata: [
                "submission.id": "\(claim.submissionID)", "account.name": "\(claim.account.name)",
                "credits.held": "\(claim.price)", "evidence": "\(unbooked.settlement.evidence)",
            ]
        )
    }

    /// The answer as it is kept for repeats; an answer that cannot be sealed is not worth a charge that is not booked.
    private func sealed(_ answer: ProviderAnswer?, of id: SubmissionID) -> SealedAnswer? {
        guard let answer, answer.body.count <= Self.largestKeptAnswer else { return nil }
        do {
            return try engine.keyring.seal(answer, of: .submission(id))
        } catch {
            engine.logger.warning(
                "an answer could not be sealed",
                metadata: ["submission.id": "\(id)"]
            )
            return nil
        }
    }

    /// The vault key was rotated between sealing and booking: what was sealed under the old one would open no more.
    private func sealedAnew(_ answer: ProviderAnswer?, of claim: Claim) async -> SealedAnswer? {
        guard let answer else { return nil }
        do {
            return try await engine.keyring.sealAnew(answer, of: .submission(claim.submissionID))
        } catch {
            engine.logger.warning(
                "an answer could not be sealed",
                metadata: ["submission.id": "\(claim.submissionID)"]
            )
            return nil
        }
    }

    static let largestKeptAnswer = 256 << 10

    /// The account is not what the books believe: ask, and correct its tier and balance.
    func followUp(_ attempt: Attempt) async {
        guard case .refused(let refusal) = attempt.outcome, refusal.cause.callsForReading
        else { return }
        await AccountDesk(engine).readAgain([attempt.claim.account])
    }
}
