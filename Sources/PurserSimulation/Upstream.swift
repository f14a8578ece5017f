import PurserCore
import Synchronization

/// The service as it really is: what it charged, gave back and granted, and to whom.
///
/// Nothing here asks Purser's code for a rule. Balances are said late and wrong only where `Plan` says so; the
/// numbers kept here are true.
final class Upstream: Sendable {
    /// A charge may fall so long after the client gave up.
    static let latestCharge = Duration.seconds(20)

    /// What an account's owner gets for the month, and on which day.
    struct Grant: Sendable {
        let monthly: Int64
        let day: Int
    }

    struct Charge: Sendable, Equatable {
        let account: AccountID
        let amount: Int64
    }

    struct MadeJob: Sendable {
        let submission: Int
        let account: AccountID
        let price: Int64
        let end: JobState
        let endsAt: Timestamp
        /// When a failed one's price comes back.
        let refundAfter: Duration
        var hasEnded = false
        var isRefunded = false
    }

    struct Books: Sendable {
        var tier: Tier
        let grant: Grant?
        var lapsing: Int64
        var topUp: Int64 = 0
        var history: [(at: Timestamp, credits: Int64)] = []
        /// Tokens up to this version are dead.
        var deadVersion: UInt64 = 0
        var nextGrant: Timestamp?

        /// What moved the balance besides Purser's work, since the beginning.
        var fromOutside: Int64 = 0
        var charged: Int64 = 0
        var refunded: Int64 = 0
        /// When something last moved it that Purser did not ask for.
        var strangeAt: Timestamp?

        var credits: Int64 { lapsing + topUp }
    }

    enum Coming: Sendable {
        case charge(submission: Int, AccountID, keys: [String])
        case refund(job: String)
    }

    struct State: Sendable {
        var accounts: [AccountID: Books] = [:]
        var jobs: [String: MadeJob] = [:]
        var charges: [Int: [Charge]] = [:]
        var coming: [(at: Timestamp, what: Coming)] = []
        var openJobs: [String] = []
        var jobCount = 0
        var chance: Chance
        var isCalm = false
    }

    let plan: Plan
    let state: Mutex<State>

    init(plan: Plan, chance: Chance) {
        self.plan = plan
        state = Mutex(State(chance: chance))
    }

    /// From now on nothing goes wrong any more.
    func calm() { state.withLock { $0.isCalm = true } }

    func add(_ id: AccountID, tier: Tier, credits: Int64, grant: Grant?, at now: Timestamp) {
        state.withLock { state in
            var books = Books(tier: tier, grant: grant, lapsing: credits)
            books.history = [(now, credits)]
            books.nextGrant = grant.map { Self.nextGrant(after: now, on: $0.day) }
            state.accounts[id] = books
        }
    }

    func books(of id: AccountID) -> Books? { state.withLock { $0.accounts[id] } }
    func charges(of submission: Int) -> [Charge] { state.withLock { $0.charges[submission] ?? [] } }
    /// Every job whose price was given back, by its name.
    var refunds: [String: MadeJob] { state.withLock { $0.jobs.filter(\.value.isRefunded) } }
    func job(_ name: String) -> MadeJob? { state.withLock { $0.jobs[name] } }
    /// Every submission that was ever charged.
    var charged: [Int: [Charge]] { state.withLock { $0.charges } }

    // MARK: What happens by itself

    /// Lets everything happen that is due.
    func pass(to now: Timestamp) {
        state.withLock { state in
            let due = state.coming.filter { $0.at <= now }.sorted { $0.at < $1.at }
            state.coming.removeAll { $0.at <= now }
            for (at, what) in due {
                switch what {
                case .charge(let submission, let account, let keys):
                    _ = state.charge(submission, account, keys, at: at)
                case .refund(let job): state.refund(job, at: at)
                }
            }
            state.endJobs(at: now)
            for id in state.accounts.keys.sorted() { state.grant(id, at: now) }
        }
    }

    /// Whether a charge or refund is still to come.
    var isSettled: Bool { state.withLock { $0.coming.isEmpty && $0.openJobs.isEmpty } }

    /// Somebody else does something with an account.
    func disturb(at now: Timestamp) -> String {
        state.withLock { state in
            let id = state.chance.one(of: state.accounts.keys.sorted())
            if plan.hasTokenDeaths, state.chance.happens(250) {
                state.accounts[id]?.deadVersion += 1
                return "a token dies"
            }
            if plan.hasTierChanges, state.chance.happens(200) {
                state.accounts[id]?.tier = state.chance.one(of: [.tierOne, .ultra])
                return "a plan changes"
            }
            guard plan.hasOutsiders, let credits = state.accounts[id]?.credits else { return "-" }
            if state.chance.happens(300) {
                let bought = Int64(state.chance.int(in: 1..<6)) * 50
                state.move(id, by: bought, toTopUp: true, at: now)
                return "\(bought) are bought"
            }
            let spent = min(Int64(state.chance.int(in: 1..<9)) * 5, credits)
            state.move(id, by: -spent, toTopUp: false, at: now)
            return "\(spent) are spent elsewhere"
        }
    }

