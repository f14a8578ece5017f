import PurserCore
import Testing

extension StoreConformance {
    static let endingCases: [Case] = [
        Case("settling less than held returns the rest") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m", budget: 100)
            let claim = try await fixture.claim(fixture.order(member, videos: 2))
            let settlement = Settlement(
                ending: .settled(charged: Credits(unchecked: 15), jobs: fixture.jobs(of: claim)),
                evidence: "200",
                observed: Credits(unchecked: 985),
                mediaIDs: ["made"],
                operation: fixture.id()
            )
            for _ in 0..<2 { try await fixture.store.settle(claim, as: settlement, at: start) }
            let overview = try await fixture.overview(of: account)
            #expect(overview.balance == Balance(posted: Credits(unchecked: 985), held: .zero))
            #expect(overview.lastObserved?.credits == Credits(unchecked: 985))
            #expect(overview.candidate.jobsInFlight == 2)
            #expect(
                try await fixture.store.members().first?.budget
                    == Balance(posted: Credits(unchecked: 85), held: .zero)
            )
            let usage = try await fixture.store.usage(from: nil, to: nil)
            #expect(usage.map(\.charged.amount) == [15])
            #expect(usage.map(\.videos) == [2])
            #expect(try await fixture.findings() == [])
        },
        Case("an ending is booked once, and another one is refused") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member))
            try await fixture.settle(claim)
            #expect(await failure { try await fixture.void(claim) } != nil)
            #expect(await failure { try await fixture.markUnknown(claim) } != nil)
            #expect(
                try await fixture.store.entries(EntryFilter()).map(\.kind) == [
                    .open, .hold, .settle,
                ]
            )
        },
        Case("a late settlement of an unknown hold is a charge") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m", budget: 50)
            let claim = try await fixture.claim(fixture.order(member, key: "k"))
            try await fixture.markUnknown(claim)
            #expect(try await fixture.store.unknownHolds(of: nil).map(\.sequence) == [2])
            #expect(try await fixture.overview(of: account).unknown == Credits(unchecked: 10))
            let asked = try await fixture.store.claim(fixture.order(member, key: "k"), at: start)
            if case .repeated(let record) = asked { #expect(record.state == .unknown) }
            try await fixture.settle(claim)
            let kinds = try await fixture.store.entries(
                EntryFilter(ledgerAccount: .credits(account.id))
            ).map(\.kind)
            #expect(kinds == [.open, .hold, .unknown, .charge])
            #expect(try await fixture.store.jobs(JobFilter()).count == 1)
            #expect(try await fixture.findings() == [])
        },
        Case("a failed job is owed its price once, and never goes back") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member, videos: 2))
            let jobs = try await fixture.settle(claim)
            for state in [JobState.active, .failed, .successful, .failed] {
                try await fixture.record(jobs[0], state)
            }
            try await fixture.record(jobs[1], .successful)
            let found = try await fixture.store.jobs(JobFilter(idPrefix: "\(jobs[0].id)"))
            #expect(found.map(\.state) == [.failed])
            #expect(found.map(\.refund) == [.due])
            #expect(try await fixture.overview(of: account).refundsDue == Credits(unchecked: 10))
            #expect(try await fixture.store.jobs(JobFilter(openOnly: true)).isEmpty)
            let due = try await fixture.store.entries(EntryFilter()).filter {
                $0.kind == .refundDue
            }
            #expect(due.count == 1)
            #expect(try await fixture.findings() == [])
        },
        Case("work keeps an account from being removed") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            _ = try await fixture.claim(fixture.order(member))
            let busy = await failure {
                try await fixture.store.removeAccount(
                    account.id,
                    vault: fixture.vaultChange(),
                    by: LedgerFixture.actor,
                    at: start
                )
            }
            #expect(busy == "a still has holds not decided")
        },
    ]

    static let readingCases: [Case] = [
        Case("the first reading opens the books") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: nil)
            let member = try await fixture.addMember("m")
            #expect(try await fixture.overview(of: account).balance == nil)
            #expect(await failure { _ = try await fixture.claim(fixture.order(member)) } != nil)
            let opened = try await fixture.observe(account, 70, at: start)
            #expect(opened == .opened(Credits(unchecked: 70)))
            _ = try await fixture.claim(fixture.order(member))
        },
        Case("two equal readings decide what was unknown, oldest first") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m", budget: 100)
            let charged = try await fixture.claim(fixture.order(member, videos: 2, key: "k"))
            let freed = try await fixture.claim(fixture.order(member))
            try await fixture.markUnknown(charged)
            try await fixture.markUnknown(freed)
            let later = start + .seconds(10)
            guard case .waits = try await fixture.observe(account, 80, at: later) else {
                throw LedgerFixture.Unexpected(what: "one reading decided")
            }
            let quiet = later + quietAfter
            guard case .booked = try await fixture.observe(account, 80, at: quiet) else {
                throw LedgerFixture.Unexpected(what: "two equal readings did not decide")
            }
            let balance = Balance(posted: Credits(unchecked: 80), held: .zero)
            #expect(try await fixture.overview(of: account).balance == balance)
            #expect(try await fixture.store.members().first?.budget == balance)
            let record = try await fixture.repeated(fixture.order(member, key: "k"))
            #expect(record.state == .finished)
            #expect(record.answer == nil)
            #expect(record.price == Credits(unchecked: 20))
            #expect(try await fixture.findings(at: quiet) == [])
        },
        Case("a refund that is seen goes to account, budget and usage") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m", budget: 100)
            let jobs = try await fixture.settle(try await fixture.claim(fixture.order(member)))
            try await fixture.record(jobs[0], .failed)
            let later = start + .seconds(300)
            _ = try await fixture.observe(account, 100, at: later)
            _ = try await fixture.observe(account, 100, at: later + quietAfter)
            let balance = Balance(posted: Credits(unchecked: 100), held: .zero)
            #expect(try await fixture.overview(of: account).balance == balance)
            #expect(try await fixture.store.members().first?.budget == balance)
            #expect(try await fixture.store.jobs(JobFilter()).map(\.refund) == [.refunded])
            #expect(
                try await fixture.store.usage(from: nil, to: nil).map(\.refunded.amount) == [10]
            )
            #expect(try await fixture.findings(at: later) == [])
        },
        Case("a refund that came before anybody asked about its job waits for the job") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m")
            let jobs = try await fixture.settle(try await fixture.claim(fixture.order(member)))
            let later = start + .seconds(300)
            // The job failed and was given back: 90 + 10. Nothing says yet whose the 10 are.
            _ = try await fixture.observe(account, 100, at: later)
            let early = try await fixture.observe(account, 100, at: later + quietAfter)
            #expect(
                early
                    == .waits(
                        difference: Credits(unchecked: 10),
                        again: later + quietAfter + quietAfter
                    )
            )
            try await fixture.record(jobs[0], .failed, at: later + quietAfter)
            let last = later + quietAfter + quietAfter
            _ = try await fixture.observe(account, 100, at: last)
            _ = try await fixture.observe(account, 100, at: last + quietAfter)
            #expect(try await fixture.store.jobs(JobFilter()).map(\.refund) == [.refunded])
            #expect(try await fixture.overview(of: account).refundsDue == .zero)
            #expect(try await fixture.findings(at: last) == [])
        },
        Case("spending elsewhere shows as drift and is booked at a quiet point") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let operation = fixture.id(LedgerEntry.self)
            let reading = CreditsReading(credits: Credits(unchecked: 60))
            for _ in 0..<2 {
                let outside = try await fixture.store.observe(
                    account.id,
                    reading: reading,
                    operation: operation,
                    at: start + .seconds(1)
                )
                #expect(outside == .outside(by: Credits(unchecked: -40)))
            }
            #expect(try await fixture.overview(of: account).drift == Credits(unchecked: -40))
            let booked = try await fixture.observe(
                account,
                60,
                at: start + .seconds(1) + quietAfter
            )
            #expect(booked == .booked([.adjust(Credits(unchecked: -40), .externalSpend)]))
            #expect(try await fixture.overview(of: account).drift == nil)
            #expect(try await fixture.findings() == [])
        },
        Case("a renewal closes the period and refills, once") { fixture in
            try await fixture.createVault()
            let settings = AccountSettings(
                monthlyCredits: Credits(unchecked: 1000),
                renewsOnDay: 15
            )
            let account = try await fixture.addAccount("a", credits: 200, settings: settings)
            let later = start + .seconds(30 * 86_400)
            _ = try await fixture.observe(account, 1000, at: later)
            let booked = try await fixture.observe(account, 1000, at: later + quietAfter)
            let period = CalendarDay(later).latest(dayOfMonth: 15)
            #expect(
                booked
                    == .booked([
                        .periodClose(unused: Credits(unchecked: 200), period: period),
                        .refill(Credits(unchecked: 1000), period: period),
                    ])
            )
            #expect(try await fixture.observe(account, 1000, at: later + .seconds(9999)) == .agrees)
            #expect(try await fixture.findings(at: later) == [])
        },
    ]
}
