import ArgumentParser
import PurserCore
import PurserEngine

struct AccountShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything known of one account, never its token."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The account's name.")
    var name: String

    func run() async throws {
        try await Context.run(global) { context in
            let overview = try await context.register.account(named: name)
            if context.isJSON {
                context.console.out(overview.document(at: context.now))
            } else {
                show(overview, on: context)
            }
        }
    }

    private func show(_ overview: AccountOverview, on context: Context) {
        let account = overview.account
        let console = context.console
        let now = context.now
        console.out("\(account.name, .bold)  \(account.tier.rawValue)  \(account.state.words)")
        if let balance = overview.balance {
            console.out(
                "  credits      \(balance.available.grouped) available, \(balance.held.grouped) held, \(balance.posted.grouped) posted"
            )
        } else {
            console.out("  credits      unknown: the balance was never read")
        }
        if overview.unknown > .zero {
            console.out(
                "  unknown      \(overview.unknown.grouped) credits of outcomes not decided"
            )
        }
        if overview.refundsDue > .zero {
            console.out("  refunds due  \(overview.refundsDue.grouped) credits")
        }
        if let drift = overview.drift {
            console.out("  drift        \(drift.grouped) credits not explained yet")
        }
        if let observed = overview.lastObserved {
            console.out(
                "  last read    \(observed.credits.grouped) credits, \(observed.at.relative(to: now))"
            )
        }
        for rest in overview.candidate.rests where now < rest.until {
            console.out(
                "  resting      \(rest.reason.rawValue), ends \(rest.until.relative(to: now))"
            )
        }
        if let (reason, width) = overview.candidate.comeback(at: now) {
            console.out("  coming back  \(width) at a time, after \(reason.rawValue)")
        }
        let settings = account.settings
        console.out(
            "  jobs         \(overview.candidate.jobsInFlight) of \(settings.maxInFlight) under way"
        )
        console.out("  reserve      \(settings.reserve.grouped)")
        console.out("  plan         \(plan(settings))")
        console.out("  project      \(settings.projectID ?? "the caller's")")
        console.out(
            "  tags         \(settings.tags.isEmpty ? "none" : settings.tags.joined(separator: ", "))"
        )
        let expiry = account.tokenExpiresAt.map { ", expires \($0.relative(to: now))" } ?? ""
        let source = account.tokenCommand == nil ? "" : ", printed by its command"
        console.out("  token        version \(account.credentialVersion)\(expiry)\(source)")
        if let since = account.tokenExposedAt {
            console.out(
                "  exposed      since \(since.readable): change it at the provider, then purser accounts rotate \(account.name)"
            )
        }
    }

    private func plan(_ settings: AccountSettings) -> String {
        let grant = settings.monthlyCredits.map { "\($0.grouped) credits a month" }
        let day = settings.renewsOnDay.map { "renews on day \($0)" }
        let words = [grant, day].compactMap { $0 }.joined(separator: ", ")
        return words.isEmpty ? "not told" : words
    }
}
