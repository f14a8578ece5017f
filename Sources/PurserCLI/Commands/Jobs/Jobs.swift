import ArgumentParser
import PurserCore
import PurserEngine

struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Jobs at the service: follow them, and decide what is unknown.",
        subcommands: [JobList.self, JobShow.self, JobWait.self, JobCheck.self]
    )
}

struct JobList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the newest last.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Only jobs that have not ended.")
    var open = false

    @Option(help: ArgumentHelp("Only this account's jobs.", valueName: "account"))
    var account: String?

    @Option(help: ArgumentHelp("Only this member's jobs.", valueName: "member"))
    var member: String?

    @Option(help: ArgumentHelp("At most so many jobs, the newest.", valueName: "n"))
    var limit = 50

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        try await Context.run(global) { context in
            var filter = JobFilter(openOnly: open, limit: limit)
            if let account {
                filter.accountID = try await context.register.account(named: account).account.id
            }
            if let member { filter.memberID = try await context.member(named: member).id }
            let jobs = try await context.store.jobs(filter)
            context.console.out(
                try await JobReport.report(jobs, on: context),
                as: context.format
            )
        }
    }
}

struct JobShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything known of one job."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The job's id or operation name, or the beginning of one.")
    var id: String

    func run() async throws {
        try await Context.run(global) { context in
            let job = try await context.job(id)
            let names = try await JobNames(context.store)
            if context.isJSON { return context.console.out(job.document(names)) }
            let console = context.console
            console.out("\(job.operationName, .bold)  \(job.state.shortName)")
            console.out("  job         \(job.id)")
            console.out("  submission  \(job.submissionID)")
            console.out(
                "  account     \(names.account(of: job)), token version \(job.credentialVersion)"
            )
            console.out("  member      \(names.member(of: job))")
            console.out("  model key   \(job.modelKey)")
            console.out("  price       \(job.price.grouped) credits\(JobReport.refundWords(job))")
            console.out("  submitted   \(job.createdAt.readable)")
            if let ended = job.endedAt { console.out("  ended       \(ended.readable)") }
            if job.state == .lost {
                console.out(
                    "  lost        the service knows nothing of it any more; no end was told"
                )
            }
            if let failure = job.failure { console.out("  failure     \(failure)") }
            for media in job.mediaIDs { console.out("  medium      \(media)") }
        }
    }
}

struct JobWait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Follow a job to its end, or all open ones."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Argument(
        help: "The job's id or operation name, or the beginning of one; without it, all open jobs."
    )
    var id: String?

    @Option(help: ArgumentHelp("How long to follow, such as 90s or 15m.", valueName: "time"))
    var timeout = "30m"

    func validate() throws {
        guard Duration(text: timeout) != nil else {
            throw ValidationError("--timeout: \(Duration.textHint)")
        }
    }

    func run() async throws {
        try await Context.run(global) { context in
            var filter = JobFilter(openOnly: true)
            if let id {
                let job = try await context.job(id)
                filter = JobFilter(submissionID: job.submissionID, idPrefix: job.id.description)
            }
            let waiting = try await context.store.jobs(filter)
            guard !waiting.isEmpty else {
                if context.isJSON { context.console.out(["jobs": []]) }
                return context.console.note("no job is open")
            }
            let ids = Set(waiting.map(\.id))
            let jobs = try await context.withEngine(unlock) { engine in
                try await context.follow(filter, limit: Duration(text: timeout), engine)
            }.filter { ids.contains($0.id) }
            if context.isJSON {
                let names = try await JobNames(context.store)
                context.console.out(["jobs": .array(jobs.map { $0.document(names) })])
            } else {
                JobReport.showEnd(of: jobs, on: context)
            }
            try JobReport.failUnlessDone(jobs, after: timeout, on: context)
        }
    }
}

struct JobCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the service about open jobs, and decide unknown outcomes and refunds.",
        discussion: """
            Where an outcome is unknown or a refund is due, the account's balance is read twice, \
            [upstream.flow] quiet-after apart: one reading proves nothing, for the service refunds late. \
            --no-wait reads once; a later check is then the second reading.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Read balances once, and leave the second reading to a later check.")
    var noWait = false

    func run() async throws {
        try await Context.run(global) { context in
            let checked = try await context.withEngine(unlock) { engine in
                let desk = JobDesk(engine)
                if !noWait, try await !desk.undecidedAccounts().isEmpty {
                    context.console.progress(
                        "reading balances twice, \(engine.settings.quietAfter.text) apart"
                    )
                }
                return try await desk.check(waitingForQuiet: !noWait)
            }
            context.console.endProgress()
            try await show(checked, on: context)
            if !checked.failures.isEmpty { throw ExitCode(ExitStatus.status(of: .failed)) }
        }
    }

    private func show(_ checked: JobDesk.Checked, on context: Context) async throws {
        if context.isJSON {
            let names = try await JobNames(context.store)
            return context.console.out([
                "ended": .array(checked.ended.map { $0.document(names) }),
                "open": .array(checked.open.map { $0.document(names) }),
                "accounts": .array(
                    checked.reconciled.map { name, result in
                        ["account": .string(name), "result": .string(result.words)]
                    }
                ),
                "failures": .array(
                    checked.failures.map { name, error in
                        ["account": .string(name), "error": .string("\(error)")]
                    }
                ),
            ])
        }
        if checked.ended.isEmpty && checked.open.isEmpty && checked.reconciled.isEmpty {
            context.console.out("nothing is open and nothing is undecided")
        }
        let jobs = checked.ended + checked.open
        if !jobs.isEmpty {
            context.console.out(try await JobReport.report(jobs, on: context), as: .table)
        }
        for (name, result) in checked.reconciled {
            context.console.out("\(name, .bold): \(result.words)")
        }
        for (name, error) in checked.failures { context.console.warning("\(name): \("\(error)")") }
    }
}

extension Context {
    /// The one job that `text` names.
    func job(_ text: String) async throws -> Job {
        guard !text.isEmpty else { throw StoreError.noSuch("job", "without an id") }
        let found = try await store.jobs(JobFilter(idPrefix: text))
        guard let job = found.first else { throw StoreError.noSuch("job", text) }
        guard found.count == 1 else {
            throw CommandError.invalid(
                "\(found.count) jobs begin with \(text)",
                hint: "write more of the id"
            )
        }
        return job
    }

    func accountNames() async throws -> [AccountID: String] {
        Dictionary(
            uniqueKeysWithValues: try await store.accounts().map {
                ($0.account.id, $0.account.name)
            }
        )
    }
}
