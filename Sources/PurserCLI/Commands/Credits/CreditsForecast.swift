import ArgumentParser
import PurserCore
import PurserEngine

struct CreditsForecast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "When credits run out, and what lapses unused: 10 to 90 % ranges.",
        discussion: """
            What comes is taken to be like what was: the days of the past are told again from the level and the weekdays of \
            now, many times over. Documentation/Forecast.md has the method, and how often the ranges held.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("How far to look ahead, from 7d to 365d (60d).", valueName: "days")
    )
    var horizon: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "As if this account were gone and the others did its work.",
            valueName: "account"
        )
    )
    var without: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "As if there were one more account of this tier, with a plan that begins today; up to 20 times.",
            valueName: "tier"
        )
    )
    var add: [Tier] = []

    @Option(
        help: ArgumentHelp(
            "What an added account is granted each month; what the tier's accounts mostly are unless told. Only with --add.",
            valueName: "credits"
        )
    )
    var plan: Int64?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("As if so much more or less were asked for.", valueName: "+20%")
    )
    var demand: [String] = []

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func validate() throws { try global.check(format) }

    func run() async throws {
        let days = try Self.days(horizon)
        let changes = ForecastChanges(
            without: without,
            adding: add,
            plan: try Self.credits(plan),
            demand: try Self.permille(demand)
        )
        try await Context.run(global) { context in
            let desk = ForecastDesk(store: context.store, now: { context.now })
            let forecast = try await desk.forecast(days: days, changes)
            let format = format ?? context.format
            context.console.out(ForecastReport(forecast).report, as: format)
            guard format == .table else { return }
            if forecast.pool.unknownBalances > 0 {
                context.console.hint(
                    "accounts whose balance is unknown are left out: purser accounts refresh reads it"
                )
            }
            let unplanned = forecast.accounts.contains { row in
                if case .outlook(let outlook) = row.result { outlook.unused == nil } else { false }
            }
            if unplanned {
                context.console.hint(
                    "a renewal is reckoned with where the account's monthly-credits and renews-on are set and it falls into the horizon"
                )
            }
        }
    }

    // MARK: Arguments

    private static func days(_ text: String?) throws -> Int {
        guard let text else { return ForecastDesk.usualDays }
        let digits = text.hasSuffix("d") ? text.dropLast() : text[...]
        guard let days = Int(digits), CreditForecast.horizons.contains(days) else {
            throw CommandError.invalid(
                "--horizon: \(text.debugDescription) is no number of days from 7 to 365",
                hint: "write 60d"
            )
        }
        return days
    }

    private static func credits(_ amount: Int64?) throws -> Credits? {
        guard let amount else { return nil }
        guard amount > 0, let credits = Credits(amount) else {
            throw CommandError.invalid(
                "--plan: \(amount) is no plan's credits",
                hint: "write what is granted each month, such as --plan 12500"
            )
        }
        return credits
    }

    /// `+20%` and `-10%` one after the other, in thousandths of what was asked for.
    private static func permille(_ texts: [String]) throws -> Int {
        try texts.reduce(1000) { whole, text in
            guard text.hasSuffix("%"), let percent = Int(text.dropLast()),
                (-100...900).contains(percent)
            else {
                throw CommandError.invalid(
                    "--demand: \(text.debugDescription) is no percentage from -100% to +900%",
                    hint: "write +20% or -10%"
                )
            }
            let product = whole * (100 + percent) / 100
            guard product <= ForecastChanges.mostDemand else {
                throw CommandError.invalid(
                    "--demand: together these are more than \(ForecastChanges.mostDemand / 1000) times what was asked for",
                    hint: "several multiply: give fewer"
                )
            }
            return product
        }
    }
}
