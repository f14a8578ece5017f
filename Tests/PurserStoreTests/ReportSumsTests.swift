import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// What reports read is what entries and jobs say, however it is told apart.
struct ReportSumsTests {
    private struct Work: Sendable {
        let home: TestHome
        let store: SQLiteStore
        let fixture: LedgerFixture
        let members: [Member]
        /// Before it nothing was done, and after `end` neither.
        let first: CalendarDay
        let end: CalendarDay
    }

    private static let models = ["veo_test", "veo_other"]

    /// Work of two members on three accounts over four months, at odd hours; some of it failed, and some of that came back.
    private func work(seed: UInt64) async throws -> Work {
        let home = TestHome()
        let store = try await home.open()
        let fixture = LedgerFixture(store, seed: seed)
        try await fixture.createVault()
        var accounts: [Account] = []
        for (name, day, tier) in [
            ("a", 5, Tier.ultra), ("b", nil, .ultra), ("c", 31, .tierOne),
        ] as [(String, Int?, Tier)] {
            let settings = AccountSettings(maxInFlight: 1000, renewsOnDay: day)
            accounts.append(
                try await fixture.addAccount(name, tier: tier, credits: 100_000, settings: settings)
            )
        }
        let members = [
            try await fixture.addMember("m", budget: 50_000), try await fixture.addMember("n"),
        ]
        let first = try #require(CalendarDay("2026-12-03"))
        var now = first.start
        for _ in 0..<60 {
            now = now + .milliseconds(Int64(fixture.random(0..<4 * 86_400_000)))
            let order = fixture.order(
                members[fixture.random(0..<2)],
                videos: fixture.random(1..<4),
                model: Self.models[fixture.random(0..<2)],
                only: accounts[fixture.random(0..<3)]
            )
            let claim = try await fixture.claim(order, at: now)
            for job in try await fixture.settle(claim, at: now) {
                let states: [JobState] = [.successful, .successful, .failed, .filtered]
                try await fixture.record(job, states[fixture.random(0..<4)], at: now)
            }
            guard fixture.random(0..<3) == 0 else { continue }
            now = try await readBalance(of: claim.account, after: now, fixture)
        }
        let end = CalendarDay(number: CalendarDay(now).number + 1)
        return Work(
            home: home,
            store: store,
            fixture: fixture,
            members: members,
            first: first,
            end: end
        )
    }

