import ArgumentParser
import PurserCore
import PurserEngine

struct CreditsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credits",
        abstract: "What is left, and who spent what.",
        subcommands: [CreditsReport.self, CreditsStatement.self, CreditsForecast.self],
        defaultSubcommand: CreditsReport.self
    )
}

struct CreditsReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Balances now; with --by, what was spent by account, tier, member, model or day."
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: "Show what was spent, grouped so, in place of the balances.")
    var by: ReportKey?

    @OptionGroup var span: SpanOptions

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func run() async throws {
        let (from, to) = try span.days
        try await Context.run(global) { context in
            let format = format ?? context.format
            guard let by = by ?? (from != nil || to != nil ? .account : nil) else {
                return try await showBalances(as: format, on: context)
            }
            let report = try await CreditReport(
                context.store,
                by: by,
                from: from?.start,
                to: to.map { CalendarDay(number: $0.number + 1).start }
            )
            context.console.out(Self.report(report), as: format)
        }
    }

    /// The morning's view: every account, then what today and this month cost.
    private func showBalances(as format: OutputFormat, on context: Context) async throws {
        let accounts = try await context.store.accounts()
        context.console.out(AccountReport(now: context.now).report(accounts), as: format)
        guard format == .table else { return }
        let today = CalendarDay(context.now)
        let month = today.latest(dayOfMonth: 1)
        let spentToday = try await spent(since: today, context)
        let spentThisMonth = try await spent(since: month, context)
        context.console.out(
            "spent today \(spentToday.spent.grouped) (videos: \(spentToday.videos)), since \(month) \(spentThisMonth.spent.grouped) (videos: \(spentThisMonth.videos))"
        )
        let unknown = accounts.filter { $0.unknown > .zero }
        let held = accounts.filter { $0.balance?.held ?? .zero > .zero }
        if unknown.isEmpty, !held.isEmpty {
            context.console.hint(
                "held are sends under way; if none runs any more: purser jobs check"
            )
        }
        if !unknown.isEmpty {
            let names = unknown.map(\.account.name).joined(separator: ", ")
            context.console.hint("outcomes on \(names) are undecided: purser jobs check")
        }
    }

    private func spent(since day: CalendarDay, _ context: Context) async throws -> CreditReport.Row
    {
        try await CreditReport(context.store, by: .account, from: day.start, to: nil).total
    }

    static func report(_ report: CreditReport) -> Report {
        let key = report.key.rawValue
        func cells(_ row: CreditReport.Row, _ style: Style?) -> [Report.Cell] {
            [
                .init(row.label, style), .init(row.videos), .init(row.charged), .init(row.refunded),
                .init(row.spent, .bold),
            ]
        }
        return Report(
            "spending",
            columns: [
                .init(key, key.uppercased()), .init("videos", "VIDEOS", .right),
                .init("charged", "CHARGED", .right), .init("refunded", "REFUNDED", .right),
                .init("spent", "SPENT", .right),
            ],
            rows: report.rows.map { cells($0, nil) },
            totals: report.rows.isEmpty ? nil : cells(report.total, .bold),
            emptyText: "nothing was spent in this span"
        )
    }
}

extension ReportKey: ExpressibleByArgument {}
