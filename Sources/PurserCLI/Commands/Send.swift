import ArgumentParser
import PurserCore
import PurserEngine

/// Where a request comes from, and what it is for.
struct RequestOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The request: a body as the service takes it (comments allowed), or a whole capture; - reads standard input.",
            valueName: "request.json"
        )
    )
    var file: String

    @Option(
        help: ArgumentHelp(
            "The service's call, such as video:batchAsyncGenerateVideoText; needed only where neither the file nor the model tells.",
            valueName: "path"
        )
    )
    var path: String?

    @Option(help: ArgumentHelp("Use this account and no other.", valueName: "account"))
    var account: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Refuse to spend more credits than this on it.", valueName: "n")
    )
    var maxCredits: Int64?

    /// Reads the file.
    ///
    /// A mistake in it is told with its line and column.
    func body() throws -> RequestBody {
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try readInput(file, limit: Self.limit)
        } catch {
            throw ConsoleError.unreadable(path: file, reason: error.words)
        }
        var call: ProviderCall?
        if let path {
            guard let known = ProviderCall(path) else {
                throw CommandError.invalid(
                    "--path: the service has no call \(path.debugDescription)",
                    hint: "such as video:batchAsyncGenerateVideoText"
                )
            }
            call = known
        }
        do {
            return try CaptureFile.parse(bytes, for: call)
        } catch {
            throw PlacedFailure(place: file, underlying: error)
        }
    }

    private static let limit = 32 << 20

    /// Which call a body is for, and what an account must satisfy to serve it.
    ///
    /// Needs no vault. A mistake is told with the file it stands in.
    func route(
        of body: RequestBody,
        on context: Context
    ) async throws -> (call: ProviderCall, request: RouteRequest) {
        let only = try await context.onlyAccount(of: self)
        let maxCredits = try checkedMaxCredits()
        let resolver = ModelResolver(
            catalogue: try context.catalogue(),
            unknownModelPrice: context.configuration.routing.unknownModelPrice
        )
        do throws(ModelError) {
            let call = try resolver.call(of: body)
            let request = try resolver.routeRequest(
                for: body,
                call: call,
                only: only,
                maxCredits: maxCredits
            )
            return (call, request)
        } catch {
            throw PlacedFailure(place: file, underlying: error)
        }
    }

    func checkedMaxCredits() throws -> Credits? {
        try maxCredits.map { try credits($0, "--max-credits") }
    }
}

/// A failure with the file it was found in.
struct PlacedFailure: Failure {
    let place: String
    let underlying: any Failure