    /// At an odd hour of the day.
    fileprivate static func nextGrant(after now: Timestamp, on day: Int) -> Timestamp {
        CalendarDay(now).next(dayOfMonth: day).start + .seconds(5 * 3600 + 17 * 60)
    }
}

// MARK: - Movements

extension Upstream.State {
    /// Takes the price of `keys`, unless it is not there; the jobs' names, or `nil`.
    mutating func charge(
        _ submission: Int,
        _ id: AccountID,
        _ keys: [String],
        at now: Timestamp
    ) -> [String]? {
        guard let tier = accounts[id]?.tier, let credits = accounts[id]?.credits else { return nil }
        let prices = keys.compactMap { Upstream.price(of: $0, on: tier) }
        let sum = prices.reduce(0, +)
        guard prices.count == keys.count, sum <= credits else { return nil }
        accounts[id]?.take(sum, at: now)
        accounts[id]?.charged += sum
        charges[submission, default: []].append(Upstream.Charge(account: id, amount: sum))
        return prices.map { price in
            jobCount += 1
            let name = "operations/\(jobCount)"
            jobs[name] = Upstream.MadeJob(
                submission: submission,
                account: id,
                price: price,
                end: chance.one(of: [
                    .successful, .successful, .successful, .failed, .filtered, .canceled,
                ]),
                endsAt: now + .seconds(chance.int(in: 20..<400)),
                refundAfter: chance.one(of: [
                    .zero, .seconds(chance.int(in: 1..<120)), chance.span(upTo: .seconds(86_400)),
                ])
            )
            openJobs.append(name)
            return name
        }
    }

    mutating func refund(_ name: String, at now: Timestamp) {
        guard let job = jobs[name], job.price > 0 else { return }
        accounts[job.account]?.lapsing += job.price
        accounts[job.account]?.refunded += job.price
        accounts[job.account]?.note(at: now)
        accounts[job.account]?.strangeAt = now
        jobs[name]?.isRefunded = true
    }

    mutating func endJobs(at now: Timestamp) {
        for name in openJobs {
            guard let job = jobs[name], job.endsAt <= now else { continue }
            jobs[name]?.hasEnded = true
            if job.end == .failed || job.end == .filtered {
                coming.append((job.endsAt + job.refundAfter, .refund(job: name)))
            }
        }
        openJobs.removeAll { jobs[$0]?.hasEnded ?? true }
    }

    mutating func grant(_ id: AccountID, at now: Timestamp) {
        guard let grant = accounts[id]?.grant, let due = accounts[id]?.nextGrant, due <= now,
            let left = accounts[id]?.lapsing
        else { return }
        accounts[id]?.lapsing = grant.monthly
        accounts[id]?.fromOutside += grant.monthly - left
        accounts[id]?.strangeAt = now
        accounts[id]?.note(at: now)
        accounts[id]?.nextGrant = Upstream.nextGrant(after: due, on: grant.day)
    }

    mutating func move(_ id: AccountID, by amount: Int64, toTopUp: Bool, at now: Timestamp) {
        if toTopUp {
            accounts[id]?.topUp += amount
            accounts[id]?.note(at: now)
        } else {
            accounts[id]?.take(-amount, at: now)
        }
        accounts[id]?.fromOutside += amount
        accounts[id]?.strangeAt = now
    }
}

extension Upstream.Books {
    /// What lapses goes first.
    fileprivate mutating func take(_ amount: Int64, at now: Timestamp) {
        let first = min(amount, max(lapsing, 0))
        lapsing -= first
        topUp -= amount - first
        note(at: now)
    }

    fileprivate mutating func note(at now: Timestamp) { history.append((now, credits)) }

    /// The balance as it was at an instant.
    func credits(at instant: Timestamp) -> Int64 {
        history.last { $0.at <= instant }?.credits ?? history.first?.credits ?? 0
    }
}

extension Upstream {
    /// The service's own price list.
    static func price(of key: String, on tier: Tier) -> Int64? {
        switch (key, tier) {
        case ("veo_3_1_t2v_fast", .tierOne): 20
        case ("veo_3_1_t2v_fast_ultra", .ultra): 10
        case ("veo_3_1_t2v", .tierOne), ("veo_3_1_t2v", .ultra): 100
        case ("veo_3_1_t2v_lite", .tierOne): 10
        case ("veo_3_1_t2v_lite", .ultra): 5
        case ("veo_3_1_t2v_lite_low_priority", .ultra): 0
        default: nil
        }
    }

    /// Keys as callers write them, whatever the account.
    static let keys = [
        "veo_3_1_t2v_fast", "veo_3_1_t2v_fast_ultra", "veo_3_1_t2v", "veo_3_1_t2v_lite",
        "veo_3_1_t2v_lite_low_priority",
    ]
}
