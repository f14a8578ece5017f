import ArgumentParser
import PurserCore
import PurserEngine

struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "The catalogue: every model with its key and price on each tier.",
        subcommands: [ModelList.self, ModelExplain.self],
        defaultSubcommand: ModelList.self
    )
}

/// The catalogue needs no home: only the configuration, for its `[[models]]`.
private func catalogue(_ options: GlobalOptions) throws -> Catalogue {
    let configuration = try Configuration.resolve(
        flag: options.config,
        environment: Surroundings.current.environment
    )
    return try Catalogue.builtin.adding(configuration.models)
}

struct ModelList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models that can be bought, with their prices by tier.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Also models that were replaced, are announced to go, or were never verified.")
    var all = false

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func validate() throws { try global.check(format) }

    func run() async throws {
        let catalogue = try catalogue(global)
        let models = catalogue.models.filter { all || $0.status == .current }
        let report = Report(
            "models",
            columns: [
                .init("model", "MODEL", isFlexible: true),
                .init("title", "WHAT IT IS", isFlexible: true),
                .init("free", "FREE", .right), .init("tier_one", "TIER-ONE", .right),
                .init("ultra", "ULTRA", .right),
                .init("ultra_key", "KEY ON ULTRA", isFlexible: true),
                .init("status", "STATUS"),
                .init("source", "SOURCE", isFlexible: true),
            ],
            rows: models.map { model in
                let ultra = model.offers[.ultra]?.key
                return [
                    .init(model.id.rawValue, .bold), .init(model.title),
                    price(model, .free), price(model, .tierOne), price(model, .ultra),
                    .init(
                        JSONOutput(ultra),
                        shown: ultra == model.id.rawValue ? "the same" : ultra ?? "–"
                    ),
                    .init(model.status.rawValue), .init(source(model)),
                ]
            }
        )
        let console = Surroundings.current.console(global.quiet)
        console.out(report, as: format ?? (global.json ? .json : .table))
        if !all { console.note("\(catalogue.models.count - models.count) more with --all") }
    }

    /// Where its prices were seen, and when: of the tier it is bought on most, else of another.
    private func source(_ model: Model) -> String? {
        (model.offers[.ultra] ?? model.offers[.tierOne] ?? model.offers[.free])?.source
    }

    private func price(_ model: Model, _ tier: Tier) -> Report.Cell {
        guard let offer = model.offers[tier] else { return .init(JSONOutput.null, shown: "–") }
        return .init(JSONOutput(offer.price), shown: offer.price?.grouped ?? "unknown")
    }
}

struct ModelExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which model a key means, and what each tier pays."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Any of a model's keys, such as veo_3_0_r2v_fast.")
    var key: String

    func run() async throws {
        let catalogue = try catalogue(global)
        guard let model = catalogue.model(forKey: key) else {
            let nearest = catalogue.nearest(to: key, limit: 3).joined(separator: ", ")
            throw CommandError.invalid(
                "no model has the key \(key.debugDescription)",
                hint: nearest.isEmpty
                    ? "[[models]] in accounts.toml adds one" : "did you mean \(nearest)?"
            )
        }
        let console = Surroundings.current.console(global.quiet)
        if global.json { return console.out(json(model)) }
        console.out("\(model.id.rawValue, .bold)  \(model.title)")
        console.out("  call      \(model.endpoint ?? "not known")")
        for tier in Tier.allCases {
            guard let offer = model.offers[tier] else {
                console.out("  \(padded(tier))not sold to this tier")
                continue
            }
            let price = offer.price.map { "\($0.grouped) credits" } ?? "price unknown"
            console.out(
                "  \(padded(tier))\(offer.key)  \(price)  (\(offer.source), \(offer.status.rawValue), confidence \(offer.confidence.rawValue))"
            )
            if let note = offer.note { console.out("            \(note)") }
        }
    }

    private func padded(_ tier: Tier) -> String {
        tier.rawValue + String(repeating: " ", count: 10 - tier.rawValue.count)
    }

    private func json(_ model: Model) -> JSONOutput {
        [
            "model": .string(model.id.rawValue), "title": .string(model.title),
            "endpoint": JSONOutput(model.endpoint),
            "offers": .array(
                Tier.allCases.compactMap { tier in
                    model.offers[tier].map { offer in
                        [
                            "tier": .string(tier.rawValue), "key": .string(offer.key),
                            "credits": JSONOutput(offer.price), "source": .string(offer.source),
                            "status": .string(offer.status.rawValue),
                            "confidence": .string(offer.confidence.rawValue),
                            "note": JSONOutput(offer.note),
                        ]
                    }
                }
            ),
        ]
    }
}
