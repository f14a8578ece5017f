import ArgumentParser
import PurserCore
import PurserEngine
import Synchronization

/// Jobs as people and programs read them: one wording for `send`, `jobs` and `--json`.
enum JobReport {
    static func report(_ jobs: [Job], on context: Context) async throws -> Report {
        let names = try await JobNames(context.store)
        return Report(
            "jobs",
            columns: [
                .init("id", "JOB"), .init("operation", "OPERATION", isFlexible: true),
                .init("account", "ACCOUNT"), .init("account_id", "ACCOUNT ID", isOptional: true),
                .init("member", "MEMBER"), .init("model_key", "MODEL KEY", isFlexible: true),
                .init("state", "STATE"), .init("price", "PRICE", .right),
                .init("refund", "REFUND"), .init("submitted_at", "SUBMITTED"),
            ],
            rows: jobs.map { job in
                [
                    .init(JSONOutput(job.id), shown: String(job.id.description.prefix(8))),
                    .init(job.operationName), .init(names.account(of: job)),
                    .init(JSONOutput(job.accountID), shown: ""), .init(names.member(of: job)),
                    .init(job.modelKey), .init(job.state.shortName, style(job.state)),
                    .init(job.price), .init(job.refund.rawValue),
                    .init(
                        JSONOutput(job.createdAt),
                        shown: job.createdAt.relative(to: context.now)
                    ),
                ]
            },
            emptyText: "no job"
        )
    }

    /// "2 jobs: 1 ACTIVE, 1 SUCCESSFUL, 42 s".
    static func progress(of jobs: [Job], at now: Timestamp) -> String {
        let states = Dictionary(grouping: jobs, by: \.state.shortName)
            .sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
        let start = jobs.map(\.createdAt).min() ?? now
        let seconds = (now - start).components.seconds
        return "\(jobs.count.counted("job")): \(states.joined(separator: ", ")), \(seconds) s"
    }

    /// How followed jobs ended, for people.
    static func showEnd(of jobs: [Job], on context: Context) {
        for job in jobs {
            let seconds = job.endedAt.map { "\(($0 - job.createdAt).components.seconds) s" }
            let end =
                seconds.map { " after \($0)" }
                ?? (job.state == .lost ? ", unknown to the service" : ", still open")
            context.console.out(
                "job \(job.operationName): \(job.state.shortName, style(job.state))\(end)"
            )
            if let failure = job.failure { context.console.out("  failure     \(failure)") }
            if job.refund == .due {
                context.console.out("  refund      \(job.price.grouped) credits due")
                context.console.hint("purser jobs check books the refund once the service shows it")
            }
        }
    }

    /// A failed job is the command's failure too, and so is one that was still open when the time was over, or lost.
    static func failUnlessDone(_ jobs: [Job], after limit: String, on context: Context) throws {
        let open = jobs.count(where: \.state.isUnderWay)
        let lost = jobs.count { $0.state == .lost }
        let late: CommandError? =
            open > 0
            ? .jobsOpen(count: open, after: limit)
            : lost > 0 ? .jobsLost(count: lost) : nil
        let ending = late.map { context.ending(with: $0) }
        let failed = jobs.contains { $0.state.hasEnded && $0.state != .successful }
        if failed { throw ExitCode(ExitStatus.status(of: .upstreamRefused)) }
        if let ending { throw ending }
    }

    static func refundWords(_ job: Job) -> String {
        switch job.refund {
        case .none: ""
        case .due: ", refund due"
        case .refunded: ", refunded"
        }
    }

    static func style(_ state: JobState) -> Style? {
        switch state {
        case .successful: .green
        case .failed, .filtered, .canceled, .lost: .red
        default: .cyan
        }
    }
}

extension Context {
    /// Polls until the jobs have ended or the limit has passed, with a progress line.
    ///
    /// A question that fails is told once for each account and asked again: it says nothing of the jobs.
    func follow(_ filter: JobFilter, limit: Duration?, _ engine: Engine) async throws -> [Job] {
        let told = Mutex(Set<String>())
        let jobs = try await JobDesk(engine).wait(
            filter,
            limit: limit,
            failed: { account, error in
                guard told.withLock({ $0.insert(account).inserted }) else { return }
                console.warning("\(account): \("\(error)"); asking again")
            },
            progress: { jobs in
                console.progress("\(JobReport.progress(of: jobs, at: now))")
            }
        )
        console.endProgress()
        return jobs
    }
}
