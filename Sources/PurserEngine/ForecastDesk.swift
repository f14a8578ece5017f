package import PurserCore

/// Makes the forecast of credits from balances and what was spent day by day.
package struct ForecastDesk: Sendable {
    /// How far a forecast looks ahead unless told.
    package static let usualDays = 60

    private let store: any Store
    private let now: @Sendable () -> Timestamp

    package init(store: any Store, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// The same books give the same forecast at the same time.
    ///
    /// Throws ``ForecastError`` where the changes name what is not there.
    package func forecast(
        days: Int = usualDays,
        _ changes: ForecastChanges = ForecastChanges()
    ) async throws -> CreditForecast {
        try await forecast(of: try await store.accounts(), days: days, changes)
    }

    /// The same of accounts that were read before.
    package func forecast(
        of accounts: [AccountOverview],
        days: Int = usualDays,
        _ changes: ForecastChanges = ForecastChanges()
    ) async throws -> CreditForecast {
        let now = now()
        let known = try await withHistory(accounts, at: now)
        return try CreditForecast(known, changes, at: now, days: days)
    }

    /// Every account with what it spent, those that were removed last.
    private func withHistory(
        _ accounts: [AccountOverview],
        at now: Timestamp
    ) async throws -> [ForecastAccount] {
        let today = CalendarDay(now)
        let first = CalendarDay(number: today.number - SpendingHistory.window)
        let usage = try await store.usage(
            [.day, .account],
            over: .days(from: first, before: today)
        )
        let spent = Dictionary(grouping: usage, by: \.accountID)
        func history(of id: AccountID) -> SpendingHistory {
            let days = spent[id] ?? []
            let sums = days.compactMap { row in
                row.day.map { ($0, row.charged.amount - row.refunded.amount) }
            }
            return SpendingHistory(Dictionary(sums) { $0 + $1 }, before: today)
        }
        let present = accounts.map { overview in
            ForecastAccount(
                overview,
                available: overview.balance?.available,
                history: history(of: overview.account.id),
                at: now
            )
        }
        // One that was removed in between would count twice.
        let ids = Set(accounts.map(\.account.id))
        let removed = try await store.removedAccounts().filter { !ids.contains($0.id) }
            .map { account in
                ForecastAccount(
                    name: account.name,
                    tier: account.tier,
                    available: nil,
                    renewal: nil,
                    state: .gone,
                    history: history(of: account.id)
                )
            }
        return present + removed
    }
}

/// What a forecast stands on besides credits that come and go: as long as it is the same, an earlier one still fits.
///
/// Which accounts there are, by id and by name, whether each takes work, its tier, plan and reserve, whether its balance
/// is known, and the day.
package struct ForecastBasis: Sendable, Equatable {
    private struct Part: Equatable {
        let id: AccountID
        let account: ForecastAccount
    }

    private let day: CalendarDay
    private let parts: [Part]

    package init(_ accounts: [AccountOverview], at now: Timestamp) {
        let today = CalendarDay(now)
        day = today
        parts = accounts.map { overview in
            let account = ForecastAccount(
                overview,
                available: overview.balance.map { _ in .zero },
                history: SpendingHistory([:], before: today),
                at: now
            )
            return Part(id: overview.account.id, account: account)
        }
    }
}

extension ForecastAccount {
    /// As it stands now: an account that rests comes back, one that is paused may not.
    fileprivate init(
        _ overview: AccountOverview,
        available: Credits?,
        history: SpendingHistory,
        at now: Timestamp
    ) {
        let account = overview.account
        let settings = account.settings
        let hasToken = account.worksUntil.map { now < $0 } ?? true
        var renewal: Renewal?
        if let day = settings.renewsOnDay, let credits = settings.monthlyCredits {
            renewal = Renewal(day: day, credits: credits)
        }
        self.init(
            name: account.name,
            tier: account.tier,
            available: available,
            reserve: settings.reserve,
            renewal: renewal,
            state: account.state == .enabled && hasToken ? .working : .stopped,
            history: history
        )
    }
}
