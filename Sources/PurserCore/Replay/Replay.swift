/// A history replayed in virtual time over a pool, as each routing policy would have served it.
///
/// The choice is the router's own. A renewal wipes out what an account has left, and grants its plan; an account whose
/// plan or day is not known keeps what it has. Jobs take a while and fill slots; who finds no slot free waits for the next job
/// to end, while the clock of the credits stands still: waits are minutes, and credits last for weeks.
package struct Replay: Sendable {
    /// Sorted by name, at their opening balances, and without rests or tokens that expire.
    let pool: [Candidate]
    package let trace: Trace
    /// Videos of the span that the trace leaves out: one costs more than ``highestPrice`` somewhere.
    package let leftOutVideos: Int
    package let from: Timestamp
    package let to: Timestamp
    private let jobsTake: Duration

    /// A hundred years: the longest span that is worth asking about, for each renewal in it is reckoned with.
    package static let longestDays = 36_525
    /// The most that a video may cost; sums over a history cannot overflow then.
    package static let highestPrice: Int64 = 1_000_000
    /// The most that an account has, and is granted, whatever it says.
    private static let mostCredits = Credits(unchecked: 1_000_000_000_000)

    /// What lies outside the span is left out.
    ///
    /// `pool`: an account's balance is what it has at `from`; one that was never read has nothing until it renews. Accounts that are not
    /// enabled take no work.
    package init(
        of trace: Trace,
        over pool: [Candidate],
        from: Timestamp,
        to: Timestamp,
        jobsTake: Duration = .seconds(120)
    ) {
        self.pool = pool.map(Self.rested).sorted { $0.account.name < $1.account.name }
        let asked = trace.within(from: from, to: to)
        self.trace = Trace(asked.requests.filter { $0.model.listPrice <= Self.highestPrice })
        leftOutVideos = asked.videos - self.trace.videos
        self.from = from
        self.to = to
        self.jobsTake = jobsTake
    }

    /// What the policy delivers.
    package func outcome(of policy: PolicyName) -> ReplayOutcome {
        var run = Run(of: self, by: policy)
        for request in trace.requests { run.take(request) }
        run.renew(until: to)
        return run.outcome
    }

    /// The days after `from` and not after `to` on which an account's credits lapse and its plan is granted.
    func renewals(of candidate: Candidate) -> [CalendarDay] {
        let settings = candidate.account.settings
        guard settings.monthlyCredits != nil, let day = settings.renewsOnDay else { return [] }
        var days: [CalendarDay] = []
        var last = CalendarDay(from)
        while true {
            let next = last.next(dayOfMonth: day)
            // The calendar ends with the year 9999.
            guard next > last, next.start < to else { return days }
            days.append(next)
            last = next
        }
    }

    private static func rested(_ candidate: Candidate) -> Candidate {
        var account = candidate.account
        account.tokenExpiresAt = nil
        account.settings.monthlyCredits = account.settings.monthlyCredits.map {
            min($0, mostCredits)
        }
        let balance = candidate.balance.map {
            Balance(posted: min(max($0.available, .zero), mostCredits), held: .zero)
        }
        return Candidate(account: account, balance: balance)
    }

    fileprivate var duration: Duration { jobsTake }
}

/// What became of a history under one policy, in videos and in credits.
///
/// `granted` = `spent` + `wasted` + `left`.
package struct ReplayOutcome: Sendable, Equatable {
    package let policy: PolicyName
    package internal(set) var videos = 0
    /// What was delivered, at list prices.
    package internal(set) var value: Int64 = 0
    package internal(set) var refusedVideos = 0
    package internal(set) var refusedValue: Int64 = 0
    /// Opening balances, and every plan granted since.
    package internal(set) var granted: Int64 = 0
    package internal(set) var spent: Int64 = 0
    /// What lapsed at renewals.
    package internal(set) var wasted: Int64 = 0
    /// What the accounts have at the end.
    package internal(set) var left: Int64 = 0

    init(policy: PolicyName) {
        self.policy = policy
    }

    /// How much of what was possible in hindsight was delivered, in ten-thousandths, rounded down; `nil` where nothing was possible.
    package func share(of bound: HindsightBound) -> Int? {
        bound.value > 0 ? Int(Int128(value) * 10_000 / Int128(bound.value)) : nil
    }
}

