import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "The audit trail: who added, rotated, revealed or changed what.",
        subcommands: [AuditList.self, AuditVerify.self, AuditExport.self],
        defaultSubcommand: AuditList.self
    )
}

/// Which lines of the trail.
struct AuditOptions: ParsableArguments {
    @OptionGroup var span: SpanOptions

    @Option(help: ArgumentHelp("Only what this one did, such as cli:alice.", valueName: "who"))
    var actor: String?

    @Option(
        help: ArgumentHelp(
            "Only this, such as token.reveal; account. for all of accounts.",
            valueName: "verb"
        )
    )
    var verb: String?

    @Option(help: ArgumentHelp("At most so many lines, the newest.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    var filter: AuditFilter {
        get throws {
            let (start, end) = try span.instants
            return AuditFilter(
                from: start,
                to: end,
                actor: actor,
                verb: verb,
                limit: limit
            )
        }
    }
}

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the audit trail, the newest last.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Which lines") var options: AuditOptions

    func run() async throws {
        let filter = try options.filter
        try await Context.run(global) { context in
            let report = Report(
                "audit",
                columns: [
                    .init("seq", "SEQ", .right), .init("at", "TIME (UTC)"), .init("actor", "WHO"),
                    .init("verb", "DID"), .init("subject", "TO"),
                    .init("detail", "DETAIL", isFlexible: true),
                ],
                rows: try await context.store.audit(filter).map { entry in
                    [
                        .init(JSONOutput(entry.sequence)), .init(entry.at),
                        .init(entry.record.actor.description), .init(entry.record.verbToday),
                        .init(entry.record.subject), .init(entry.record.detail),
                    ]
                },
                emptyText: "nothing was done yet"
            )
            context.console.out(report, as: context.format)
        }
    }
}

struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the audit trail as JSON lines or CSV, with its hashes."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl
        case csv
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Which lines") var options: AuditOptions

    @Option(help: "How to write it.")
    var format = Format.jsonl

    @OptionGroup var target: ExportOption

    func run() async throws {
        let filter = try options.filter
        try await Context.run(global) { context in
            let entries = try await context.store.audit(filter)
            let isShown = target.output == nil && context.console.output.isTerminal
            try await context.export(to: target.output) { write in
                if format == .csv {
                    let names = ["seq", "at", "actor", "verb", "subject", "detail", "hash"]
                    try write(CSV.record(names))
                }
                for entry in entries { try write(line(entry, isShown: isShown)) }
            }
            context.tellExport(of: entries.count, "line", "lines", to: target.output)
        }
    }

    /// `isShown`: on a terminal, where what could act on it is escaped.
    private func line(_ entry: AuditEntry, isShown: Bool) -> String {
        let fields: [JSONOutput.Field] = [
            .init(name: "seq", value: JSONOutput(entry.sequence)),
            .init(name: "at", value: JSONOutput(entry.at)),
            .init(name: "actor", value: .string(entry.record.actor.description)),
            .init(name: "verb", value: .string(entry.record.verb)),
            .init(name: "subject", value: .string(entry.record.subject)),
            .init(name: "detail", value: .string(entry.record.detail)),
            .init(name: "hash", value: .string(entry.hash.hexadecimal)),
        ]
        guard format == .csv else { return JSONOutput.object(fields).compact + "\n" }
        let cells = fields.map(\.value.csvField)
        return CSV.record(isShown ? cells.map { visible($0) } : cells)
    }
}
