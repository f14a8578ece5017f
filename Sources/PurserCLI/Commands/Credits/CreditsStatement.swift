import ArgumentParser
import PurserCore
import PurserEngine

struct CreditsStatement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract:
            "A month of an account or a budget: opening balance, every movement, closing balance."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: "The account's name; of one that was removed what reports call it, as one word."
    )
    var account: String?

    @Option(
        help: ArgumentHelp(
            "In place of an account, a member: of their budget, else of what was spent for them.",
            valueName: "name"
        )
    )
    var member: String?

    @Option(
        help: ArgumentHelp("The month (UTC); the current one unless told.", valueName: "2026-11")
    )
    var month: String?

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func validate() throws {
        if (account == nil) == (member == nil) {
            throw ValidationError("name an account, or a member with --member")
        }
        try global.check(format)
    }

    func run() async throws {
        try await Context.run(global) { context in
            let start =
                try month.map { try PeriodOptions.firstDay(ofMonth: $0) }
                ?? CalendarDay(context.now).latest(dayOfMonth: 1)
            let end = start.next(dayOfMonth: 1)
            let name = account ?? member ?? ""
            let report =
                account == nil
                ? try await ofMember(name, start..<end, context)
                : try await ofAccount(name, start..<end, context)
            let format = format ?? context.format
            if format == .table {
                context.console.out("\(name, .bold)  \(start) to before \(end) (UTC)")
            }
            context.console.out(report, as: format)
        }
    }

    private func ofAccount(
        _ name: String,
        _ days: Range<CalendarDay>,
        _ context: Context
    ) async throws -> Report {
        let id = try await context.register.accountOrRemoved(named: name).id
        return report(try await statement(of: .credits(id), days, context))
    }

    private func ofMember(
        _ name: String,
        _ days: Range<CalendarDay>,
        _ context: Context
    ) async throws -> Report {
        let found = try await context.memberRegister.member(named: name)
        guard found.budget == nil else {
            return report(try await statement(of: .budget(found.member.id), days, context))
        }
        let usage = try await context.store.usage(
            [.day, .model],
            over: .days(from: days.lowerBound, before: days.upperBound),
            of: found.member.id
        )
        return try report(usage)
    }

    private func statement(
        of ledgerAccount: LedgerAccountID,
        _ days: Range<CalendarDay>,
        _ context: Context
    ) async throws -> Statement {
        let entries = try await context.store.entries(EntryFilter(ledgerAccount: ledgerAccount))
        return Statement(entries, from: days.lowerBound.start, to: days.upperBound.start)
    }

    /// Of a member without a budget: what was spent for them, day by day and model by model.
    private func report(_ usage: [UsageRow]) throws -> Report {
        var spent = Credits.zero
        var rows: [[Report.Cell]] = []
        func add(_ row: UsageRow, _ words: String, _ amount: Credits, _ detail: String?) throws {
            spent = try spent.plus(amount)
            rows.append([
                .init(JSONOutput(row.day?.start), shown: row.day?.description),
                .init(words), .init(amount), .init(spent), .init(detail),
            ])
        }
        for row in usage {
            if row.videos > 0 || row.charged > .zero {
                let detail = "\(row.videos) of \(row.modelID?.rawValue ?? "")"
                try add(row, "charged", row.charged.negated, detail)
            }
            if row.refunded > .zero {
                try add(row, "refunded", row.refunded, row.modelID?.rawValue)
            }
        }
        return statement(opening: .zero, rows, closing: spent)
    }

    private func report(_ statement: Statement) -> Report {
        let movements = statement.movements.map { entry -> [Report.Cell] in
            [
                .init(entry.at), .init(entry.words), .init(entry.deltaPosted),
                .init(entry.posted), .init(entry.detail),
            ]
        }
        return self.statement(opening: statement.opening, movements, closing: statement.closing)
    }

    private func statement(
        opening: Credits?,
        _ movements: [[Report.Cell]],
        closing: Credits?
    ) -> Report {
        func edge(_ words: String, _ balance: Credits?) -> [Report.Cell] {
            [
                .init(JSONOutput.null, shown: ""), .init(words, .bold), .empty,
                .init(JSONOutput(balance), shown: balance?.grouped ?? "none yet", .bold), .empty,
            ]
        }
        return Report(
            "movements",
            columns: [
                .init("at", "TIME (UTC)"), .init("entry", "ENTRY"),
                .init("amount", "AMOUNT", .right), .init("balance", "BALANCE", .right),
                .init("detail", "DETAIL", isFlexible: true),
            ],
            rows: [edge("opening balance", opening)] + movements
                + [edge("closing balance", closing)]
        )
    }
}

extension LedgerEntry {
    /// The kind, with the cause of an adjustment.
    var words: String { cause.map { "\(kind.rawValue) (\($0.rawValue))" } ?? kind.rawValue }
}
