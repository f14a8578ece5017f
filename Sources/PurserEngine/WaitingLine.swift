import PurserCore
import Synchronization

/// Where requests wait while every account that could take them is busy.
///
/// First come, first served for each member, and members take turns: whoever sends a thousand requests waits for them, and
/// nobody else does. Who may look for an account looks together with others, so that as many as fit are claimed in one
/// transaction, in the order of their turns; what was refused is not looked for again before something
/// has moved in the books, so nobody spins. Nothing is written for who waits, and who leaves holds nothing.
package final class WaitingLine: Sendable {
    /// What a request is waiting for: where one is refused, its like would be too.
    struct Need: Hashable {
        let member: MemberID
        let models: [ModelID]
        let mediaIDs: [String]
        let only: AccountID?
        let onlyTier: Tier?
        let maxCredits: Credits?
    }

    typealias Look = @Sendable ([ClaimOrder]) async -> [Result<ClaimResult, any Error>]

    /// How long a request waits at most.
    package let wait: Duration
    /// How many wait at most.
    package let limit: Int
    /// How many of one member wait at most: nobody fills the line alone.
    package var share: Int { max(limit / 4, 1) }
    /// Requests that wait for the first one under their idempotency key.
    let keys: KeyWaiters
    private let ambient: Ambient
    private let look: Look
    private let revision: @Sendable () async throws -> RoutingRevision
    private let state = Mutex(LineState())

    /// How soon a change that another process made is seen.
    static let lookEvery = Duration.milliseconds(250)

    package convenience init(
        _ engine: Engine,
        wait: Duration = .seconds(30),
        limit: Int = 1000
    ) {
        let (store, ambient) = (engine.store, engine.ambient)
        self.init(wait: wait, limit: limit, ambient: ambient) {
            await store.claim($0, at: ambient.now())
        } revision: {
            try await store.routingRevision()
        }
    }

    /// `look`: claims in that order; `revision`: what has moved when something in the books has.
    init(
        wait: Duration,
        limit: Int,
        ambient: Ambient,
        look: @escaping Look,
        revision: @escaping @Sendable () async throws -> RoutingRevision
    ) {
        self.wait = wait
        self.limit = limit
        self.ambient = ambient
        self.look = look
        self.revision = revision
        keys = KeyWaiters(ambient)
    }

    /// How many requests wait now.
    package var count: Int { state.withLock(\.count) }

    /// Whether somebody looks for an account just now.
    var isLooking: Bool { state.withLock(\.isLooking) }

    /// Has everybody look again: a slot may be free.
    ///
    /// Needed for what must not take `lookEvery`; what moves in the books is seen by itself.
    package func stir() {
        state.withLock { $0.forgetRefusals() }
        startLooking()
    }

    /// Waits behind the member's others for an account; `nil` when the time is up.
    ///
    /// Throws `WaitRefusal` where the line or the member's share of it is full, the `RoutingRefusal` that waiting does
    /// not mend, and `CancellationError` at once where the caller gives up.
    func claim(_ order: ClaimOrder, until deadline: Timestamp) async throws -> ClaimResult? {
        let number = state.withLock { $0.takeNumber() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = LineState.Waiter(
                    number: number,
                    order: order,
                    deadline: deadline,
                    continuation: continuation
                )
                enter(waiter)
            }
        } onCancel: {
            state.withLock { $0.cancel(number, of: order.memberID) }?
                .resume(throwing: CancellationError())
        }
    }

    private func enter(_ waiter: LineState.Waiter) {
        let mustWatch = state.withLock { state -> Bool? in
            // Whoever was cancelled sooner was not found in line.
            let problem: (any Error)? =
                Task.isCancelled
                ? CancellationError() : state.refusal(of: waiter, limit: limit, share: share)
            if let problem {
                waiter.continuation.resume(throwing: problem)
                return nil
            }
            state.append(waiter)
            defer { state.isWatched = true }
            return !state.isWatched
        }
        guard let mustWatch else { return }
        // It belongs to those who wait, and ends when nobody does.
        if mustWatch { Task { await watch() } }
        startLooking()
    }

    // MARK: Looking

    private func startLooking() {
        let mustLook = state.withLock { state in
            guard !state.isLooking, state.count > 0 else { return false }
            state.isLooking = true
            return true
        }
        if mustLook { Task { await lookInTurn() } }
    }

    /// Looks for those whose turn it is until nobody is left who was not refused.
    private func lookInTurn() async {
        while let batch = state.withLock({ $0.nextBatch() }) {
            let results = await look(batch.waiters.map(\.order))
            let now = ambient.now()
            state.withLock { $0.end(batch, results, at: now) }
        }
    }

    // MARK: Watching

    /// Looks what has moved, and whose time is up, until nobody waits.
    private func watch() async {
        var known: RoutingRevision?
        while let pause = pause() {
            try? await ambient.sleep(pause)
            let revision = try? await revision()
            let now = ambient.now()
            let hasWoken = state.withLock { state in
                state.expire(at: now)
                return state.wakesAt.map { $0 <= now } ?? false
            }
            if revision != known || hasWoken { stir() }
            known = revision
        }
    }

    /// How long until the next look; `nil` when nobody waits.
    private func pause() -> Duration? {
        let now = ambient.now()
        return state.withLock { state in
            guard state.count > 0 else {
                state.isWatched = false
                return nil
            }
            guard let first = state.firstDeadline, first - now < Self.lookEvery else {
                return Self.lookEvery
            }
            return max(first - now, .milliseconds(1))
        }
    }
}

extension ClaimOrder {
    var need: WaitingLine.Need {
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
