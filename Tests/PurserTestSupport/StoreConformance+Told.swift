import PurserCore
import Testing

extension StoreConformance {
    /// What the provider says beside the answers to submissions, and of everybody at once.
    static let toldCases: [Case] = [
        Case("of many refusals at once that concern everybody the first says it all") { fixture in
            try await fixture.createVault()
            let accounts = [
                try await fixture.addAccount("a"), try await fixture.addAccount("b"),
                try await fixture.addAccount("c"),
            ]
            let member = try await fixture.addMember("m")
            var claims: [Claim] = []
            for account in accounts {
                claims.append(try await fixture.claim(fixture.order(member, only: account)))
            }
            func refuse(
                _ claim: Claim,
                after span: Duration,
                until length: Duration = .seconds(60),
                strikes: Int = 1
            ) async throws {
                let now = start + span
                let rest = Rest(
                    accountID: claim.account.id,
                    modelID: nil,
                    until: now + length,
                    reason: .networkRefused,
                    strikes: strikes,
                    since: now
                )
                try await fixture.end(
                    claim,
                    .voided,
                    rests: [rest],
                    restsEveryAccount: true,
                    at: now
                )
            }
            func ends() async throws -> [Duration] {
                try await fixture.store.accounts().flatMap(\.candidate.rests)
                    .map { $0.until - start }
            }
            try await refuse(claims[0], after: .seconds(1))
            let first = try await ends()
            #expect(first == [.seconds(61), .seconds(76), .seconds(76)])
            try await refuse(claims[1], after: .seconds(2))
            #expect(try await ends() == first)
            // But where the service asks for longer, that is obeyed.
            try await refuse(claims[2], after: .seconds(10), until: .seconds(65))
            #expect(try await ends() == [.seconds(75), .seconds(90), .seconds(90)])
            // Work that was begun after the rest says something new.
            let later = try await fixture.claim(fixture.order(member), at: start + .seconds(95))
            try await refuse(later, after: .seconds(96), strikes: 2)
            #expect(try await ends() == [.seconds(156), .seconds(171), .seconds(171)])
        },
        Case("a refusal of a question means for the account what one of work does") { fixture in
            try await fixture.createVault()
            let a = try await fixture.addAccount("a")
            let b = try await fixture.addAccount("b")
            func refuse(
                _ cause: RefusalCause,
                version: UInt64 = 1,
                begun: Duration,
                after span: Duration
            ) async throws {
                let refused = RefusedCall(
                    cause: cause,
                    words: "no",
                    credentialVersion: version,
                    begunAt: start + begun
                )
                try await fixture.store.takeIn(refused, of: a.id, at: start + span)
            }
            func rests(_ account: Account) async throws -> [Rest] {
                let overview = try await fixture.overview(of: account)
                return overview.candidate.rests
            }
            try await refuse(.throttled, begun: .zero, after: .seconds(1))
            #expect(try await rests(a).map(\.until) == [start + .seconds(61)])
            // Asked while it rests: that goes on, and is no further strike.
            try await refuse(.throttled, begun: .seconds(5), after: .seconds(6))
            #expect(try await rests(a).map(\.until) == [start + .seconds(66)])
            #expect(try await rests(a).map(\.strikes) == [1])
            try await refuse(.throttled, begun: .seconds(70), after: .seconds(71))
            #expect(try await rests(a).map(\.until) == [start + .seconds(191)])
            // Begun before that rest and told after it: no further strike, and none is lost.
            try await refuse(.throttled, begun: .seconds(60), after: .seconds(200))
            #expect(try await rests(a).map(\.until) == [start + .seconds(260)])
            #expect(try await rests(a).map(\.strikes) == [2])
            #expect(try await rests(b).isEmpty)
            try await refuse(.tooMuchTraffic, begun: .seconds(71), after: .seconds(72))
            #expect(try await rests(b).map(\.reason) == [.tooMuchTraffic])
            try await refuse(.tokenDead, version: 9, begun: .zero, after: .seconds(80))
            #expect(try await fixture.store.account(a.id)?.state == .enabled)
            try await refuse(.unusualActivity, begun: .zero, after: .seconds(80))
            guard case .paused? = try await fixture.store.account(a.id)?.state else {
                Issue.record("it goes on working")
                return
            }
            #expect(try await fixture.store.audit().last?.record.verb == "account.pause")
        },
        Case("a lost job holds no slot, is owed nothing, and still ends once") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount(
                "a",
                settings: AccountSettings(maxInFlight: 1)
            )
            let member = try await fixture.addMember("m")
            let job = try await fixture.settle(try await fixture.claim(fixture.order(member)))[0]
            #expect(await failure { _ = try await fixture.claim(fixture.order(member)) } != nil)
            try await fixture.record(job, .lost)
            let lost = try await fixture.store.jobs(JobFilter(openOnly: true))
            #expect(lost.map(\.state) == [.lost])
            #expect(lost.map(\.refund) == [RefundState.none])
            try await fixture.void(try await fixture.claim(fixture.order(member)))
            for _ in 1...2 { try await fixture.record(job, .failed) }
            // What is asked for late does not take it back.
            try await fixture.record(job, .lost)
            let ended = try await fixture.store.jobs(JobFilter())
            #expect(ended.map(\.state) == [.failed])
            #expect(ended.map(\.refund) == [.due])
            let kinds = try await fixture.store.entries(
                EntryFilter(ledgerAccount: .credits(account.id))
            ).map(\.kind)
            #expect(kinds.count { $0 == .refundDue } == 1)
        },
        Case("what was said at an end long ago is forgotten, and the job stays") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            var jobs: [Job] = []
            for day in 0..<3 {
                let claim = try await fixture.claim(fixture.order(member))
                jobs += try await fixture.settle(claim)
                let sealed = SealedAnswer(status: 200, contentType: nil, epoch: 1, sealed: [1])
                let update = JobUpdate(
                    jobID: jobs[day].id,
                    state: .successful,
                    failure: nil,
                    mediaIDs: [],
                    answer: JobAnswer(shape: .operations, sealed: sealed),
                    operation: fixture.id()
                )
                try await fixture.store.recordJobs(
                    [update],
                    of: jobs[day].accountID,
                    at: start + .seconds(Int64(day) * 86_400)
                )
            }
            let end = start + .seconds(86_401)
            #expect(try await fixture.store.pruneJobAnswers(endedBefore: start) == 0)
            #expect(try await fixture.store.pruneJobAnswers(endedBefore: end) == 2)
            #expect(try await fixture.store.pruneJobAnswers(endedBefore: end) == 0)
            let found = try await fixture.store.jobs(
                named: jobs.map(\.operationName),
                in: .operations,
                of: member.id
            )
            #expect(found.map { $0.answer == nil } == [true, true, false])
            #expect(found.map(\.job.state) == [.successful, .successful, .successful])
        },
        Case("claims that are told together are taken in that order, and each ends on its own") {
            fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount(
                "a",
                settings: AccountSettings(maxInFlight: 3)
            )
            let member = try await fixture.addMember("m")
            let orders = [
                fixture.order(member, key: "k"),
                fixture.order(member, key: "k", fingerprint: [2]), fixture.order(member),
                fixture.order(member), fixture.order(member),
            ]
            let results = await fixture.store.claim(orders, at: start)
            let words = results.map { result in
                switch result {
                case .success(.claimed(let claim)): "claimed for \(claim.submissionID)"
                case .success(.repeated): "repeated"
                case .failure(let error): error is RoutingRefusal ? "no slot" : "conflict"
                }
            }
            let claimed = orders.map { "claimed for \($0.submissionID)" }
            #expect(words == [claimed[0], "conflict", claimed[2], claimed[3], "no slot"])
            #expect(try await fixture.overview(of: account).candidate.jobsInFlight == 3)
            #expect(await fixture.store.claim([], at: start).isEmpty)
        },
        Case("a repeat is told without taking anything") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            func predecessor(_ fingerprint: [UInt8] = [1]) async throws -> SubmissionRecord? {
                let order = fixture.order(member, key: "k", fingerprint: fingerprint)
                return try await fixture.store.predecessor(of: order)
            }
            #expect(try await predecessor() == nil)
            let claim = try await fixture.claim(fixture.order(member, key: "k"))
            let underWay = await failure { _ = try await predecessor() }
            #expect(underWay == "the request under the idempotency key k is still under way")
            try await fixture.settle(claim)
            #expect(try await predecessor()?.id == claim.submissionID)
            #expect(await failure { _ = try await predecessor([2]) } != nil)
        },
    ]
}