    var kind: FailureKind { underlying.kind }
    var message: String { "\(place): \(underlying.message)" }
    var hint: String? { underlying.hint }
}

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a request through the account that suits it best.",
        discussion: """
            Holds the price on an account, sends the body with that account's tier, model key and \
            project, and books what came of it. Everything else in the body arrives byte for byte.
            With --wait the job is followed to its end. An unknown outcome keeps its hold: purser jobs \
            check decides it, and it is never sent again by itself.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var dryRun: DryRunOption

    @Option(
        help: ArgumentHelp(
            "The member it is sent for; the price is held on their budget too.",
            valueName: "member"
        )
    )
    var member: String?

    @Option(
        help: ArgumentHelp(
            "A name of your own; a repeat under it gets the first answer, uncharged.",
            valueName: "key"
        )
    )
    var idempotencyKey: String?

    @Flag(help: "Follow the jobs to their end; one that fails is exit status 82.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "With --wait: how long to follow, such as 90s or 15m.",
            valueName: "time"
        )
    )
    var timeout = "30m"

    @Flag(help: "Print the service's own answer, unchanged, and nothing else.")
    var raw = false

    func validate() throws {
        guard Duration(text: timeout) != nil else {
            throw ValidationError("--timeout: \(Duration.textHint)")
        }
        if let idempotencyKey, !(1...255).contains(idempotencyKey.utf8.count) {
            throw ValidationError("--idempotency-key takes 1 to 255 bytes")
        }
    }

    func run() async throws {
        let body = try request.body()
        try await Context.run(global) { context in
            if dryRun.dryRun {
                let member = try await context.member(named: member ?? Member.ownerName)
                return try await Route.explain(body, request, for: member, on: context)
            }
            // Before the vault: a mistake here must not cost the typing of a passphrase.
            let submission = try await submission(body, context)
            try await context.withEngine(unlock) { engine in
                let receipt = try await Dispatcher(engine).dispatch(submission)
                try await finish(receipt, engine, context)
            }
        }
    }

    /// Shows the answer, follows its jobs if told to, and says by the exit status how it ended.
    private func finish(_ receipt: Receipt, _ engine: Engine, _ context: Context) async throws {
        let filter = JobFilter(submissionID: receipt.submissionID)
        let follows = wait && receipt.isAccepted
        if !(follows && context.isJSON) {
            try await show(receipt, try await context.store.jobs(filter), on: context)
        }
        guard receipt.isAccepted else {
            throw ExitCode(ExitStatus.status(of: .upstreamRefused))
        }
        if receipt.isMissingJobs(try await context.store.jobs(filter)) {
            context.console.warning(
                "the service named no job that is new to \(receipt.accountName): purser audit list tells more"
            )
            if follows { throw ExitCode(ExitStatus.status(of: .failed)) }
        }
        guard follows else { return }
        let jobs = try await context.follow(filter, limit: Duration(text: timeout), engine)
        context.console.endProgress()
        if context.isJSON {
            try await show(receipt, jobs, on: context)
        } else {
            JobReport.showEnd(of: jobs, on: context)
        }
        try JobReport.failUnlessDone(jobs, after: timeout, on: context)
    }

    private func submission(
        _ body: RequestBody,
        _ context: Context
    ) async throws -> Submission {
        let call = try await request.route(of: body, on: context).call
        let member = try await context.member(named: member ?? Member.ownerName)
        return Submission(
            id: context.ambient.newID(),
            memberID: member.id,
            idempotencyKey: idempotencyKey,
            call: call,
            body: body,
            contentType: "text/plain;charset=UTF-8",
            only: try await context.onlyAccount(of: request),
            maxCredits: try request.checkedMaxCredits()
        )
    }

    private func show(_ receipt: Receipt, _ jobs: [Job], on context: Context) async throws {
        for attempt in receipt.earlier { context.console.note("tried before: \(attempt)") }
        for words in receipt.warningWords { context.console.warning("\(words)") }
        let answer = String(decoding: receipt.answer.body, as: UTF8.self)
        if raw {
            return context.console.outVerbatim(answer.hasSuffix("\n") ? answer : answer + "\n")
        }
        if context.isJSON {
            let names = try await JobNames(context.store)
            return context.console.out(receipt.json(jobs, names))
        }
        let console = context.console
        guard receipt.isAccepted else {
            console.out("refused through \(receipt.accountName, .bold): \(receipt.answer.status)")
            console.outVerbatim(visible(answer) + "\n")
            return
        }
        let title = receipt.isRepeat ? "the first answer again, not charged: accepted" : "accepted"
        let tier = receipt.tier.map { " (\($0.rawValue))" } ?? ""
        console.out("\(title, .green) by \(receipt.accountName, .bold)\(tier)")
        let keys = Set(receipt.modelKeys).sorted().joined(separator: ", ")
        if !keys.isEmpty { console.out("  model key   \(keys)") }
        let left = receipt.remaining.map { ", \($0.grouped) left" } ?? ""
        console.out("  charged     \(receipt.charged.grouped) credits\(left)")
        console.out("  why         \(receipt.decision)")
        console.out("  submission  \(receipt.submissionID)")
        for media in receipt.mediaIDs { console.out("  medium      \(media)") }
        for job in jobs {
            console.out("  job         \(job.operationName)  \(job.state.shortName)")
        }
    }
}

extension Receipt {
    /// Whether videos were paid for and no job stands for them, as when the service names a job a second time.
    func isMissingJobs(_ jobs: [Job]) -> Bool {
        isAccepted && !modelKeys.isEmpty && jobs.isEmpty
    }

    func json(_ jobs: [Job], _ names: JobNames) -> JSONOutput {
        [
            "submission": JSONOutput(submissionID), "account": .string(accountName),
            "tier": JSONOutput(tier?.rawValue),
            "model_keys": .array(modelKeys.map { .string($0) }), "held": JSONOutput(held),
            "charged": JSONOutput(charged), "remaining": JSONOutput(remaining),
            "repeat": .bool(isRepeat),
            "media": .array(mediaIDs.map { .string($0) }), "decision": .string(decision),
            "earlier_attempts": .array(earlier.map { .string($0) }),
            "warnings": .array(warningWords.map { .string($0) }),
            "status": JSONOutput(answer.status),
            "answer": .string(String(decoding: answer.body, as: UTF8.self)),
            "jobs": .array(jobs.map { $0.document(names) }),
        ]
    }
}
