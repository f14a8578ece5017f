import ArgumentParser
import PurserCore
import PurserEngine

/// A command that prints one section of the books over a span.
protocol SectionCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }
    var period: PeriodOptions { get }
    var output: ReportFormatOption { get }

    /// What is asked of the store, and what is made of it.
    func section(over span: ReportSpan, on context: Context) async throws -> ReportSection
}

extension SectionCommand {
    func validate() throws { try global.check(output.format) }

    func run() async throws {
        try await Context.run(global) { context in
            let span = try period.span(now: context.now)
            let section = try await section(over: span, on: context)
            let format = output.format(on: context)
            try context.console.out(section, as: format, over: span.words, at: context.now)
        }
    }
}

struct CreditsDrift: SectionCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Differences between the books and the service, by account and cause."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: ReportFormatOption

    func section(over span: ReportSpan, on context: Context) async throws -> ReportSection {
        let query = ReportQuery(over: span, hasLedger: true)
        return .drift(try DriftReport(try await context.store.reportSums(query)))
    }
}

struct CreditsWasted: SectionCommand {
    static let configuration = CommandConfiguration(
        commandName: "wasted",
        abstract: "Credits that renewals took away unused, and what they would have bought."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: ReportFormatOption

    func section(over span: ReportSpan, on context: Context) async throws -> ReportSection {
        let query = ReportQuery(over: span, usage: [[.account, .model]], hasLedger: true)
        let sums = try await context.store.reportSums(query)
        return .wasted(try WasteReport(sums, usage: sums.usage[0], try context.catalogue()))
    }
}

struct CreditsFailures: SectionCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures",
        abstract: "Jobs that failed, what they cost, and what came back."
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Group by account, tier, member, model, day, week or month.",
            valueName: "key"
        )
    )
    var by = "model"

    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: ReportFormatOption

    func section(over span: ReportSpan, on context: Context) async throws -> ReportSection {
        let keys = try ReportKeys(by)
        guard keys.columns == nil else {
            throw CommandError.invalid("--by: failures have one key", hint: "write --by model")
        }
        let query = ReportQuery(over: span, usage: [keys.dimensions], hasLedger: true)
        let sums = try await context.store.reportSums(query)
        return .failures(try FailureReport(sums, usage: sums.usage[0], by: keys.rows))
    }
}

struct CreditsPrices: SectionCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Prices that changed, and those that are not the catalogue's."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var period: PeriodOptions
    @OptionGroup var output: ReportFormatOption

    func section(over span: ReportSpan, on context: Context) async throws -> ReportSection {
        let usage = try await context.store.usage([.day, .account, .model], over: span)
        return .prices(PriceReport(usage, try context.catalogue()))
    }
}

struct CreditsBudgets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budgets",
        abstract: "Budgets and limits of members and the team, beside what is spent of them now."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: ReportFormatOption

    func validate() throws { try global.check(output.format) }

    func run() async throws {
        try await Context.run(global) { context in
            let budgets = try await BudgetReport(context.store, at: context.now)
            let format = output.format(on: context)
            try context.console.out(.budgets(budgets), as: format, over: "now", at: context.now)
        }
    }
}
