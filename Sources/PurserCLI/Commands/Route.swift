import ArgumentParser
import PurserCore
import PurserEngine

struct Route: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Explain which account would serve a request, and why; send nothing."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var request: RequestOptions

    @Option(
        help: ArgumentHelp(
            "As if it were sent for this member, within what they may use and spend.",
            valueName: "member"
        )
    )
    var member: String?

    func run() async throws {
        let body = try request.body()
        try await Context.run(global) { context in
            var sender: Member?
            if let member { sender = try await context.member(named: member) }
            try await Self.explain(body, request, for: sender, on: context)
        }
    }

    /// Asks the store to choose without taking, and shows the reasons.
    ///
    /// `member` is the one it would be sent for: it must be within what they may use and spend.
    static func explain(
        _ body: RequestBody,
        _ options: RequestOptions,
        for member: Member? = nil,
        on context: Context
    ) async throws {
        let (call, request) = try await options.route(of: body, on: context)
        let explanation = try await context.store.explain(
            request,
            mediaIDs: body.mediaIDs,
            for: member?.id,
            at: context.now
        )
        show(explanation, call, request.models, on: context)
        guard explanation.lines.first?.rank == nil else { return }
        let refusal = RoutingRefusal(explanation: explanation)
        if let member, let price = refusal.leastOverBudget {
            let allowance = try await context.store.allowance(of: member.id, at: context.now)
            if let own = allowance.refusal(of: price) { throw context.ending(with: own) }
        }
        throw context.ending(with: refusal)
    }

    private static func show(
        _ explanation: RouteExplanation,
        _ call: ProviderCall,
        _ models: [Model],
        on context: Context
    ) {
        if context.isJSON {
            context.console.out(explanation.document(call: call, models: models))
            return
        }
        context.console.out("\(call.path)")
        for model in Set(models.map(\.title)).sorted() {
            context.console.out("  \(models.filter { $0.title == model }.count) × \(model)")
        }
        context.console.out("  policy \(explanation.policy.rawValue)")
        context.console.out("")
        context.console.out(report(explanation), as: .table)
    }

    private static func report(_ explanation: RouteExplanation) -> Report {
        Report(
            "accounts",
            columns: [
                .init("rank", "RANK", .right), .init("account", "ACCOUNT"), .init("tier", "TIER"),
                .init("model_keys", "MODEL KEY"), .init("price", "PRICE", .right),
                .init("available", "AVAILABLE", .right), .init("why", "WHY", isFlexible: true),
            ],
            rows: explanation.lines.map { line in
                let keys = Set(line.modelKeys).sorted()
                let isEligible = line.rank != nil
                return [
                    .init(JSONOutput(line.rank), shown: line.rank.map(String.init) ?? "–"),
                    .init(line.name, .bold), .init(line.tier.rawValue),
                    .init(
                        .array(keys.map { .string($0) }),
                        shown: keys.isEmpty ? "–" : keys.joined(separator: ", ")
                    ),
                    .init(line.price),
                    .init(JSONOutput(line.available), shown: line.available?.grouped ?? "unknown"),
                    .init(line.why, line.rank == 1 ? .green : isEligible ? nil : .dim),
                ]
            },
            emptyText: "no account yet: purser accounts add NAME"
        )
    }
}
