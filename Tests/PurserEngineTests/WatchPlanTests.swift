import PurserCore
import Testing

@testable import PurserEngine

struct WatchPlanTests {
    private let start = Timestamp(milliseconds: 1_795_262_400_000)

    private func job(_ number: UInt64, of account: UInt64, at created: Timestamp) -> Job {
        Job(
            id: JobID(high: 1, low: number),
            operationName: "op-\(number)",
            shape: .operations,
            sceneID: nil,
            projectID: nil,
            accountID: AccountID(high: 2, low: account),
            memberID: MemberID(high: 3, low: 1),
            submissionID: SubmissionID(high: 4, low: number),
            credentialVersion: 1,
            modelID: ModelID("m"),
            modelKey: "m",
            price: .zero,
            createdAt: created
        )
    }

    @Test func `the longest overdue is first, and no account is asked twice at a time`() {
        var plan = WatchPlan(pollEvery: .seconds(5))
        let jobs = [
            job(1, of: 1, at: start), job(2, of: 2, at: start - .seconds(60)),
            job(3, of: 2, at: start + .seconds(60)),
        ]
        let now = start + .seconds(10)
        plan.plan(jobs, at: now)
        let first = plan.next(at: now)
        #expect(first?.jobs.map(\.operationName) == ["op-2"])
        plan.plan(jobs, at: now + .seconds(100))
        #expect(plan.next(at: now + .seconds(100))?.jobs.map(\.operationName) == ["op-1"])
        #expect(plan.next(at: now + .seconds(100)) == nil)
        if let first { plan.finish(first, failed: false, at: now + .seconds(100)) }
        #expect(plan.next(at: now + .seconds(100))?.jobs.map(\.operationName) == ["op-3"])
    }

    @Test func `a batch that cannot be asked about does not keep the account's others from it`() {
        var plan = WatchPlan(pollEvery: .seconds(5))
        let jobs = (0..<UInt64(JobInquiry.batch) + 1).map { job($0, of: 1, at: start) }
        var now = start + .seconds(10)
        plan.plan(jobs, at: now)
        guard let first = plan.next(at: now) else {
            Issue.record("nothing to ask about")
            return
        }
        plan.finish(first, failed: true, at: now)
        now = now + .seconds(6)
        plan.plan(jobs, at: now)
        #expect(plan.next(at: now)?.jobs.first?.operationName == "op-\(JobInquiry.batch)")
    }

    @Test func `the pauses grow with a job's age, to ten minutes`() {
        var plan = WatchPlan(pollEvery: .seconds(5))
        let jobs = [job(1, of: 1, at: start)]
        var asked: [Int64] = []
        for second in 0..<86_400 {
            let now = start + .seconds(second)
            plan.plan(jobs, at: now)
            guard let batch = plan.next(at: now) else { continue }
            plan.finish(batch, failed: false, at: now)
            asked.append(Int64(second))
        }
        let pauses = zip(asked, asked.dropFirst()).map { $1 - $0 }
        #expect(asked.first == 5)
        #expect(pauses.first == 5)
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == 600)
        // Four minutes, which most jobs take: about every 5 seconds; a day: not 200 times.
        #expect(asked.count { $0 <= 240 } > 40)
        #expect(asked.count < 350)
    }

    @Test func `an account that cannot be asked is left alone for longer and longer`() {
        var plan = WatchPlan(pollEvery: .seconds(5))
        let jobs = [job(1, of: 1, at: start), job(2, of: 2, at: start)]
        var asked: [UInt64: Int] = [:]
        for second in 0..<3600 {
            let now = start + .seconds(second)
            plan.plan(jobs, at: now)
            while let batch = plan.next(at: now) {
                let account = batch.group.account
                asked[account.low, default: 0] += 1
                plan.finish(batch, failed: account.low == 1, at: now)
            }
        }
        #expect((5...15).contains(asked[1] ?? 0))
        #expect((asked[2] ?? 0) > 100)
    }

    @Test func `five thousand jobs are all asked about within their time`() {
        var plan = WatchPlan(pollEvery: .seconds(5))
        // One account has a fifth of them, in batches; the others one to four each.
        let jobs = (0..<5000).map { (number: Int) -> Job in
            let account: Int = number < 1000 ? 1 : number % 1600 + 2
            let created: Timestamp = start - .milliseconds(number * 10)
            return job(UInt64(number), of: UInt64(account), at: created)
        }
        var last: [JobID: Timestamp] = [:]
        var latest = Duration.zero
        var running: [(until: Timestamp, batch: WatchPlan.Batch)] = []
        // 32 at a time, 200 ms each, in steps of 100 ms; planned anew each second.
        for step in 0..<600 {
            let now = start + .milliseconds(step * 100)
            for ended in running where ended.until <= now {
                plan.finish(ended.batch, failed: false, at: now)
                for job in ended.batch.jobs {
                    latest = max(latest, now - (last[job.id] ?? start))
                    last[job.id] = now
                }
            }
            running.removeAll { $0.until <= now }
            if step % 10 == 0 { plan.plan(jobs, at: now) }
            while running.count < 32, let batch = plan.next(at: now) {
                running.append((now + .milliseconds(200), batch))
            }
            #expect(Set(running.map(\.batch.group.account)).count == running.count)
        }
        #expect(last.count == 5000)
        // 1,620 questions at 160 a second: everyone's turn comes once in about 11 seconds.
        #expect(latest < .seconds(15), "\(latest)")
    }
}
