import PurserCore
import PurserTestSupport
import Testing

@testable import PurserEngine

/// Jobs of which the service knows nothing any more.
struct LostJobTests {
    @Test func `a job the service has forgotten is lost after an hour, and its end still counts`()
        async throws
    {
        try await withEngine(sleepsPassTime: false) { home in
            try await home.add("ultra-1", slots: 1)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture)
            home.provider.forget("op-1")
            let desk = JobDesk(home.engine)
            home.clock.advance(by: .seconds(3599))
            #expect(try await desk.ask(JobFilter()).failures.count == 1)
            #expect(try await home.job("op-1").state == .pending)
            #expect(try await home.overview("ultra-1").candidate.jobsInFlight == 1)
            home.clock.advance(by: .seconds(1))
            #expect(try await desk.ask(JobFilter()).failures.count == 1)
            #expect(try await home.job("op-1").state == .lost)
            #expect(try await home.job("op-1").refund == RefundState.none)
            #expect(try await home.overview("ultra-1").candidate.jobsInFlight == 0)
            // Nobody waits for it, and that it stays away is no news.
            #expect(try await desk.ask(JobFilter()).failures.isEmpty)
            let waited = try await desk.wait(JobFilter(), limit: nil) { _ in }
            #expect(waited.map(\.state) == [.lost])

            home.provider.forget("op-1", false)
            home.provider.job(.ended("op-1", .failed))
            let checked = try await desk.ask(JobFilter())
            #expect(checked.ended.map(\.state) == [.failed])
            #expect(try await home.job("op-1").refund == .due)
            let kinds = try await home.entries("ultra-1").map(\.kind)
            #expect(kinds.count { $0 == .refundDue } == 1)
        }
    }

    @Test func `a job that an answer leaves out is lost likewise`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            home.provider.answer(.accepted("op-1", "op-2"))
            _ = try await home.send(.capture)
            home.provider.job(
                JobReading(operationName: "op-1", state: .active, failure: nil, mediaIDs: [])
            )
            home.clock.advance(by: .seconds(4000))
            let checked = try await JobDesk(home.engine).ask(JobFilter())
            #expect(checked.failures.isEmpty)
            #expect(try await home.job("op-1").state == .active)
            #expect(try await home.job("op-2").state == .lost)
        }
    }

    @Test func `a job that a caller asks for in another shape is not lost by that`() async throws {
        try await withEngine { home in
            let member = try await home.asMember("ada")
            try await home.add("ultra-1", .ultra, credits: 100)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture, member: member.id)
            home.clock.advance(by: .seconds(4000))
            home.provider.forget("op-1")
            let question = Array(#"{"media":[{"name":"op-1"}]}"#.utf8)
            _ = try? await StatusDesk(home.engine).answer(question, for: member)
            #expect(home.provider.asked.count == 1)
            #expect(try await home.job("op-1").state == .pending)
            _ = try await JobDesk(home.engine).ask(JobFilter())
            #expect(try await home.job("op-1").state == .lost)
        }
    }

    @Test func `a lost job keeps neither its account nor a retired token`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 100)
            home.provider.answer(.accepted("op-1"))
            _ = try await home.send(.capture)
            home.clock.advance(by: .seconds(4000))
            home.provider.forget("op-1")
            let register = AccountRegister(
                store: home.engine.store,
                actor: home.engine.actor,
                now: home.engine.ambient.now
            )
            await #expect(throws: StoreError.self) {
                try await register.checkRemovable(try await home.overview("ultra-1"))
            }
            let asked = try await JobDesk(home.engine).ask(JobFilter())
            #expect(asked.open.map(\.state) == [.lost])
            try await register.checkRemovable(try await home.overview("ultra-1"))
            // Waiting for others asks nothing about it.
            let before = home.provider.asked.count
            _ = try await JobDesk(home.engine).wait(JobFilter(), limit: .zero) { _ in }
            #expect(home.provider.asked.count == before)
        }
    }

    @Test func `a lost job is asked about alone, now and then, and at last no more`() {
        var generator = SplitMix(state: 3)
        let account = AccountID(using: &generator)
        let start = ManualClock().now
        func job(_ state: JobState) -> Job {
            let id = JobID(using: &generator)
            return Job(
                id: id,
                operationName: "\(id)",
                shape: .operations,
                sceneID: nil,
                projectID: nil,
                accountID: account,
                memberID: MemberID(using: &generator),
                submissionID: SubmissionID(using: &generator),
                credentialVersion: 1,
                modelID: ModelID("m"),
                modelKey: "m",
                price: .zero,
                createdAt: start,
                state: state
            )
        }
        let jobs = [job(.lost), job(.active), job(.lost), job(.active)]
        var plan = WatchPlan(pollEvery: .seconds(5))
        func asked(after span: Duration) -> [Int] {
            var counts: [Int] = []
            plan.plan(jobs, at: start + span)
            while let batch = plan.next(at: start + span) {
                counts.append(batch.jobs.count)
                plan.finish(batch, failed: false, at: start + span)
            }
            return counts.sorted()
        }
        #expect(asked(after: .seconds(3600)) == [1, 1, 2])
        #expect(asked(after: .seconds(4800)) == [2])
        #expect(asked(after: .seconds(3600 * 7)) == [1, 1, 2])
        #expect(asked(after: .seconds(86_400 * 31)) == [2])
    }
}
