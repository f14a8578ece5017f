import PurserCore
import Testing

struct PolicyTests {
    private let day = Duration.seconds(86_400)

    /// A plan of 1,000 credits that renews on the given day.
    private func plan(renewsOn day: Int, reserve: Int64 = 0, slots: Int = 4) -> AccountSettings {
        AccountSettings(
            maxInFlight: slots,
            reserve: Credits(unchecked: reserve),
            monthlyCredits: Credits(unchecked: 1000),
            renewsOnDay: day
        )
    }

    @Test func `of the capture's two tiers ULTRA is cheaper`() throws {
        let catalogue = Catalogue.builtin
        let model = try #require(catalogue.model(forKey: "veo_3_0_r2v_fast"))
        let request = RouteRequest(models: [model])
        let pro = Candidate.sample("pro-1", .tierOne, credits: 700)
        let ultra = Candidate.sample("ultra-1", .ultra, credits: 690)
        var both = RoutingSnapshot(.balanced, [pro, ultra])
        let choice = try both.choose(request, at: .midNovember)
        #expect(choice.account.name == "ultra-1")
        #expect(choice.price.amount == 10)
        #expect(
            choice.reason
                == "cheapest: 10 credits at a worth of 1.30, ultra's premium included (= 13.00), against 20.00 on pro-1"
        )

