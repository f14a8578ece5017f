/// What a choice may look at of one account.
package struct Candidate: Sendable, Equatable {
    package var account: Account
    /// `nil`: never observed.
    package var balance: Balance?
    /// Holds not decided, and jobs not ended.
    package var jobsInFlight: Int
    /// Rests that hold, and ones that ended: while they are remembered the account comes back gently, and a rest
    /// that follows is longer.
    package var rests: [Rest]
    /// Grows with every claim in the home: who was used longest ago comes first in round-robin.
    package var lastUsed: Int64

    package init(
        account: Account,
        balance: Balance?,
        jobsInFlight: Int = 0,
        rests: [Rest] = [],
        lastUsed: Int64 = 0
    ) {
        self.account = account
        self.balance = balance
        self.jobsInFlight = jobsInFlight
        self.rests = rests
        self.lastUsed = lastUsed
    }

    /// Whether it could take on work if it had slots and credits: it is in use, and does not rest.
    package func isInUse(at now: Timestamp) -> Bool {
        account.state == .enabled && account.worksUntil.map { now < $0 } ?? true
            && !rests.contains { $0.covers(nil, at: now) }
    }

    /// Jobs that it could take on now, whatever they are; 0 while it takes none.
    package func freeSlots(at now: Timestamp) -> Int {
        guard isInUse(at: now) else { return 0 }
        return max(0, (comeback(at: now)?.width ?? account.settings.maxInFlight) - jobsInFlight)
    }

    /// The rest that the account comes back from, and how many jobs at a time it may run until it has; `nil` when
    /// nothing but its own limit holds it back.
    package func comeback(at now: Timestamp) -> (reason: RestReason, width: Int)? {
        var narrowest: (reason: RestReason, width: Int)?
        for rest in rests {
            guard let width = rest.width(at: now), width < account.settings.maxInFlight,
                narrowest.map({ width < $0.width }) ?? true
            else { continue }
            narrowest = (rest.reason, width)
        }
        return narrowest
    }
}
