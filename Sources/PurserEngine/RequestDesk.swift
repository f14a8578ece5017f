package import PurserCore

/// Takes requests that can wait: for a free slot, and for the first request under their idempotency key.
///
/// Everything else is the dispatcher's.
package struct RequestDesk: Sendable {
    private let engine: Engine
    private let line: WaitingLine

    package init(_ engine: Engine, line: WaitingLine) {
        self.engine = engine
        self.line = line
    }

    /// Claims, sends and settles, as `Dispatcher.dispatch` does, once there is an account for it.
    ///
    /// Throws `WaitRefusal` where there is none: at once where waiting cannot help, else when the time is up. A second
    /// request under a key waits for the first and gets its answer. A caller that is cancelled leaves at once and holds
    /// nothing, unless its request was sent already: that is settled first.
    package func submit(_ submission: Submission) async throws -> Receipt {
        let key = KeyWaiters.Key(member: submission.memberID, submission.idempotencyKey)
        defer { if let key { line.keys.wake(key) } }
        let receipt: Receipt
        do {
            receipt = try await Dispatcher(engine).dispatch(submission) { order in
                order.attempt == 1 ? try await claim(order, under: key) : try await claimNow(order)
            }
        } catch let error where error is WaitRefusal || error is CancellationError {
            throw error
        } catch {
            line.stir()
            throw error
        }
        // What was accepted goes on holding its slots.
        if !receipt.isAccepted { line.stir() }
        return receipt
    }

    private func claimNow(_ order: ClaimOrder) async throws -> ClaimResult {
        try await engine.store.claim(order, at: engine.ambient.now())
    }

    /// Waits for the first request under the key while its process lives, but no longer than one may take here: from the
    /// line to its last attempt.
    private func claim(
        _ order: ClaimOrder,
        under key: KeyWaiters.Key?
    ) async throws -> ClaimResult {
        let patience = engine.ambient.now() + line.wait + engine.settings.retryWithin
        while true {
            do {
                return try await claimInTurn(order)
            } catch StoreError.stillUnderWay(let text) {
                guard let key, engine.ambient.now() < patience else {
                    throw StoreError.stillUnderWay(key: text)
                }
                try await line.keys.wait(for: key, atMost: WaitingLine.lookEvery)
            }
        }
    }

    private func claimInTurn(_ order: ClaimOrder) async throws -> ClaimResult {
        let start = engine.ambient.now()
        let deadline = start + line.wait
        do {
            if line.count == 0 || line.wait == .zero {
                do {
                    return try await claimNow(order)
                } catch let refusal as RoutingRefusal {
                    let obstacle = Obstacle(in: refusal.explanation)
                    guard obstacle.mayPass(by: deadline), line.wait > .zero else { throw refusal }
                }
            } else if order.idempotencyKey != nil,
                let first = try await engine.store.predecessor(of: order)
            {
                // A repeat needs no account, so it need not wait for one.
                return .repeated(first)
            }
            if let result = try await line.claim(order, until: deadline) { return result }
        } catch let error as RoutingRefusal {
            throw refusal(Obstacle(in: error.explanation), since: start, error.explanation)
        }
        let explanation = try await engine.store.explain(
            order.request,
            mediaIDs: order.mediaIDs,
            for: order.memberID,
            at: engine.ambient.now()
        )
        throw refusal(Obstacle(in: explanation), since: start, explanation)
    }

    private func refusal(
        _ obstacle: Obstacle,
        since start: Timestamp,
        _ explanation: RouteExplanation
    ) -> WaitRefusal {
        let now = engine.ambient.now()
        return WaitRefusal(
            lacking: obstacle.lack,
            retryAfter: obstacle.retryAfter(from: now),
            waited: now - start,
            explanation: explanation
        )
    }
}
