import PurserCore
import PurserEngine
import PurserPages

extension PageDoor {
    /// What is left, what was spent, and what needs a hand; a member sees what is theirs.
    func overview(for member: Member) async throws -> OverviewView {
        let now = engine.ambient.now()
        let mayAll = member.role.may(.readAccounts) && member.role.may(.allCredits)
        let accounts = mayAll ? try await engine.store.accounts() : nil
        return OverviewView(
            now: now,
            accounts: accounts,
            alerts: try await alerts(accounts ?? [], at: now),
            queue: member.role.may(.readMetrics) ? try await queue(accounts, at: now) : nil,
            history: try await history(of: mayAll ? nil : member.id, at: now),
            own: try await ownSpending(of: member, at: now)
        )
    }

    /// What an operator would be told of the accounts, whether a webhook tells it or not.
    private func alerts(
        _ accounts: [AccountOverview],
        at now: Timestamp
    ) async throws -> [Alert] {
        guard !accounts.isEmpty else { return [] }
        let team = try await engine.store.spending(of: .team, at: now)
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
            spending: team.map { .init(name: "", status: $0) }
        )
        return AlertRule().holding(in: situation, open: [], at: now).filter { !$0.isCovered }
    }

    private func queue(
        _ accounts: [AccountOverview]?,
        at now: Timestamp
    ) async throws -> QueueView {
        let candidates = (accounts ?? []).map(\.candidate)
        return QueueView(
            waiting: line.count,
            limit: line.limit,
            underWay: admission.requests,
            forecast: try await engine.queueForecast(line, among: candidates, at: now)
        )
    }

    /// A year's days, of everybody or of one member.
    private func history(of member: MemberID?, at now: Timestamp) async throws -> [DaySpent] {
        let first = CalendarDay(number: CalendarDay(now).number - 365)
        let span = ReportSpan.days(from: first, before: nil)
        return try await engine.store.usage([.day], over: span, of: member).compactMap { row in
            guard let day = row.day else { return nil }
            return DaySpent(day: day, spent: try row.charged.minus(row.refunded))
        }
    }

    private func ownSpending(of member: Member, at now: Timestamp) async throws -> OwnSpending {
        let overview = try await engine.store.members().first { $0.member.id == member.id }
        return OwnSpending(
            budget: overview?.budget,
            limits: try await engine.store.spending(of: .member(member.id), at: now)
        )
    }
}
