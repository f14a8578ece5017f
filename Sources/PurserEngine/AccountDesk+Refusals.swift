import Logging
import PurserCore

extension AccountDesk {
    /// Takes in what a refusal of a call that holds nothing means for the account: the same as of a submission.
    ///
    /// `begunAt`: when the call was sent, with that version. What cannot be booked is a line in the log.
    func takeIn(
        _ refusal: Refusal,
        of account: AccountID,
        version: UInt64,
        begunAt: Timestamp
    ) async {
        switch refusal.cause {
        case .badRequest, .notFound, .moderation, .serviceBusy: return
        default: break
        }
        let refused = RefusedCall(
            cause: refusal.cause,
            words: refusal.reason ?? refusal.message,
            retryAfter: refusal.retryAfter,
            credentialVersion: version,
            begunAt: begunAt
        )
        do {
            try await engine.store.takeIn(refused, of: account, at: engine.ambient.now())
        } catch {
            engine.logger.warning(
                "a refusal could not be noted",
                metadata: ["account.id": "\(account)", "error": "\(error)"]
            )
        }
        if refusal.cause.callsForReading { await readAgain([account]) }
    }
}
