package import PurserCore
import Synchronization

/// Where requests wait while every account that could take them is busy.
///
/// First come, first served for each member, and members take turns: whoever sends a thousand requests waits for them, and
/// nobody else does. One at a time looks for a free slot; what was refused is not looked for again before something
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

    struct Place: Hashable {
        fileprivate let member: MemberID
        fileprivate let number: Int
    }

    fileprivate struct Waiter {
        let place: Place
        let need: Need
        let deadline: Timestamp
        /// Its first turn comes whatever is known of its need: it may be a repeat, which needs no slot.
        var looksAnyway: Bool
        /// There while it waits for its turn.
        var continuation: CheckedContinuation<Bool, any Error>?
    }

    fileprivate struct State {
        /// By member, in order of arrival.
        var waiters: [MemberID: [Waiter]] = [:]
        var count = 0
        /// Every member who waits; the first is the next to be asked.
        var order: [MemberID] = []
        /// Who looks for a slot now, or will as soon as they ask, and in which round that began.
        var turn: (place: Place, round: Int)?
        /// Grows when something has moved.
        var round = 0
        var refused: Set<Need> = []
        /// When a rest ends that one of the refused waits for.
        var wakesAt: Timestamp?
        var isWatched = false
        var nextNumber = 0
    }

    /// How long a request waits at most.
    package let wait: Duration
    /// How many wait at most.
    package let limit: Int
    private let ambient: Ambient
    private let revision: @Sendable () async throws -> RoutingRevision
    private let state = Mutex(State())

    /// How soon a change that another process made is seen.
    static let lookEvery = Duration.milliseconds(250)

    package convenience init(
        _ engine: Engine,
        wait: Duration = .seconds(30),
        limit: Int = 1000
    ) {
        let store = engine.store
        self.init(wait: wait, limit: limit, ambient: engine.ambient) {
            try await store.routingRevision()
        }
    }

    /// `revision`: what has moved when something in the books has.
    package init(
        wait: Duration,
        limit: Int,
        ambient: Ambient,
        revision: @escaping @Sendable () async throws -> RoutingRevision
    ) {
        self.wait = wait
        self.limit = limit
        self.ambient = ambient
        self.revision = revision
    }

    /// How many requests wait now.
    package var count: Int { state.withLock(\.count) }

    /// Has everybody look again: a slot may be free.
    ///
    /// Needed for what must not take `lookEvery`; what moves in the books is seen by itself.
    package func stir() {
        state.withLock { state in
            state.round += 1
            state.refused.removeAll(keepingCapacity: true)
            state.wakesAt = nil
            state.giveTurn()
        }
    }

    /// Takes a place behind the member's others; `nil` when the line is full.
    ///
    /// Whoever has a place must leave it, whatever happens.
    func enter(for need: Need, until deadline: Timestamp, looksAnyway: Bool) -> Place? {
        let (place, mustWatch) = state.withLock { state -> (Place?, Bool) in
            guard state.count < limit else { return (nil, false) }
            let place = Place(member: need.member, number: state.nextNumber)
            state.nextNumber += 1
            state.count += 1
            if state.waiters[need.member] == nil { state.order.append(need.member) }
            state.waiters[need.member, default: []].append(
                Waiter(place: place, need: need, deadline: deadline, looksAnyway: looksAnyway)
            )
            defer { state.isWatched = true }
            return (place, !state.isWatched)
        }
        // It belongs to those who wait, and ends when nobody does.
        if mustWatch { Task { await watch() } }
        return place
    }

    /// Returns when it is this one's turn to look for a slot; false when its time is up.
    ///
    /// Throws `CancellationError` at once where the caller gives up.
    func turn(of place: Place) async throws -> Bool {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if Task.isCancelled {
                        return continuation.resume(throwing: CancellationError())
                    }
                    let isLate = state.change(place) { waiter in
                        if waiter.deadline <= ambient.now() { return true }
                        waiter.continuation = continuation
                        return false
                    }
                    if isLate ?? true { return continuation.resume(returning: false) }
                    if state.turn?.place == place { state.beginTurn() } else { state.giveTurn() }
                }
            }
        } onCancel: {
            state.withLock { state in
                let continuation = state.change(place) { $0.takeContinuation() }
                continuation??.resume(throwing: CancellationError())
            }
        }
    }

    /// Ends the turn without a slot; `wakesAt`: when a rest ends that was in the way.
    func refuse(_ place: Place, wakesAt: Timestamp?) {
        state.withLock { state in
            guard let turn = state.turn, turn.place == place else { return }
            state.turn = nil
            // Looking takes turns, too: a member with many needs would have all looks, and the others none.
            state.order.removeAll { $0 == place.member }
            state.order.append(place.member)
            let need = state.change(place) { waiter in
                waiter.looksAnyway = false
                return waiter.need
            }
            // What moved meanwhile was perhaps not seen.
            if let need, turn.round == state.round {
                state.refused.insert(need)
                state.wakesAt = [state.wakesAt, wakesAt].compactMap { $0 }.min()
            }
            state.giveTurn()
        }
    }

    /// Gives up the place; with `served`, the member's next turn comes after the others'.
    func leave(_ place: Place, served: Bool) {
        state.withLock { state in
            state.remove(place, served: served)
            state.giveTurn()
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
            let deadlines = state.waiters.values.joined().filter { $0.continuation != nil }
                .map(\.deadline)
            guard let first = deadlines.min(), first - now < Self.lookEvery else {
                return Self.lookEvery
            }
            return max(first - now, .milliseconds(1))
        }
    }
}

extension WaitingLine.State {
    /// Lets the next one look whose need was not refused: the member's first, whose turn it is.
    ///
    /// Whoever is between two looks keeps their place in the order, and begins when they ask.
    mutating func giveTurn() {
        guard turn == nil else { return }
        for member in order {
            let next = waiters[member]?.first { $0.looksAnyway || !refused.contains($0.need) }
            guard let next else { continue }
            turn = (next.place, round)
            return beginTurn()
        }
    }

    mutating func beginTurn() {
        guard let place = turn?.place, let index = index(of: place) else { return }
        waiters[place.member]?[index].takeContinuation()?.resume(returning: true)
    }

    /// Ends the waiting of those whose time is up.
    mutating func expire(at now: Timestamp) {
        for (member, line) in waiters {
            for index in line.indices where line[index].deadline <= now {
                waiters[member]?[index].takeContinuation()?.resume(returning: false)
            }
        }
    }

    mutating func remove(_ place: WaitingLine.Place, served: Bool) {
        if turn?.place == place { turn = nil }
        guard let index = index(of: place) else { return }
        let member = place.member
        waiters[member]?.remove(at: index)
        count -= 1
        let isLast = waiters[member]?.isEmpty ?? true
        if isLast { waiters[member] = nil }
        if isLast || served { order.removeAll { $0 == member } }
        if !isLast, served { order.append(member) }
    }

    /// `nil` where the place was left.
    mutating func change<Value>(
        _ place: WaitingLine.Place,
        _ body: (inout WaitingLine.Waiter) -> Value
    ) -> Value? {
        guard let index = index(of: place), var waiter = waiters[place.member]?[index] else {
            return nil
        }
        defer { waiters[place.member]?[index] = waiter }
        return body(&waiter)
    }

    private func index(of place: WaitingLine.Place) -> Int? {
        waiters[place.member]?.firstIndex { $0.place == place }
    }
}

extension WaitingLine.Waiter {
    mutating func takeContinuation() -> CheckedContinuation<Bool, any Error>? {
        defer { continuation = nil }
        return continuation
    }
}
