import PurserCore
import Testing

extension StoreConformance {
    /// Finding jobs by name, what was said at their end, and the revision that tells whether to look again.
    static let jobCases: [Case] = [
        Case("a job is found by either name, in the order asked, by its member alone") { fixture in
            let (mine, theirs) = try await twoMembersJobs(fixture)
            let store = fixture.store
            let names = [mine[1].operationName, "nobody's", "alias-0", mine[0].operationName]
            let found = try await store.jobs(named: names, in: .media, of: mine[0].memberID)
            #expect(found.map(\.name) == [mine[1].operationName, "alias-0", mine[0].operationName])
            #expect(found.map(\.job.id) == [mine[1].id, mine[0].id, mine[0].id])
            #expect(found.map(\.job.alias) == ["alias-1", "alias-0", "alias-0"])
            let foreign = try await store.jobs(
                named: theirs.map(\.operationName),
                in: .operations,
                of: mine[0].memberID
            )
            #expect(foreign.isEmpty)
        },
        Case("what was said at a job's end is kept for its shape, and the first stays") { fixture in
            let (jobs, _) = try await twoMembersJobs(fixture)
            let job = jobs[0]
            let sealed = SealedAnswer(status: 200, contentType: nil, epoch: 1, sealed: [1, 2])
            let other = SealedAnswer(status: 200, contentType: nil, epoch: 1, sealed: [3])
            func record(_ answer: SealedAnswer, _ shape: ResponseShape) async throws {
                let update = JobUpdate(
                    jobID: job.id,
                    state: .successful,
                    failure: nil,
                    mediaIDs: [],
                    answer: JobAnswer(shape: shape, sealed: answer),
                    operation: fixture.id()
                )
                try await fixture.store.recordJobs([update], of: job.accountID, at: start)
            }
            func kept(_ shape: ResponseShape) async throws -> SealedAnswer? {
                let found = try await fixture.store.jobs(
                    named: [job.operationName],
                    in: shape,
                    of: job.memberID
                )
                return found.first?.answer
            }
            #expect(try await kept(.operations) == nil)
            try await record(sealed, .operations)
            try await record(other, .operations)
            #expect(try await kept(.operations) == sealed)
            #expect(try await kept(.media) == nil)
            try await record(other, .media)
            #expect(try await kept(.media) == other)
            let old = SealedAnswer(status: 200, contentType: nil, epoch: 9, sealed: [3])
            #expect(await failure { try await record(old, .media) } != nil)
        },
        Case("the revision stays while claims are refused, and moves with all that may mend it") {
            fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 15)
            let member = try await fixture.addMember("m")
            let store = fixture.store
            var last = try await store.routingRevision()
            func hasMoved() async throws -> Bool {
                let next = try await store.routingRevision()
                defer { last = next }
                return next != last
            }
            #expect(
                await failure { _ = try await fixture.claim(fixture.order(member, videos: 9)) }
                    != nil
            )
            #expect(try await hasMoved() == false)
            let claim = try await fixture.claim(fixture.order(member))
            #expect(try await hasMoved())
            let jobs = try await fixture.settle(claim)
            #expect(try await hasMoved())
            try await fixture.record(jobs[0], .active)
            #expect(try await hasMoved())
            // What is told of a job again and again moves nothing.
            try await fixture.record(jobs[0], .active)
            #expect(try await hasMoved() == false)
            try await fixture.record(jobs[0], .successful)
            #expect(try await hasMoved())
            _ = try await fixture.observe(account, 5, at: start + .seconds(5))
            #expect(try await hasMoved())
            try await store.updateAccount(
                account.id,
                AccountChange(state: .paused(reason: "test")),
                audit: AuditRecord(actor: LedgerFixture.actor, verb: "test", subject: "a"),
                at: start
            )
            #expect(try await hasMoved())
            var change = MemberChange()
            change.tiers = .some([.ultra])
            try await store.updateMember(
                member.id,
                change,
                audit: AuditRecord(actor: LedgerFixture.actor, verb: "test", subject: "m"),
                at: start
            )
            #expect(try await hasMoved())
        },
    ]

    /// Two jobs of one member, with two names each, and one of another.
    private static func twoMembersJobs(
        _ fixture: LedgerFixture
    ) async throws -> (mine: [Job], theirs: [Job]) {
        try await fixture.createVault()
        _ = try await fixture.addAccount("a")
        let first = try await fixture.addMember("first")
        let second = try await fixture.addMember("second")
        let claim = try await fixture.claim(fixture.order(first, videos: 2))
        let named = fixture.jobs(of: claim).enumerated().map { index, job in
            Job(
                id: job.id,
                operationName: job.operationName,
                alias: "alias-\(index)",
                shape: job.shape,
                sceneID: nil,
                projectID: nil,
                accountID: job.accountID,
                memberID: job.memberID,
                submissionID: job.submissionID,
                credentialVersion: job.credentialVersion,
                modelID: job.modelID,
                modelKey: job.modelKey,
                price: job.price,
                createdAt: job.createdAt
            )
        }
        let settlement = Settlement(
            ending: .settled(charged: claim.price, jobs: named),
            evidence: "200",
            operation: fixture.id()
        )
        try await fixture.store.settle(claim, as: settlement, at: start)
        let other = try await fixture.settle(try await fixture.claim(fixture.order(second)))
        return (named, other)
    }
}