        var alone = RoutingSnapshot(.balanced, [pro])
        let second = try alone.choose(request, at: .midNovember)
        #expect(second.account.name == "pro-1")
        #expect(second.price.amount == 20)
        #expect(
            second.reason
                == "the only one that can take it: 20 credits at a worth of 1.00"
        )
        var other = RoutingSnapshot(.balanced, [ultra])
        #expect(try other.choose(request, at: .midNovember).price.amount == 10)
    }

    @Test func `credits are worth more as they get scarce`() throws {
        var pool = RoutingSnapshot(
            .balanced,
            [
                .sample("scarce", credits: 250, settings: plan(renewsOn: 1)),
                .sample("plenty", credits: 750, settings: plan(renewsOn: 1)),
            ]
        )
        // Half of the month is left, so 500 credits would be the even pace.
        #expect(
            try pool.reason()
                == "cheapest: 10 credits at a worth of 1.04, ultra's premium included (= 10.40), against 17.33 on scarce"
        )
        #expect(pool.name() == "plenty")
    }

    @Test func `credits that are about to lapse are worth nothing`() {
        let renewing = Candidate.sample("renewing", credits: 100, settings: plan(renewsOn: 1))
        let unknown = Candidate.sample("unknown", credits: 10_000)
        var pool = RoutingSnapshot(.balanced, [renewing, unknown])
        #expect(pool.name(at: .midNovember) == "unknown")
        let lastMinute = CalendarDay(.midNovember).next(dayOfMonth: 1).start - .seconds(30)
        #expect(pool.name(at: lastMinute) == "renewing")
        #expect(pool.name(at: lastMinute + .seconds(30)) == "unknown")
    }

    @Test func `a plan or a day that is not known makes a worth of one`() {
        var noDay = AccountSettings()
        noDay.monthlyCredits = Credits(unchecked: 1000)
        var noPlan = AccountSettings()
        noPlan.renewsOnDay = 1
        let pool = RoutingSnapshot(
            .balanced,
            [.sample("a", credits: 20, settings: noDay), .sample("b", settings: noPlan)]
        )
        let lines = pool.explain(RouteRequest(models: [.fast]), at: .midNovember).lines
        #expect(
            lines.map(\.score) == [
                "10 credits at a worth of 1.30, ultra's premium included",
                "10 credits at a worth of 1.30, ultra's premium included",
            ]
        )
    }

    @Test func `the reserve is neither grant nor balance`() throws {
        let pool = RoutingSnapshot(
            .balanced,
            [.sample("a", credits: 750, settings: plan(renewsOn: 1, reserve: 500))]
        )
        // 500 of the plan to spend, 250 of them left, half of the month to go.
        #expect(
            try pool.reason()
                == "the only one that can take it: 10 credits at a worth of 1.30, ultra's premium included"
        )
    }

    /// Both are on pace: a credit is worth 1.00.
    private func even() -> RoutingSnapshot {
        RoutingSnapshot(
            .balanced,
            [
                .sample("pro", .tierOne, credits: 500, settings: plan(renewsOn: 1)),
                .sample("ultra", credits: 500, settings: plan(renewsOn: 1)),
            ]
        )
    }

    private let exclusive = Model.sample("exclusive", [.ultra: 100])
    private let same = Model.sample("same", [.tierOne: 50, .ultra: 50])

    @Test func `ULTRA gets dearer for what others can do as more is asked for that it does best`()
        throws
    {
        var pool = even()
        #expect(try pool.reason().contains("1.30, ultra's premium included (= 13.00)"))
        pool.demand.add(exclusive, videos: 1000)
        #expect(
            try pool.reason()
                == "cheapest: 10 credits at a worth of 1.80, ultra's premium included (= 17.99), against 20.00 on pro"
        )
        #expect(
            try pool.reason(RouteRequest(models: [exclusive]))
                == "the only one that can take it: 100 credits at a worth of 1.00"
        )
        pool.demand.add(same, videos: 2000)
        #expect(try pool.reason().contains("at a worth of 1.30"))
        pool.demand.add(same, videos: 100_000)
        #expect(try pool.reason().contains("at a worth of 1.10"))
    }

    @Test func `a few videos decide nothing`() throws {
        var pool = even()
        pool.demand.add(.fast, videos: 1)
        #expect(try pool.reason().contains("at a worth of 1.37"))
    }

    @Test func `the premium is over the plans of accounts in use`() {
        var pool = even()
        pool.demand.add(exclusive, videos: 1000)
        let premium = pool.premium
        #expect(premium == 799)
        pool.upsert(.sample("other", .tierOne, settings: plan(renewsOn: 3)), at: .midNovember)
        #expect(pool.premium == 300 + 999 - 333)
        pool.upsert(
            .sample("other", .ultra, state: .paused(reason: "x"), settings: plan(renewsOn: 3)),
            at: .midNovember
        )
        #expect(pool.premium == premium)
        pool.upsert(.sample("other", .ultra, settings: plan(renewsOn: 3)), at: .midNovember)
        #expect(pool.premium == 300 + 999 - 666)
        pool.remove(.sample("other"))
        #expect(pool.premium == premium)
        pool.remove(.sample("pro"))
        #expect(pool.premium == 300)
    }

    @Test func `a video counts where it costs least, and for others where it costs the same`() {
        var demand = CreditDemand()
        let models: [Model] = [.fast, .free, exclusive, same, .sample("rumour", [.ultra: nil])]
        for model in models { demand.add(model, videos: 3) }
        #expect(demand.ultra == 330)
        #expect(demand.others == 150)
    }

    @Test func `ties go to the least busy, then the longest unused, then by name`() throws {
        var pool = RoutingSnapshot(
            .balanced,
            [
                .sample("d", jobs: 1, lastUsed: 1), .sample("c", lastUsed: 7),
                .sample("b", lastUsed: 5), .sample("a", lastUsed: 5),
            ]
        )
        #expect(try pool.reason().hasSuffix("(= 13.00), as on b, and first by name"))
        pool.remove(.sample("a"))
        #expect(try pool.reason().hasSuffix("(= 13.00), as on c, which was used more recently"))
        pool.remove(.sample("b"))
        #expect(try pool.reason().hasSuffix("as on d, which is busier (1 of 4 jobs under way)"))
    }

    @Test func `free work goes to the least busy under every policy`() throws {
        for policy in PolicyName.allCases {
            var pool = RoutingSnapshot(
                policy,
                [
                    .sample("busy", credits: 9000, jobs: 2, settings: plan(renewsOn: 17)),
                    .sample("calm", credits: nil, jobs: 1, lastUsed: 9),
                ]
            )
            #expect(pool.name(RouteRequest(models: [.free])) == "calm")
            #expect(pool.name(RouteRequest(models: [])) == "calm")
            #expect(
                try pool.reason(RouteRequest(models: [.free]))
                    == "free; 1 of 4 jobs under way, against 2 of 4 jobs under way on busy"
            )
        }
    }

    @Test func `what is free on one tier goes there`() throws {
        let model = Model.sample("half", [.tierOne: 20, .ultra: 0])
        for policy in PolicyName.allCases {
            let pool = RoutingSnapshot(
                policy,
                [.sample("pro", .tierOne, lastUsed: 0), .sample("ultra", lastUsed: 5)]
            )
            #expect(
                try pool.reason(RouteRequest(models: [model]))
                    == "costs nothing here, against 20 credits on pro"
            )
        }
    }

    @Test func `soonest renewal goes by the calendar, unknown renewals last`() throws {
        let pool = RoutingSnapshot(
            .soonestRenewal,
            [
                .sample("unknown", credits: 5000),
                .sample("later", settings: plan(renewsOn: 15)),
                .sample("soon", settings: plan(renewsOn: 17)),
            ]
        )
        #expect(
            try pool.reason()
                == "renews soonest: 10 credits; renews on 2026-11-17; later: renews on 2026-12-15"
        )
        let lines = pool.explain(RouteRequest(models: [.fast]), at: .midNovember).lines
        #expect(lines.map(\.name) == ["soon", "later", "unknown"])
    }

    @Test func `most credits looks at what is available`() throws {
        let pool = RoutingSnapshot(
            .mostCredits,
            [.sample("a", credits: 500, held: 100), .sample("b", credits: 450)]
        )
        #expect(
            try pool.reason() == "most credits: 10 credits of 450 available, against 400 on a"
        )
    }

    @Test func `round-robin takes turns`() throws {
        var pool = RoutingSnapshot(
            .roundRobin,
            ["a", "b", "c"].map { .sample($0, lastUsed: $0 == "a" ? 1 : 0) }
        )
        var order: [String] = []
        for turn in 2..<8 {
            let chosen = try pool.choose(RouteRequest(models: [.fast]), at: .midNovember).account
            order.append(chosen.name)
            var candidate = try #require(pool[chosen.id])
            candidate.lastUsed = Int64(turn)
            pool.upsert(candidate, at: .midNovember)
        }
        #expect(order == ["b", "c", "a", "b", "c", "a"])
    }

    @Test func `least busy is relative to what the account may run`() throws {
        let pool = RoutingSnapshot(
            .leastBusy,
            [
                .sample("small", jobs: 1, settings: plan(renewsOn: 1, slots: 2)),
                .sample("large", jobs: 3, settings: plan(renewsOn: 1, slots: 8)),
            ]
        )
        #expect(
            try pool.reason()
                == "least busy: 10 credits; 3 of 8 jobs under way, against 1 of 2 jobs under way on small"
        )
    }
}
