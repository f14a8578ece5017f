import Glibc
import PurserCore

/// Accounts as an organisation has them, taken by one claim after another.
struct RoutingPool {
    private static let start = Timestamp(milliseconds: 1_795_262_400_000)

    private var snapshot: RoutingSnapshot
    private let request: RouteRequest
    private var claims: Int64 = 0
    /// Accounts with a job of ours, oldest first; from the middle of the slots on, the oldest ends.
    private var underWay: [AccountID] = []
    private let slots: Int

    /// `hasResting`: one account in twenty rests, and most policies would prefer it.
    init(size: Int, policy: PolicyName, hasResting: Bool) throws {
        var generator = SeededGenerator(seed: 1)
        var snapshot = RoutingSnapshot(policy: policy)
        for index in 0..<size {
            let candidate = Self.candidate(index, hasResting, using: &generator)
            snapshot.upsert(candidate, at: Self.start)
        }
        self.snapshot = snapshot
        request = RouteRequest(models: [try .bench()])
        slots = size
    }

    /// Chooses so many times and notes each claim, as the store does; the processor time that each part took, which
    /// others on the machine do not add to.
    mutating func take(_ count: Int) throws -> (choosing: Duration, noting: Duration) {
        var spent = (choosing: Duration.zero, noting: Duration.zero)
        for _ in 0..<count {
            let begun = Self.processorTime
            let decision = try snapshot.choose(request, at: Self.start)
            let chosen = Self.processorTime
            note(decision.account.id, jobs: 1)
            spent.choosing += chosen - begun
            spent.noting += Self.processorTime - chosen
            underWay.append(decision.account.id)
            if underWay.count > slots { note(underWay.removeFirst(), jobs: -1) }
        }
        return spent
    }

    /// Of this thread.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private mutating func note(_ id: AccountID, jobs: Int) {
        guard var candidate = snapshot[id], let balance = candidate.balance else { return }
        claims += 1
        candidate.jobsInFlight += jobs
        candidate.lastUsed = claims
        let held = Credits(unchecked: balance.held.amount + Int64(10 * jobs))
        candidate.balance = Balance(posted: balance.posted, held: held)
        snapshot.upsert(candidate, at: Self.start)
    }

    /// One in three is ultra, one in twenty paused; three in four have a day of renewal.
    private static func candidate(
        _ index: Int,
        _ hasResting: Bool,
        using generator: inout SeededGenerator
    ) -> Candidate {
        let isUltra = index.isMultiple(of: 3)
        let account = Account(
            id: AccountID(using: &generator),
            createdAt: start,
            name: "account-\(index)",
            tier: isUltra ? .ultra : .tierOne,
            state: index % 20 == 7 ? .paused(reason: "benchmark") : .enabled,
            settings: AccountSettings(
                monthlyCredits: Credits(unchecked: isUltra ? 12_500 : 1_000),
                renewsOnDay: index.isMultiple(of: 4) ? nil : index % 31 + 1
            )
        )
        let rest = Rest(
            accountID: account.id,
            modelID: nil,
            until: start + .seconds(60),
            reason: .throttled,
            strikes: 0
        )
        let posted = Int64.random(in: 500...(isUltra ? 12_500 : 1_000), using: &generator)
        return Candidate(
            account: account,
            balance: Balance(posted: Credits(unchecked: posted), held: .zero),
            jobsInFlight: Int.random(in: 0...2, using: &generator),
            rests: hasResting && index % 20 == 13 ? [rest] : []
        )
    }
}
