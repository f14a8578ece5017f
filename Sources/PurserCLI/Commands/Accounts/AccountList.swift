import ArgumentParser
import PurserCore
import PurserEngine

struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the accounts with what is left on each.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("Only accounts with this tag.", valueName: "tag")
    )
    var tag: String?

    func run() async throws {
        try await Context.run(global) { context in
            let accounts = try await context.store.accounts().filter { overview in
                tag.map { overview.account.settings.tags.contains($0) } ?? true
            }
            let report = AccountReport(now: context.now).report(accounts)
            context.console.out(report, as: context.format)
        }
    }
}

/// Accounts as rows: shared by `accounts list` and `credits`.
struct AccountReport {
    let now: Timestamp

    func report(_ accounts: [AccountOverview]) -> Report {
        Report(
            "accounts",
            columns: [
                .init("name", "ACCOUNT"), .init("tier", "TIER"),
                .init("state", "STATE", isFlexible: true),
                .init("available", "AVAILABLE", .right), .init("held", "HELD", .right),
                .init("jobs", "JOBS", .right), .init("left", "LEFT"),
                .init("renews_on", "RENEWS"), .init("token_expires_at", "TOKEN"),
                .init("token_exposed_at", "EXPOSED", isOptional: true),
            ],
            rows: accounts.map(row),
            totals: accounts.isEmpty ? nil : totals(accounts),
            emptyText: "no account yet: purser accounts add NAME"
        )
    }

    private func row(_ overview: AccountOverview) -> [Report.Cell] {
        let account = overview.account
        let available = overview.balance?.available
        return [
            .init(account.name, .bold), .init(account.tier.rawValue), state(overview),
            .init(JSONOutput(available), shown: available?.grouped ?? "unknown"),
            .init(overview.balance?.held),
            .init(
                JSONOutput(overview.candidate.jobsInFlight),
                shown: "\(overview.candidate.jobsInFlight)/\(account.settings.maxInFlight)"
            ),
            bar(overview), renewal(account), token(account), exposure(account),
        ]
    }

    private func state(_ overview: AccountOverview) -> Report.Cell {
        let words = overview.stateWords(at: now)
        switch overview.account.state {
        case .paused: return .init(words, .yellow)
        case .needsRotation: return .init(.string(words), shown: "needs rotation", .red)
        case .enabled: break
        }
        guard words == AccountState.enabled.words else {
            return .init(words, overview.lastingRest(at: now) == nil ? .red : .yellow)
        }
        if let drift = overview.drift {
            return .init(
                "enabled",
                shown: "enabled, drift of \(drift.grouped): reconcile",
                .yellow
            )
        }
        if let comeback = overview.candidate.comeback(at: now) {
            return .init(
                "enabled",
                shown: "enabled, coming back: \(comeback.width) at a time",
                .yellow
            )
        }
        return .init("enabled", .green)
    }

    /// What is left of the monthly grant; without a known grant there is no whole to draw.
    private func bar(_ overview: AccountOverview) -> Report.Cell {
        guard let percent = overview.percentLeft,
            let grant = overview.account.settings.monthlyCredits,
            let available = overview.balance?.available
        else { return .init(JSONOutput.null, shown: "") }
        let style: Style = percent < 10 ? .red : percent < 30 ? .yellow : .green
        let bar = Bar(left: available.amount, of: grant.amount)
        return .init(.integer(percent), shown: "\(bar.text) \(percent)%", style)
    }

    private func renewal(_ account: Account) -> Report.Cell {
        guard let next = account.nextRenewal(after: now) else { return .init(JSONOutput.null) }
        return .init(
            JSONOutput(next),
            shown: "\(next) (\(next.start.relative(to: now)))"
        )
    }

    private func token(_ account: Account) -> Report.Cell {
        guard let expiry = account.tokenExpiresAt else { return .init(JSONOutput.null) }
        let isNear = expiry - now < .seconds(86_400)
        return .init(JSONOutput(expiry), shown: expiry.relative(to: now), isNear ? .red : nil)
    }

    private func exposure(_ account: Account) -> Report.Cell {
        guard let since = account.tokenExposedAt else { return .empty }
        return .init(JSONOutput(since), shown: "change the token at the provider", .red)
    }

    private func totals(_ accounts: [AccountOverview]) -> [Report.Cell] {
        let totals = AccountTotals(accounts)
        func cell(_ sum: Credits?) -> Report.Cell {
            sum.map { .init($0, .bold) } ?? .init(JSONOutput.null)
        }
        return [
            .init(.string("total"), shown: "total", .bold), .empty, .empty,
            cell(totals.available), cell(totals.held), .init(totals.jobs), .empty, .empty, .empty,
            .empty,
        ]
    }
}
