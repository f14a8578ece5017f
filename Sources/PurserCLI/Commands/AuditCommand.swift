import ArgumentParser
import PurserCore

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "The audit trail: who added, rotated, revealed or changed what.",
        subcommands: [AuditList.self],
        defaultSubcommand: AuditList.self
    )
}

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the audit trail, the newest last.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await Context.run(global) { context in
            let report = Report(
                "audit",
                columns: [
                    .init("seq", "SEQ", .right), .init("at", "TIME (UTC)"), .init("actor", "WHO"),
                    .init("verb", "DID"), .init("subject", "TO"),
                    .init("detail", "DETAIL", isFlexible: true),
                ],
                rows: try await context.store.audit().map { entry in
                    [
                        .init(JSONOutput(entry.sequence)), .init(entry.at),
                        .init(entry.record.actor.description), .init(entry.record.verb),
                        .init(entry.record.subject), .init(entry.record.detail),
                    ]
                },
                emptyText: "nothing was done yet"
            )
            context.console.out(report, as: context.format)
        }
    }
}