    /// Two equal readings: of what is owed some, or a number from elsewhere.
    private func readBalance(
        of account: Account,
        after now: Timestamp,
        _ fixture: LedgerFixture
    ) async throws -> Timestamp {
        let overview = try await fixture.overview(of: account)
        let posted = try #require(overview.balance?.posted.amount)
        let shown = [
            posted + overview.refundsDue.amount, posted + 77, posted - 33,
        ][fixture.random(0..<3)]
        let first = now + .seconds(600)
        _ = try await fixture.observe(account, shown, at: first)
        let second = first + StoreConformance.quietAfter
        _ = try await fixture.observe(account, shown, at: second)
        return second
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `sums told apart by anything are those of the days`(_ seed: UInt64) async throws {
        let work = try await work(seed: seed)
        let all = try await work.store.usage(
            Set(UsageDimension.allCases),
            over: .days(from: nil, before: nil)
        )
        try await checkEntries(all, of: work)
        for round in 0..<120 {
            let dimensions = Set(
                UsageDimension.allCases.filter { _ in work.fixture.random(0..<2) == 0 }
            )
            let length = work.end.number - work.first.number
            let from = work.first.number + work.fixture.random(-40..<length)
            let before = from + work.fixture.random(1..<length)
            let today = CalendarDay(number: from)
            let span: ReportSpan =
                switch work.fixture.random(0..<4) {
                case 0: .cycles(on: today)
                case 1: .days(from: nil, before: CalendarDay(number: before))
                case 2: .days(from: today, before: nil)
                default: .days(from: today, before: CalendarDay(number: before))
                }
            let member = [nil, work.members[0].id, work.members[1].id][work.fixture.random(0..<3)]
            let rows = try await work.store.usage(dimensions, over: span, of: member)
            let place = "seed \(seed), round \(round): \(dimensions), \(span)"
            #expect(
                Self.sums(rows, dimensions) == expected(all, dimensions, span, member),
                "\(place)"
            )
            #expect(rows.compactMap(\.day) == rows.compactMap(\.day).sorted(), "\(place)")
        }
        let found = try await work.fixture.findings(at: work.end.start)
        #expect(found.filter(\.isViolation) == [])
        try await work.store.close()
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `movements and failures are those of the entries and jobs`(_ seed: UInt64) async throws {
        let work = try await work(seed: seed)
        let span = ReportSpan.days(from: work.first, before: work.end)
        let sums = try await work.store.reportSums(ReportQuery(over: span, hasLedger: true))
        let entries = try await work.store.entries(EntryFilter()).filter {
            $0.at >= work.first.start
        }
        for cause in AdjustmentCause.allCases {
            let booked = entries.filter { $0.cause == cause }
            let kept = sums.movements.filter { $0.cause == cause }
            #expect(kept.reduce(0) { $0 + $1.entries } == booked.count)
            #expect(
                kept.reduce(0) { $0 + $1.amount.amount }
                    == booked.reduce(0) { $0 + $1.deltaPosted.amount }
            )
        }
        let refunds = entries.filter { $0.kind == .refund }
        #expect(!refunds.isEmpty, "seed \(seed)")
        #expect(
            sums.movements.filter { $0.kind == .refund }.reduce(0) { $0 + $1.amount.amount }
                == refunds.reduce(0) { $0 + $1.deltaPosted.amount }
        )
        let jobs = try await work.store.jobs(JobFilter())
        for state in [JobState.failed, .filtered, .successful] {
            let ended = jobs.filter { $0.state == state && state != .successful }
            let kept = sums.failures.filter { $0.state == state }
            #expect(kept.reduce(0) { $0 + $1.jobs } == ended.count)
            #expect(
                kept.reduce(0) { $0 + $1.price.amount } == ended.reduce(0) { $0 + $1.price.amount }
            )
        }
        let own = ReportQuery(over: span, of: work.members[0].id, hasLedger: true)
        let ownSums = try await work.store.reportSums(own)
        #expect(ownSums.failures == sums.failures.filter { $0.memberName == "m" })
        #expect(
            ownSums.movements.allSatisfy { $0.ledgerAccount == .budget(work.members[0].id) }
        )
        try await work.store.close()
    }

    // MARK: The same, added up by hand

    private struct Key: Hashable {
        let day: CalendarDay?
        let account: String?
        let member: String?
        let model: ModelID?
    }

    private static func sums(_ rows: [UsageRow], _ by: Set<UsageDimension>) -> [Key: [Int64]] {
        var sums: [Key: [Int64]] = [:]
        for row in rows {
            let key = Key(
                day: by.contains(.day) ? row.day : nil,
                account: by.contains(.account) ? row.accountName : nil,
                member: by.contains(.member) ? row.memberName : nil,
                model: by.contains(.model) ? row.modelID : nil
            )
            let before = sums[key] ?? [0, 0, 0]
            sums[key] = [
                before[0] + Int64(row.videos), before[1] + row.charged.amount,
                before[2] + row.refunded.amount,
            ]
        }
        return sums.filter { $0.value != [0, 0, 0] }
    }

    private func expected(
        _ all: [UsageRow],
        _ dimensions: Set<UsageDimension>,
        _ span: ReportSpan,
        _ member: MemberID?
    ) -> [Key: [Int64]] {
        let renewals = ["a": 5, "c": 31]
        let rows = all.filter { row in
            guard let day = row.day, let account = row.accountName else { return false }
            let first = span.first(renewingOn: renewals[account])
            return first.map { day >= $0 } ?? true && span.end.map { day < $0 } ?? true
                && (member == nil || row.memberID == member)
        }
        return Self.sums(rows, dimensions)
    }

    private func checkEntries(_ all: [UsageRow], of work: Work) async throws {
        let entries = try await work.store.entries(EntryFilter()).filter {
            if case .credits = $0.ledgerAccount { true } else { false }
        }
        let charged = entries.filter { $0.kind == .settle || $0.kind == .charge }
            .reduce(0) { $0 - $1.deltaPosted.amount }
        let refunded = entries.filter { $0.kind == .refund }
            .reduce(0) { $0 + $1.deltaPosted.amount }
        #expect(all.reduce(0) { $0 + $1.charged.amount } == charged)
        #expect(all.reduce(0) { $0 + $1.refunded.amount } == refunded)
        let jobs = try await work.store.jobs(JobFilter())
        #expect(all.reduce(0) { $0 + $1.videos } == jobs.count)
    }
}
