import ArgumentParser
import PurserCore
import PurserEngine

struct CreditsStatement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "An account's month: opening balance, every movement, closing balance."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The account's name.")
    var account: String

    @Option(
        help: ArgumentHelp("The month (UTC); the current one unless told.", valueName: "2026-11")
    )
    var month: String?

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func run() async throws {
        try await Context.run(global) { context in
            let start = try firstDay(now: context.now)
            let end = start.next(dayOfMonth: 1)
            let found = try await context.register.accountOrRemoved(named: account)
            let entries = try await context.store.entries(
                EntryFilter(ledgerAccount: .credits(found.id))
            )
            let statement = Statement(entries, from: start.start, to: end.start)
            let format = format ?? context.format
            if format == .table {
                context.console.out("\(account, .bold)  \(start) to before \(end) (UTC)")
            }
            context.console.out(report(statement), as: format)
        }
    }

    private func firstDay(now: Timestamp) throws -> CalendarDay {
        guard let month else { return CalendarDay(now).latest(dayOfMonth: 1) }
        guard let day = CalendarDay(month + "-01") else {
            throw CommandError.invalid(
                "--month: \(month.debugDescription) is no month",
                hint: "write 2026-11"
            )
        }
        return day
    }

    private func report(_ statement: Statement) -> Report {
        func edge(_ words: String, _ balance: Credits?) -> [Report.Cell] {
            [
                .init(JSONOutput.null, shown: ""), .init(words, .bold), .empty,
                .init(JSONOutput(balance), shown: balance?.grouped ?? "none yet", .bold), .empty,
            ]
        }
        let movements = statement.movements.map { entry -> [Report.Cell] in
            [
                .init(entry.at), .init(entry.words), .init(entry.deltaPosted),
                .init(entry.posted), .init(entry.detail),
            ]
        }
        return Report(
            "movements",
            columns: [
                .init("at", "TIME (UTC)"), .init("entry", "ENTRY"),
                .init("amount", "AMOUNT", .right), .init("balance", "BALANCE", .right),
                .init("detail", "DETAIL", isFlexible: true),
            ],
            rows: [edge("opening balance", statement.opening)] + movements
                + [edge("closing balance", statement.closing)]
        )
    }
}

extension LedgerEntry {
    /// The kind, with the cause of an adjustment.
    var words: String { cause.map { "\(kind.rawValue) (\($0.rawValue))" } ?? kind.rawValue }
}
