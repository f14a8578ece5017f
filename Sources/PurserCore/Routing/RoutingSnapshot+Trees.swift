// Where each account stands in the trees, and when that must be looked at again.

extension RoutingSnapshot {
    /// Puts an account where it belongs at `now`, until its next alarm.
    ///
    /// As time passes an account may only do more, first after its rests and then when they are forgotten. So a place
    /// that is right at `now` also holds everything that was right at an earlier time.
    mutating func place(_ seat: Int, _ candidate: Candidate, at now: Timestamp) {
        placePaid(seat, candidate, at: now)
        placeFree(seat, candidate, at: now)
        let next = candidate.nextChange(after: now)
        guard seats[seat]?.wakesAt != next else { return }
        seats[seat]?.wakesAt = next
        if next < .max { alarms.add(Alarms.Alarm(at: next, seat: seat)) }
    }

    /// Looks again at every account whose alarm has come.
    mutating func wake(at now: Timestamp) {
        while let alarm = alarms.next(until: now.milliseconds) {
            // One that was set anew, or whose seat changed hands, has another alarm.
            guard let seat = seats[alarm.seat], seat.wakesAt == alarm.at else { continue }
            place(alarm.seat, seat.candidate, at: now)
        }
    }

    /// Work that costs credits goes to accounts that are enabled and awake, and have a known balance and a free slot.
    private mutating func placePaid(_ seat: Int, _ candidate: Candidate, at now: Timestamp) {
        let settings = candidate.account.settings
        let tier = candidate.account.tier
        let leaf = seats[seat]?.paid
        guard candidate.account.state == .enabled, let balance = candidate.balance,
            candidate.jobsInFlight < candidate.comeback(at: now)?.width ?? settings.maxInFlight,
            !candidate.rests(at: now, for: { _ in true })
        else {
            if let leaf { trees[tier]?.paid[leaf.bucket].remove(leaf.leaf) }
            seats[seat]?.paid = nil
            return
        }
        let gate = candidate.gate(
            spendable: balance.available.amount - settings.reserve.amount,
            restsFor: { _ in true }
        )
        let entry = TournamentTree.Entry(
            key: policy.key(of: candidate),
            gate: gate,
            owner: seat
        )
        let bucket = policy.bucket(of: candidate)
        if let leaf, leaf.bucket == bucket {
            trees[tier]?.paid[bucket].replace(leaf.leaf, with: entry)
            return
        }
        if let leaf { trees[tier]?.paid[leaf.bucket].remove(leaf.leaf) }
        if let leaf = trees[tier]?.paid[bucket].insert(entry) {
            seats[seat]?.paid = Leaf(bucket: bucket, leaf: leaf)
        }
    }

    /// Free work goes to every account that is enabled and awake; the busiest stand last by themselves.
    private mutating func placeFree(_ seat: Int, _ candidate: Candidate, at now: Timestamp) {
        let tier = candidate.account.tier
        let leaf = seats[seat]?.free
        guard candidate.account.state == .enabled,
            !candidate.rests(at: now, for: { $0 != .outOfCredits })
        else {
            if let leaf { trees[tier]?.free.remove(leaf) }
            seats[seat]?.free = nil
            return
        }
        let gate = candidate.gate(spendable: .max, restsFor: { $0 != .outOfCredits })
        let entry = TournamentTree.Entry(
            key: policy.freeKey(of: candidate),
            gate: gate,
            owner: seat
        )
        if let leaf {
            trees[tier]?.free.replace(leaf, with: entry)
        } else {
            seats[seat]?.free = trees[tier]?.free.insert(entry)
        }
    }

    mutating func leaveTrees(_ seat: Int) {
        guard let left = seats[seat] else { return }
        let tier = left.candidate.account.tier
        if let paid = left.paid { trees[tier]?.paid[paid.bucket].remove(paid.leaf) }
        if let free = left.free { trees[tier]?.free.remove(free) }
        seats[seat]?.paid = nil
        seats[seat]?.free = nil
    }
}

extension Candidate {
    /// Whether the whole account rests for one of those reasons.
    fileprivate func rests(at now: Timestamp, for counts: (RestReason) -> Bool) -> Bool {
        rests.contains { $0.modelID == nil && now < $0.until && counts($0.reason) }
    }

    /// When a rest of the whole account ends next, or is forgotten; `Int64.max`, never.
    fileprivate func nextChange(after now: Timestamp) -> Int64 {
        var next = Int64.max
        for rest in rests where rest.modelID == nil {
            if now < rest.until {
                next = min(next, rest.until.milliseconds)
            } else if rest.width(at: now) != nil {
                next = min(next, rest.forgottenAt.milliseconds)
            }
        }
        return next
    }

    /// `restsFor`: the reasons whose rests keep it from the work in question.
    fileprivate func gate(
        spendable: Int64,
        restsFor counts: (RestReason) -> Bool
    ) -> TournamentTree.Gate {
        let rests = rests.filter { $0.modelID == nil && counts($0.reason) }
        return TournamentTree.Gate(
            spendable: spendable,
            awakeFrom: rests.map(\.until.milliseconds).max() ?? .min,
            worksUntil: account.worksUntil.map { max($0.milliseconds, .min + 1) - 1 } ?? .max
        )
    }
}
