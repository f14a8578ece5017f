import ArgumentParser
import PurserCore
import PurserEngine

struct CreditsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credits",
        abstract: "What is left, and who spent what.",
        subcommands: [
            CreditsReport.self, CreditsStatement.self, CreditsBudgets.self, CreditsFailures.self,
            CreditsWasted.self, CreditsDrift.self, CreditsPrices.self, CreditsForecast.self,
        ],
        defaultSubcommand: CreditsReport.self
    )
}

struct CreditsReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Balances now; with --by, what was spent by one key, or by two as a cross table.",
        discussion: """
            With --format html and without --by it is the whole report: balances, spending, budgets, \
            failures, what renewals took, differences and prices of the span, or of this month.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "What was spent, in place of the balances, by one or two of account, tier, member, model, day, week, month.",
            valueName: "key[,key]"
        )
    )
    var by: String?

    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: ReportFormatOption

    func validate() throws { try global.check(output.format) }

    func run() async throws {
        let keys = try by.map { try ReportKeys($0) }
        try await Context.run(global) { context in
            let span = try period.span(now: context.now)
            let format = output.format(on: context)
            if keys == nil, format == .html {
                return try await WholeReport(context: context).write(
                    over: period.isTold ? span : .month(of: CalendarDay(context.now))
                )
            }
            guard let keys = keys ?? (period.isTold ? ReportKeys(.account) : nil) else {
                return try await showBalances(as: format, on: context)
            }
            let report = try await CreditReport(context.store, by: keys, over: span)
            let section = SpendingSection(report: report)
                .section(on: format == .table ? context.console.output : nil)
            try context.console.out(section, as: format, over: span.words, at: context.now)
        }
    }

    /// The morning's view: every account, then what today and this month cost.
    private func showBalances(as format: ReportFormat, on context: Context) async throws {
        let accounts = try await context.store.accounts()
        let balances = ReportSection.balances(accounts, at: context.now)
        try context.console.out(balances, as: format, over: "now", at: context.now)
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
}

extension ReportSpan {
    /// The month that a day is in.
    fileprivate static func month(of day: CalendarDay) -> ReportSpan {
        .days(from: day.latest(dayOfMonth: 1), before: day.next(dayOfMonth: 1))
    }
}

/// Every section over one span, as one HTML file.
private struct WholeReport {
    let context: Context

    func write(over span: ReportSpan) async throws {
        let catalogue = try context.catalogue()
        let query = ReportQuery(
            over: span,
            usage: [
                [.day, .model], [.account], [.member], [.model], [.account, .model],
                [.day, .account, .model],
            ],
            hasLedger: true
        )
        let accounts = try await context.store.accounts()
        let budgets = try await BudgetReport(context.store, at: context.now)
        let sums = try await context.store.reportSums(query)
        func spending(_ index: Int, _ keys: ReportKeys) throws -> ReportSection {
            SpendingSection(report: try CreditReport(sums.usage[index], by: keys)).section()
        }
        let sections = [
            ReportSection.balances(accounts, at: context.now),
            try spending(0, ReportKeys(.day, across: .model)),
            try spending(1, ReportKeys(.account)), try spending(2, ReportKeys(.member)),
            try spending(3, ReportKeys(.model)), .budgets(budgets),
            .failures(try FailureReport(sums, usage: sums.usage[3], by: .model)),
            .wasted(try WasteReport(sums, usage: sums.usage[4], catalogue)),
            .drift(try DriftReport(sums)), .prices(PriceReport(sums.usage[5], catalogue)),
        ]
        try context.console.out(
            sections,
            titled: "Credits",
            over: span.words,
            at: context.now
        )
    }
}