/// One policy on its way through the history.
private struct Run {
    private(set) var outcome: ReplayOutcome
    private let duration: Duration
    private var snapshot: RoutingSnapshot
    private var renewals: [(at: Timestamp, account: AccountID)]
    private var nextRenewal = 0
    /// Jobs under way, the first to end first: each takes as long as any other.
    private var jobs: [(endsAt: Timestamp, account: AccountID, count: Int)] = []
    private var nextJob = 0
    private var claims: Int64 = 0
    private var requests: [RequestKey: RouteRequest] = [:]
    /// What was served on each of the latest days, the one under way the last.
    private var demands: [(day: Int, demand: CreditDemand)] = []

    private struct RequestKey: Hashable {
        let model: ModelID
        let count: Int
    }

    init(of replay: Replay, by policy: PolicyName) {
        outcome = ReplayOutcome(policy: policy)
        duration = replay.duration
        snapshot = RoutingSnapshot(policy: policy)
        renewals = []
        for candidate in replay.pool {
            let credits = candidate.balance?.posted.amount ?? 0
            outcome.granted += credits
            outcome.left += credits
            snapshot.upsert(candidate, at: replay.from)
            for day in replay.renewals(of: candidate) {
                renewals.append((day.start, candidate.account.id))
            }
        }
        renewals.sort { ($0.at, $0.account) < ($1.at, $1.account) }
    }

    mutating func take(_ request: Trace.Request) {
        renew(until: request.at)
        begin(CalendarDay(request.at).number)
        while nextJob < jobs.count, jobs[nextJob].endsAt <= request.at { endJob() }
        let wanted = route(request)
        while true {
            do {
                serve(request, by: try snapshot.choose(wanted, at: request.at))
                return
            } catch {
                // All that could take it are busy: the next job to end makes room.
                guard error.lacksOnlySlots, nextJob < jobs.count else { break }
                endJob()
            }
        }
        outcome.refusedVideos += request.count
        outcome.refusedValue += request.value
    }

    mutating func renew(until now: Timestamp) {
        while nextRenewal < renewals.count, renewals[nextRenewal].at <= now {
            let id = renewals[nextRenewal].account
            nextRenewal += 1
            guard var candidate = snapshot[id],
                let plan = candidate.account.settings.monthlyCredits
            else { continue }
            let lapsing = candidate.balance?.posted.amount ?? 0
            candidate.balance = Balance(posted: plan, held: .zero)
            snapshot.upsert(candidate, at: now)
            outcome.wasted += lapsing
            outcome.granted += plan.amount
            outcome.left += plan.amount - lapsing
        }
    }

    /// Tells the router at the first request of a day what the days before asked for.
    private mutating func begin(_ day: Int) {
        guard demands.last?.day != day else { return }
        demands.removeAll { $0.day < day - CreditDemand.days }
        snapshot.demand = demands.reduce(CreditDemand()) { $0 + $1.demand }
        demands.append((day, CreditDemand()))
    }

    private mutating func serve(_ request: Trace.Request, by decision: RoutingDecision) {
        guard var candidate = snapshot[decision.account.id] else { return }
        let price = decision.price.amount
        claims += 1
        candidate.lastUsed = claims
        candidate.jobsInFlight += request.count
        if let balance = candidate.balance {
            candidate.balance = Balance(
                posted: Credits(unchecked: balance.posted.amount - price),
                held: .zero
            )
        }
        snapshot.upsert(candidate, at: request.at)
        jobs.append((request.at + duration, decision.account.id, request.count))
        demands[demands.count - 1].demand.add(request.model, videos: request.count)
        outcome.videos += request.count
        outcome.value += request.value
        outcome.spent += price
        outcome.left -= price
    }

    private mutating func endJob() {
        let job = jobs[nextJob]
        nextJob += 1
        guard var candidate = snapshot[job.account] else { return }
        candidate.jobsInFlight -= job.count
        snapshot.upsert(candidate, at: job.endsAt)
    }

    private mutating func route(_ request: Trace.Request) -> RouteRequest {
        let key = RequestKey(model: request.model.id, count: request.count)
        if let known = requests[key], known.models.first == request.model { return known }
        let route = RouteRequest(models: Array(repeating: request.model, count: request.count))
        requests[key] = route
        return route
    }
}

extension RoutingRefusal {
    /// Whether some account would have taken it but for its jobs under way.
    fileprivate var lacksOnlySlots: Bool {
        explanation.lines.contains { line in
            line.ineligibilities.count == 1
                && line.ineligibilities.contains {
                    if case .noFreeSlot = $0 { true } else { false }
                }
        }
    }
}
