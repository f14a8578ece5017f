import PurserCore

/// Who waits in a `WaitingLine`, whose turn it is, and what is known to be in vain.
struct LineState {
    struct Waiter: Sendable {
        let number: Int
        let order: ClaimOrder
        let need: WaitingLine.Need
        let deadline: Timestamp
        let continuation: CheckedContinuation<ClaimResult?, any Error>
        /// While its claim is under way nobody else ends its waiting.
        var isLooking = false
        /// It left meanwhile.
        var isCancelled = false

        init(
            number: Int,
            order: ClaimOrder,
            deadline: Timestamp,
            continuation: CheckedContinuation<ClaimResult?, any Error>
        ) {
            self.number = number
            self.order = order
            need = order.need
            self.deadline = deadline
            self.continuation = continuation
        }
    }

    /// Those who look together, in the order of their turns.
    struct Batch: Sendable {
        let waiters: [Waiter]
        /// When it began: what moved since was perhaps not seen.
        fileprivate let round: Int
    }

    /// So many look together at most.
    static let width = 64

    private(set) var count = 0
    var isLooking = false
    var isWatched = false
    /// When a rest ends that one of the refused waits for.
    private(set) var wakesAt: Timestamp?
    /// By member, in order of arrival.
    private var waiters: [MemberID: [Waiter]] = [:]
    /// Every member who waits; the first is the next to be served.
    private var order: [MemberID] = []
    /// Grows when something has moved.
    private var round = 0
    private var refused: Set<WaitingLine.Need> = []
    /// How many of a kind look together: one, and twice as many each time that all of them were served.
    private var widths: [WaitingLine.Need: Int] = [:]
    private var nextNumber = 0

    mutating func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// Why one more may not wait.
    func refusal(of waiter: Waiter, limit: Int, share: Int) -> WaitRefusal? {
        let own = waiters[waiter.order.memberID]?.count ?? 0
        guard count >= limit || own >= share else { return nil }
        return WaitRefusal(
            lacking: count >= limit ? .queue : .share,
            retryAfter: WaitRefusal.shortestRetry,
            waited: .zero,
            explanation: nil
        )
    }

    mutating func append(_ waiter: Waiter) {
        let member = waiter.order.memberID
        if waiters[member] == nil { order.append(member) }
        waiters[member, default: []].append(waiter)
        count += 1
    }

    mutating func forgetRefusals() {
        round += 1
        refused.removeAll(keepingCapacity: true)
        wakesAt = nil
    }

    /// Takes out one who gives up, and returns whom to tell; one whose claim is under way is told after it.
    mutating func cancel(
        _ number: Int,
        of member: MemberID
    ) -> CheckedContinuation<ClaimResult?, any Error>? {
        guard let index = waiters[member]?.firstIndex(where: { $0.number == number }) else {
            return nil
        }
        if waiters[member]?[index].isLooking ?? false {
            waiters[member]?[index].isCancelled = true
            return nil
        }
        return remove(number, of: member)?.continuation
    }

    /// Ends the waiting of those whose time is up.
    mutating func expire(at now: Timestamp) {
        for waiter in waiters.values.joined() where waiter.deadline <= now && !waiter.isLooking {
            remove(waiter.number, of: waiter.order.memberID)?.continuation.resume(returning: nil)
        }
    }

    var firstDeadline: Timestamp? {
        waiters.values.joined().filter { !$0.isLooking }.map(\.deadline).min()
    }

    // MARK: Turns

    /// One of each member after another, each member's in order of arrival; `nil`, and nobody looks, where nobody is left
    /// whose need was not refused.
    mutating func nextBatch() -> Batch? {
        var batch: [Waiter] = []
        var taken: [WaitingLine.Need: Int] = [:]
        var lines = order.map { (member: $0, next: 0) }
        while !lines.isEmpty, batch.count < Self.width {
            for place in lines.indices where batch.count < Self.width {
                let line = waiters[lines[place].member] ?? []
                let next = line[lines[place].next...].firstIndex { waiter in
                    !refused.contains(waiter.need)
                        && taken[waiter.need, default: 0] < widths[waiter.need, default: 1]
                }
                lines[place].next = next.map { $0 + 1 } ?? .max
                guard let next else { continue }
                taken[line[next].need, default: 0] += 1
                waiters[lines[place].member]?[next].isLooking = true
                batch.append(line[next])
            }
            lines.removeAll { $0.next == .max }
        }
        guard !batch.isEmpty else {
            isLooking = false
            if widths.count > Self.width { widths.removeAll() }
            return nil
        }
        return Batch(waiters: batch, round: round)
    }

    /// Tells those who were served, and lets the others wait on.
    mutating func end(
        _ batch: Batch,
        _ results: [Result<ClaimResult, any Error>],
        at now: Timestamp
    ) {
        var served: Set<WaitingLine.Need> = []
        var inVain: Set<WaitingLine.Need> = []
        for (waiter, result) in zip(batch.waiters, results) {
            if case .failure(let error) = result {
                if error is RoutingRefusal { inVain.insert(waiter.need) }
                refuse(waiter, error, from: batch.round, at: now)
                continue
            }
            served.insert(waiter.need)
            guard let gone = remove(waiter.number, of: waiter.order.memberID) else { continue }
            // The member's next turn comes after the others'.
            if let place = order.firstIndex(of: waiter.order.memberID) {
                order.append(order.remove(at: place))
            }
            gone.continuation.resume(with: result.map(Optional.some))
        }
        for need in inVain { widths[need] = nil }
        for need in served.subtracting(inVain) {
            widths[need] = min(widths[need, default: 1] * 2, Self.width)
        }
    }

    private mutating func refuse(
        _ waiter: Waiter,
        _ error: any Error,
        from begun: Int,
        at now: Timestamp
    ) {
        let member = waiter.order.memberID
        guard let index = waiters[member]?.firstIndex(where: { $0.number == waiter.number })
        else { return }
        waiters[member]?[index].isLooking = false
        let obstacle = (error as? RoutingRefusal).map { Obstacle(in: $0.explanation) }
        if let obstacle, obstacle.mayPass(by: waiter.deadline) {
            let isCancelled = waiters[member]?[index].isCancelled ?? false
            if !isCancelled, now < waiter.deadline {
                guard begun == round else { return }
                refused.insert(waiter.need)
                wakesAt = [wakesAt, obstacle.until].compactMap { $0 }.min()
                return
            }
            let end: Result<ClaimResult?, any Error> =
                isCancelled ? .failure(CancellationError()) : .success(nil)
            remove(waiter.number, of: member)?.continuation.resume(with: end)
            return
        }
        remove(waiter.number, of: member)?.continuation.resume(throwing: error)
    }

    @discardableResult
    private mutating func remove(_ number: Int, of member: MemberID) -> Waiter? {
        guard let index = waiters[member]?.firstIndex(where: { $0.number == number }) else {
            return nil
        }
        count -= 1
        let waiter = waiters[member]?.remove(at: index)
        if waiters[member]?.isEmpty ?? true {
            waiters[member] = nil
            order.removeAll { $0 == member }
        }
        return waiter
    }
}
