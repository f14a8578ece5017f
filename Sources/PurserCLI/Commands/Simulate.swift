import ArgumentParser
import PurserCore
import PurserEngine

/// Replays a history of requests over a pool; needs no vault.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Replay a history of requests with each routing policy; send and change nothing.",
        discussion: """
            Says how many videos each policy would have delivered, how many credits would have lapsed unused, and how much of \
            what was possible in hindsight that is. A video counts as its list price.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "The history, a JSON object a line; else the jobs of this home. - reads standard input.",
            valueName: "trace"
        )
    )
    var trace: String?

    @Option(help: "Replay with this policy alone; may be repeated.")
    var policy: [PolicyName] = []

    @Option(
        help: ArgumentHelp(
            "The pool, a JSON object a line; else the accounts of this home as they are now.",
            valueName: "file"
        )
    )
    var accounts: String?

    @OptionGroup var span: SpanOptions

    func validate() throws {
        if trace == "-", accounts == "-" {
            throw ValidationError("trace and --accounts cannot both read standard input")
        }
    }

    func run() async throws {
        let (from, to) = try span.instants
        try await Context.run(global) { context in
            let pool = try await pool(on: context)
            let (history, unknown) = try await history(from: from, to: to, on: context)
            guard let first = history.requests.first, let last = history.requests.last else {
                let others = unknown > 0 ? "; \(Comparison.leftOut(unknown))" : ""
                throw CommandError.invalid(
                    "there is no request to replay in this span\(others)",
                    hint: trace == nil
                        ? "purser simulate trace.jsonl replays one from a file"
                        : from == nil && to == nil
                            ? "a line of the file is a request"
                            : "leave --from and --to out to replay the whole file"
                )
            }
            let start = CalendarDay(from ?? first.at)
            let end =
                to.map { CalendarDay($0) } ?? CalendarDay(number: CalendarDay(last.at).number + 1)
            guard end.number - start.number <= Replay.longestDays else {
                throw CommandError.invalid(
                    "more than a hundred years lie between \(start) and \(end)",
                    hint: "give --from and --to"
                )
            }
            let replay = Replay(of: history, over: pool, from: start.start, to: end.start)
            let policies = policy.isEmpty ? PolicyName.allCases : policy
            let comparison = Comparison(replay, policies: policies, unknown: unknown)
            if context.isJSON {
                context.console.out(comparison.document)
            } else {
                context.console.out("\(comparison.heading)")
                if comparison.leftOut > 0 {
                    context.console.out("\(Comparison.leftOut(comparison.leftOut))")
                }
                context.console.out("")
                context.console.out(comparison.report, as: .table)
            }
        }
    }

    /// With the number of videos whose models nobody knows any more.
    private func history(
        from: Timestamp?,
        to: Timestamp?,
        on context: Context
    ) async throws -> (trace: Trace, unknown: Int) {
        let catalogue = try context.catalogue()
        if let trace {
            let whole = try read(trace) { bytes throws(LineFailure) in
                try ReplayLines.trace(bytes, in: catalogue)
            }
            return (whole.within(from: from, to: to), 0)
        }
        let past = try await context.store.requestHistory(from: from, to: to)
        let known = Trace(
            past.compactMap { request in
                catalogue.model(forKey: request.modelID.rawValue).map {
                    Trace.Request(at: request.at, model: $0, count: request.videos)
                }
            }
        )
        return (known, past.reduce(0) { $0 + $1.videos } - known.videos)
    }

    private func pool(on context: Context) async throws -> [Candidate] {
        let pool =
            if let accounts {
                try read(accounts, as: ReplayLines.pool)
            } else {
                try await context.store.accounts().map(\.candidate)
            }
        guard !pool.isEmpty else {
            throw CommandError.invalid(
                "there is no account to replay it over",
                hint: "purser accounts add NAME, or --accounts FILE"
            )
        }
        return pool
    }

    /// A mistake is told with the file and the line.
    private func read<Value>(
        _ path: String,
        as parse: ([UInt8]) throws(LineFailure) -> Value
    ) throws -> Value {
        let bytes: [UInt8]
        do throws(FileRefusal) {
            bytes = try readInput(path, limit: Self.limit)
        } catch {
            throw ConsoleError.unreadable(path: path, reason: error.words)
        }
        do throws(LineFailure) {
            return try parse(bytes)
        } catch {
            throw PlacedFailure(place: path, underlying: error)
        }
    }

    private static let limit = 256 << 20
}

/// What each policy made of one history.
private struct Comparison {
    let replay: Replay
    let bound: HindsightBound
    let outcomes: [ReplayOutcome]
    /// Videos that are in no figure.
    let leftOut: Int

    init(_ replay: Replay, policies: [PolicyName], unknown: Int) {
        self.replay = replay
        leftOut = replay.leftOutVideos + unknown
        bound = replay.bound()
        outcomes = policies.map { replay.outcome(of: $0) }
    }

    var heading: String {
        let asked = replay.trace
        let days = CalendarDay(replay.to).number - CalendarDay(replay.from).number
        return
            "\(asked.videos.counted("video")) asked for in \(days.counted("day")), worth \(asked.value.grouped) credits at list prices; at most \(bound.value.grouped) could be delivered"
    }

    static func leftOut(_ count: Int) -> String {
        "left out: \(count.counted("video")) whose model is not in the catalogue, or costs more than \(Replay.highestPrice.grouped) credits"
    }

    var report: Report {
        Report(
            "policies",
            columns: [
                .init("policy", "POLICY"), .init("videos", "VIDEOS", .right),
                .init("value", "VALUE", .right), .init("of_bound", "OF BOUND", .right),
                .init("refused_videos", "REFUSED", .right), .init("spent", "SPENT", .right),
                .init("wasted", "WASTED", .right), .init("left", "LEFT", .right),
            ],
            rows: outcomes.map { outcome in
                let share = outcome.share(of: bound)
                return [
                    .init(outcome.policy.rawValue, .bold), .init(outcome.videos),
                    .init(.integer(outcome.value)),
                    .init(JSONOutput(share), shown: share.map(Self.percent) ?? "–"),
                    .init(outcome.refusedVideos), .init(.integer(outcome.spent)),
                    .init(.integer(outcome.wasted)), .init(.integer(outcome.left)),
                ]
            },
            emptyText: "no policy"
        )
    }

    var document: JSONOutput {
        [
            "from": .string(replay.from.iso8601), "to": .string(replay.to.iso8601),
            "videos": .integer(Int64(replay.trace.videos)), "value": .integer(replay.trace.value),
            "left_out_videos": .integer(Int64(leftOut)),
            "bound": .integer(bound.value),
            "policies": .array(
                outcomes.map { outcome in
                    [
                        "policy": .string(outcome.policy.rawValue),
                        "videos": .integer(Int64(outcome.videos)),
                        "value": .integer(outcome.value),
                        "of_bound": JSONOutput(outcome.share(of: bound)),
                        "refused_videos": .integer(Int64(outcome.refusedVideos)),
                        "refused_value": .integer(outcome.refusedValue),
                        "granted": .integer(outcome.granted),
                        "spent": .integer(outcome.spent),
                        "wasted": .integer(outcome.wasted),
                        "left": .integer(outcome.left),
                    ]
                }
            ),
        ]
    }

    /// `98.15 %` of ten-thousandths.
    private static func percent(_ share: Int) -> String {
        let places = share % 100
        return "\(share / 100).\(places < 10 ? "0" : "")\(places) %"
    }
}

extension PolicyName: ExpressibleByArgument {}
