package import PurserCore
package import PurserPages

/// Reads what the overview shows: what is left, what was spent, and what needs a hand.
package struct OverviewReading: Sendable {
    /// What the gateway itself has to do, which is in no book.
    package struct Work: Sendable {
        /// Requests that wait for an account, and how many may.
        let waiting: Int
        let limit: Int
        let underWay: Int

        package init(waiting: Int, limit: Int, underWay: Int) {
            self.waiting = waiting
            self.limit = limit
            self.underWay = underWay
        }
    }

    private let store: any Store

    package init(_ store: any Store) {
        self.store = store
    }

    /// What a member may see of it: without `read-accounts` and `all-credits` what is their own.
    ///
    /// `forecast`: of the accounts as they were read, where the member may see them.
    package func view(
        for member: Member,
        _ work: Work,
        forecast: ([AccountOverview]) async -> ForecastView? = { _ in nil },
        at now: Timestamp
    ) async throws -> OverviewView {
        let mayAll = member.role.may(.readAccounts) && member.role.may(.allCredits)
        let accounts = mayAll ? try await store.accounts() : nil
        var known: ForecastView?
        if let accounts { known = await forecast(accounts) }
        return OverviewView(
            now: now,
            accounts: accounts,
            alerts: try await alerts(accounts ?? [], at: now),
            queue: member.role.may(.readMetrics) ? try await queue(work, accounts, at: now) : nil,
            history: try await history(of: mayAll ? nil : member.id, at: now),
            forecast: known,
            own: try await ownSpending(of: member, at: now)
        )
    }

    /// What an operator would be told of the accounts, whether a webhook tells it or not.
    private func alerts(
        _ accounts: [AccountOverview],
        at now: Timestamp
    ) async throws -> [Alert] {
        guard !accounts.isEmpty else { return [] }
        let situation = AlertSituation(
            accounts: accounts.map { overview in
                let account = overview.account
                return AlertSituation.WatchedAccount(
                    id: account.id,
                    name: account.name,
                    state: account.state,
                    // Who paused it stands with the account.
                    pausedByServiceAt: nil,
                    credentialVersion: account.credentialVersion,
                    tokenExpiresAt: account.tokenExpiresAt,
                    tokenCommand: account.tokenCommand,
                    drift: overview.drift,
                    posted: overview.balance?.posted
                )
            },
            spending: try await store.spending(of: .team, at: now).map {
                .init(name: "", status: $0)
            }
        )
        return AlertRule().holding(in: situation, open: [], at: now).filter { !$0.isCovered }
    }

    private func queue(
        _ work: Work,
        _ accounts: [AccountOverview]?,
        at now: Timestamp
    ) async throws -> QueueView {
        QueueView(
            waiting: work.waiting,
            limit: work.limit,
            underWay: work.underWay,
            forecast: try await store.queueForecast(
                behind: work.waiting,
                among: (accounts ?? []).map(\.candidate),
                at: now
            )
        )
    }

    /// A year's days, of everybody or of one member.
    private func history(of member: MemberID?, at now: Timestamp) async throws -> [DaySpent] {
        let first = CalendarDay(number: CalendarDay(now).number - 365)
        let span = ReportSpan.days(from: first, before: nil)
        return try await store.usage([.day], over: span, of: member).compactMap { row in
            guard let day = row.day else { return nil }
            return DaySpent(day: day, spent: try row.charged.minus(row.refunded))
        }
    }

    private func ownSpending(of member: Member, at now: Timestamp) async throws -> OwnSpending {
        let overview = try await store.members().first { $0.member.id == member.id }
        return OwnSpending(
            budget: overview?.budget,
            limits: try await store.spending(of: .member(member.id), at: now)
        )
    }
}
