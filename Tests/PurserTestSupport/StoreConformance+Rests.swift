import PurserCore
import Testing

extension StoreConformance {
    static func rest(
        _ account: Account,
        _ reason: RestReason,
        until: Timestamp = start + .seconds(60),
        price: Int64 = 0
    ) -> Rest {
        Rest(
            accountID: account.id,
            modelID: nil,
            until: until,
            reason: reason,
            strikes: 1,
            since: start,
            price: Credits(unchecked: price)
        )
    }

    static let restCases: [Case] = [
        Case("an account comes back with one job, then two, then all it may run") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let refused = try await fixture.claim(fixture.order(member))
            try await fixture.end(refused, .voided, rests: [rest(account, .throttled)])
            let back = start + .seconds(60)
            func claims(_ count: Int) async throws -> [Claim] {
                var claims: [Claim] = []
                for _ in 0..<count {
                    claims.append(try await fixture.claim(fixture.order(member), at: back))
                }
                #expect(
                    await failure {
                        _ = try await fixture.claim(fixture.order(member), at: back)
                    } != nil
                )
                return claims
            }
            var jobs: [Job] = []
            for width in [1, 2] {
                let claims = try await claims(width)
                // One success is enough for twice as many.
                jobs += try await fixture.settle(claims[0], at: back)
                for claim in claims.dropFirst() { try await fixture.void(claim, at: back) }
                for job in jobs { try await fixture.record(job, .successful, at: back) }
                jobs = []
            }
            for claim in try await claims(4) { try await fixture.void(claim, at: back) }
            // A strike begins anew.
            let again = Rest(
                accountID: account.id,
                modelID: nil,
                until: back + .seconds(120),
                reason: .throttled,
                strikes: 2,
                since: back
            )
            let struck = try await fixture.claim(fixture.order(member), at: back)
            try await fixture.end(struck, .voided, rests: [again], at: back)
            #expect(try await fixture.overview(of: account).candidate.rests == [again])
        },
        Case("work from before a rest ended does not count as a success after it") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let slow = try await fixture.claim(fixture.order(member))
            let refused = try await fixture.claim(fixture.order(member))
            try await fixture.end(refused, .voided, rests: [rest(account, .throttled)])
            try await fixture.settle(slow, at: start + .seconds(90))
            #expect(try await fixture.overview(of: account).candidate.rests[0].successes == 0)
        },
        Case("a rest that holds is neither shortened nor loses its strikes") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let claims = [
                try await fixture.claim(fixture.order(member)),
                try await fixture.claim(fixture.order(member)),
            ]
            let long = Rest(
                accountID: account.id,
                modelID: nil,
                until: start + .seconds(600),
                reason: .throttled,
                strikes: 3,
                since: start
            )
            try await fixture.end(claims[0], .voided, rests: [long])
            try await fixture.end(claims[1], .voided, rests: [rest(account, .throttled)])
            #expect(try await fixture.overview(of: account).candidate.rests == [long])
        },
        Case("a reading of the price ends a rest for lack of credits, in time") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let until = start + RestRule.outOfCredits
            let rests = [rest(account, .outOfCredits, until: until, price: 10)]
            let refused = try await fixture.claim(fixture.order(member))
            try await fixture.end(refused, .voided, rests: rests)
            func read(_ credits: Int64, after span: Duration) async throws -> Timestamp? {
                _ = try await fixture.observe(account, credits, at: start + span)
                return try await fixture.overview(of: account).candidate.rests.first?.until
            }
            // At once it may be the old number, which the service has just contradicted.
            #expect(try await read(1000, after: .seconds(1)) == until)
            #expect(try await read(9, after: .seconds(600)) == until + .seconds(600))
            let refusal = await failure {
                _ = try await fixture.claim(fixture.order(member), at: until)
            }
            #expect(refusal?.contains("out_of_credits") == true)
            let ended = start + .seconds(601)
            #expect(try await read(10, after: .seconds(601)) == ended)
            _ = try await fixture.claim(fixture.order(member), at: ended)
        },
        Case("a job that ends makes room, and its reason counts once") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let jobs = try await fixture.settle(try await fixture.claim(fixture.order(member)))
            let refused = try await fixture.claim(fixture.order(member))
            try await fixture.end(refused, .voided, rests: [rest(account, .concurrencyLimit)])
            func record(_ cause: RefusalCause, at now: Timestamp) async throws -> [Rest] {
                let update = JobUpdate(
                    jobID: jobs[0].id,
                    state: .failed,
                    failure: "x",
                    mediaIDs: [],
                    cause: cause,
                    operation: fixture.id()
                )
                try await fixture.store.recordJobs([update], of: account.id, at: now)
                return try await fixture.overview(of: account).candidate.rests
                    .filter { now < $0.until }
            }
            let now = start + .seconds(5)
            #expect(try await record(.throttled, at: now).map(\.reason) == [.throttled])
            #expect(try await record(.throttled, at: now + .seconds(60)) == [])
        },
        Case("an account that is never quiet stops for a moment, once, and is decided") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 1000)
            let member = try await fixture.addMember("m")
            let lost = try await fixture.claim(fixture.order(member))
            try await fixture.markUnknown(lost)
            var now = start
            var spent: Int64 = 0
            func work() async throws {
                let claim = try await fixture.claim(fixture.order(member), at: now)
                let jobs = try await fixture.settle(claim, at: now)
                try await fixture.record(jobs[0], .successful, at: now)
                spent += 10
                _ = try await fixture.observe(account, 990 - spent, at: now)
            }
            for _ in 1...23 {
                now = now + .seconds(3600)
                try await work()
            }
            #expect(try await fixture.overview(of: account).candidate.rests == [])
            now = now + .seconds(3600)
            try await work()
            let refusal = await failure {
                _ = try await fixture.claim(fixture.order(member), at: now)
            }
            #expect(refusal == "no account can take this request: a: waits for a quiet point")
            // Meanwhile readings decide what was lost.
            for _ in 1...2 {
                now = now + quietAfter
                _ = try await fixture.observe(account, 990 - spent, at: now)
            }
            #expect(try await fixture.store.unknownHolds(of: nil).isEmpty)
            now = now + quietAfter
            try await work()
            #expect(try await fixture.findings(at: now).filter(\.isViolation) == [])
        },
    ]
}
