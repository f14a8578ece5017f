package import PurserCore

extension CreditForecast {
    /// Accounts, tiers, then the pool.
    package var rows: [Row] { accounts + tiers + [pool] }

    /// `credits forecast`.
    package var document: JSONOutput {
        ["forecast": .array(rows.map(\.document))]
    }
}

extension CreditForecast.Row {
    /// One of a forecast: `shape` and meaning of each field are in the command line's reference.
    package var document: JSONOutput {
        let outlook: Outlook? = if case .outlook(let outlook) = result { outlook } else { nil }
        let (scope, name, tier) = scope.words
        let runsOut = outlook?.runsOut
        let unused = outlook?.unused
        return .object([
            .init(name: "scope", value: .string(scope)),
            .init(name: "name", value: .string(name)),
            .init(name: "tier", value: JSONOutput(tier)),
            .init(name: "result", value: .string(result.word)),
            .init(name: "available", value: JSONOutput(available)),
            .init(name: "unknown_balances", value: JSONOutput(unknownBalances)),
            .init(name: "history_days", value: JSONOutput(history.days.count)),
            .init(name: "spending_days", value: JSONOutput(history.spendingDays)),
            .init(name: "a_day_low", value: JSONOutput(outlook?.perDay.low)),
            .init(name: "a_day_median", value: JSONOutput(outlook?.perDay.median)),
            .init(name: "a_day_high", value: JSONOutput(outlook?.perDay.high)),
            .init(name: "chance", value: JSONOutput(outlook?.chance)),
            .init(name: "runs_out_low", value: JSONOutput(runsOut?.low)),
            .init(name: "runs_out_median", value: JSONOutput(runsOut?.median)),
            .init(name: "runs_out_high", value: JSONOutput(runsOut?.high)),
            .init(name: "renews_on", value: JSONOutput(unused?.on)),
            .init(name: "unused_low", value: JSONOutput(unused?.credits.low)),
            .init(name: "unused_median", value: JSONOutput(unused?.credits.median)),
            .init(name: "unused_high", value: JSONOutput(unused?.credits.high)),
        ])
    }
}

extension CreditForecast.Scope {
    /// What it is of, its name, and the tier where it has one.
    package var words: (scope: String, name: String, tier: String?) {
        switch self {
        case .account(let name, let tier): ("account", name, tier.rawValue)
        case .tier(let tier): ("tier", tier.rawValue, tier.rawValue)
        case .pool: ("pool", "all", nil)
        }
    }
}

extension CreditForecast.Result {
    /// Stable: what `result` is in JSON.
    package var word: String {
        switch self {
        case .unknownBalance: "unknown_balance"
        case .stopped: "stopped"
        case .notEnoughHistory: "not_enough_data"
        case .outlook: "outlook"
        }
    }
}
