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
        let receipt: Receipt
        do {
            receipt = try await Dispatcher(engine).dispatch(submission) { order in
                order.attempt == 1 ? try await claim(order) : try await claimNow(order)
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

    /// Waits for the first request under the key as long as its process lives: then its outcome is known, or unknown.
    private func claim(_ order: ClaimOrder) async throws -> ClaimResult {
        while true {
            do {
                return try await claimInTurn(order)
            } catch StoreError.stillUnderWay {
                try await engine.ambient.sleep(WaitingLine.lookEvery)
            }
        }
    }

    private func claimInTurn(_ order: ClaimOrder) async throws -> ClaimResult {
        let start = engine.ambient.now()
        let deadline = start + line.wait
        if line.count == 0 || line.wait == .zero {
            do {
                return try await claimNow(order)
            } catch let refusal as RoutingRefusal {
                try check(refusal.explanation, since: start, until: deadline)
            }
        }
        let place = line.enter(
            for: order.need,
            until: deadline,
            looksAnyway: order.idempotencyKey != nil
        )
        guard let place else {
            throw WaitRefusal(
                lacking: .queue,
                retryAfter: WaitRefusal.shortestRetry,
                waited: .zero,
                explanation: nil
            )
        }
        var isServed = false
        defer { line.leave(place, served: isServed) }
        while try await line.turn(of: place) {
            do {
                let result = try await claimNow(order)
                if case .claimed = result { isServed = true }
                return result
            } catch let refusal as RoutingRefusal {
                let obstacle = try check(refusal.explanation, since: start, until: deadline)
                line.refuse(place, wakesAt: obstacle.until)
            }
        }
        // First, or those behind wait while this one learns why.
        line.leave(place, served: false)
        let explanation = try await engine.store.explain(
            order.request,
            mediaIDs: order.mediaIDs,
            for: order.memberID,
            at: engine.ambient.now()
        )
        throw refusal(Obstacle(in: explanation), since: start, explanation)
    }

    /// What is in the way, where it may go away in time.
    @discardableResult
    private func check(
        _ explanation: RouteExplanation,
        since start: Timestamp,
        until deadline: Timestamp
    ) throws(WaitRefusal) -> Obstacle {
        let obstacle = Obstacle(in: explanation)
        guard obstacle.mayPass(by: deadline), line.wait > .zero else {
            throw refusal(obstacle, since: start, explanation)
        }
        return obstacle
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

extension ClaimOrder {
    fileprivate var need: WaitingLine.Need {
        WaitingLine.Need(
            member: memberID,
            models: request.models.map(\.id),
            mediaIDs: mediaIDs,
            only: request.only,
            onlyTier: request.onlyTier,
            maxCredits: request.maxCredits
        )
    }
}
