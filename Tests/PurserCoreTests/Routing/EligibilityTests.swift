import PurserCore
import Testing

struct EligibilityTests {
    private let now = Timestamp.midNovember
    private let fast = RouteRequest(models: [.fast])

    private func reasons(_ candidate: Candidate, _ request: RouteRequest) -> [Ineligibility] {
        Eligibility.ineligibilities(of: candidate, for: request, at: now)
    }

    private func rest(
        _ reason: RestReason,
        model: ModelID? = nil,
        until: Timestamp? = nil
    ) -> Rest {
        Rest(
            accountID: .sample("a"),
            modelID: model,
            until: until ?? now + .seconds(60),
            reason: reason,
            strikes: 1
        )
    }

    @Test func `an account that can take the request has no reason against it`() {
        #expect(reasons(.sample("a"), fast) == [])
        #expect(reasons(.sample("a", .tierOne), fast) == [])
    }

    @Test func `another account was asked for`() {
        let request = RouteRequest(models: [.fast], only: .sample("b"))
        #expect(reasons(.sample("a"), request) == [.notTheOneAskedFor])
        #expect(reasons(.sample("b"), request) == [])
    }

    @Test func `an account is not tried twice`() {
        let request = RouteRequest(models: [.fast], tried: [.sample("a")])
        #expect(reasons(.sample("a"), request) == [.alreadyTried])
    }

    @Test func `pauses and dead tokens are named with their reason`() {
        let paused = Candidate.sample("a", state: .paused(reason: "holiday"))
        #expect(reasons(paused, fast) == [.paused(reason: "holiday")])
        let dead = Candidate.sample("a", state: .needsRotation(reason: "401"))
        #expect(reasons(dead, fast) == [.needsRotation(reason: "401")])
    }

    @Test func `a token has expired from its instant on`() {
        #expect(reasons(.sample("a", expires: now), fast) == [.tokenExpired(at: now)])
        #expect(reasons(.sample("a", expires: now + .milliseconds(1)), fast) == [])
    }

    @Test func `a tier that cannot buy a model is told once for each model`() {
        let exclusive = Model.sample("exclusive", [.ultra: 10])
        let request = RouteRequest(models: [exclusive, .fast, exclusive])
        #expect(
            reasons(.sample("a", .tierOne), request)
                == [.tierCannotUse(model: exclusive.id, tier: .tierOne)]
        )
        #expect(reasons(.sample("a", .ultra), request) == [])
    }

    @Test func `a price nobody knows is not routed`() {
        let model = Model.sample("rumour", [.ultra: Int64?.none])
        #expect(
            reasons(.sample("a"), RouteRequest(models: [model]))
                == [.priceUnknown(model: model.id, tier: .ultra)]
        )
    }

    @Test func `another tier was asked for`() {
        let request = RouteRequest(models: [.fast], onlyTier: .tierOne)
        #expect(reasons(.sample("a"), request) == [.otherTierAskedFor(.tierOne)])
        #expect(reasons(.sample("a", .tierOne), request) == [])
    }

    @Test func `a rest holds until its instant, for its model or for all`() {
        let all = rest(.throttled)
        let its = rest(.dailyModelQuota, model: Model.fast.id)
        let other = rest(.dailyModelQuota, model: ModelID("other"))
        let over = rest(.throttled, until: now)
        #expect(
            reasons(.sample("a", rests: [all, its, other, over]), fast) == [
                .resting(reason: .throttled, until: all.until, model: nil),
                .resting(reason: .dailyModelQuota, until: its.until, model: Model.fast.id),
            ]
        )
    }

    @Test func `an account without credits still does what costs none`() {
        let candidate = Candidate.sample("a", credits: 0, rests: [rest(.outOfCredits)])
        #expect(reasons(candidate, RouteRequest(models: [.free])) == [])
        #expect(reasons(candidate, fast).count == 2)
    }

    @Test func `an unknown balance takes free work only`() {
        #expect(reasons(.sample("a", credits: nil), fast) == [.balanceUnknown])
        #expect(reasons(.sample("a", credits: nil), RouteRequest(models: [.free])) == [])
    }

    @Test func `holds and the reserve are not to be spent`() {
        let settings = AccountSettings(reserve: Credits(unchecked: 70))
        let short = Candidate.sample("a", credits: 100, held: 21, settings: settings)
        #expect(
            reasons(short, fast) == [
                .notEnoughCredits(
                    available: Credits(unchecked: 79),
                    reserve: Credits(unchecked: 70),
                    price: Credits(unchecked: 10)
                )
            ]
        )
        #expect(reasons(.sample("a", credits: 100, held: 20, settings: settings), fast) == [])
    }

    @Test func `every element is paid for`() {
        let request = RouteRequest(models: [.fast, .fast, .fast])
        #expect(reasons(.sample("a", credits: 30), request) == [])
        #expect(reasons(.sample("a", credits: 29), request).count == 1)
    }

    @Test func `more than the caller wants to spend`() {
        let request = RouteRequest(models: [.fast], maxCredits: Credits(unchecked: 10))
        #expect(reasons(.sample("a"), request) == [])
        #expect(
            reasons(.sample("a", .tierOne), request) == [
                .aboveMaximum(price: Credits(unchecked: 20), maximum: Credits(unchecked: 10))
            ]
        )
    }

    @Test func `a job needs a free slot, an upload does not`() {
        let full = Candidate.sample("a", jobs: 4)
        #expect(reasons(full, fast) == [.noFreeSlot(inFlight: 4, maximum: 4)])
        #expect(reasons(full, RouteRequest(models: [])) == [])
    }

    @Test func `each element needs a slot, and what needs more than there are waits for all`() {
        let three = RouteRequest(models: [.fast, .fast, .fast])
        #expect(reasons(.sample("a", jobs: 1), three) == [])
        #expect(
            reasons(.sample("a", jobs: 2), three) == [.noFreeSlot(inFlight: 2, maximum: 4)]
        )
        let five = RouteRequest(models: Array(repeating: .fast, count: 5))
        #expect(reasons(.sample("a", jobs: 0), five) == [])
        #expect(reasons(.sample("a", jobs: 1), five) == [.noFreeSlot(inFlight: 1, maximum: 4)])
    }

    @Test func `media bind a request to their owner, and two owners to nobody`() {
        let one = RouteRequest(models: [.fast], mediaOwners: [.sample("b")])
        #expect(reasons(.sample("a"), one) == [.mediaBelongTo([.sample("b")])])
        #expect(reasons(.sample("b"), one) == [])
        let owners: Set<AccountID> = [.sample("a"), .sample("b")]
        let two = RouteRequest(models: [.fast], mediaOwners: owners)
        #expect(reasons(.sample("a"), two) == [.mediaBelongTo(owners.sorted())])
    }

    @Test func `every reason is told, not the first alone`() {
        let candidate = Candidate.sample(
            "a",
            credits: nil,
            jobs: 9,
            rests: [rest(.throttled)],
            state: .paused(reason: "holiday"),
            expires: now
        )
        let request = RouteRequest(models: [.fast], only: .sample("b"), tried: [.sample("a")])
        #expect(reasons(candidate, request).count == 7)
    }
}
