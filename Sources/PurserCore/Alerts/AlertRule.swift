/// What the rule looks at, as the books say at one moment.
package struct AlertSituation: Sendable {
    /// One account, as far as it matters here.
    package struct WatchedAccount: Sendable {
        package let id: AccountID
        package let name: String
        package let state: AccountState
        /// When the service's word paused it; `nil`, it did not.
        package let pausedByServiceAt: Timestamp?
        package let credentialVersion: UInt64
        package let tokenExpiresAt: Timestamp?
        package let tokenCommand: TokenCommand?
        package let drift: Credits?
        /// What the service shows, as the books believe; `nil`, never observed.
        package let posted: Credits?

        package init(
            id: AccountID,
            name: String,
            state: AccountState,
            pausedByServiceAt: Timestamp?,
            credentialVersion: UInt64,
            tokenExpiresAt: Timestamp?,
            tokenCommand: TokenCommand?,
            drift: Credits?,
            posted: Credits?
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.pausedByServiceAt = pausedByServiceAt
            self.credentialVersion = credentialVersion
            self.tokenExpiresAt = tokenExpiresAt
            self.tokenCommand = tokenCommand
            self.drift = drift
            self.posted = posted
        }
    }

    /// How far a limit is used up, and the member's name, which is empty for the team.
    package struct Spent: Sendable {
        package let name: String
        package let status: SpendingStatus

        package init(name: String, status: SpendingStatus) {
            self.name = name
            self.status = status
        }
    }

    package let accounts: [WatchedAccount]
    package let spending: [Spent]

    package init(accounts: [WatchedAccount], spending: [Spent]) {
        self.accounts = accounts
        self.spending = spending
    }
}

/// Says which alerts hold, by thresholds that an operator chose.
///
/// Pure. One that is open holds on a little longer than it takes to raise it, so that a number which swings around a
/// threshold is told once.
package struct AlertRule: Sendable, Equatable {
    /// An account with fewer credits than one of these is low on credits.
    package var lowCredits: Set<Int64>
    /// Days before a token's end; its end itself is always told.
    package var tokenDays: Set<Int64>

    package init(lowCredits: Set<Int64> = [200], tokenDays: Set<Int64> = [7, 1]) {
        self.lowCredits = lowCredits
        self.tokenDays = tokenDays
    }

    /// Everything that holds at `now`, for each subject the strictest first.
    ///
    /// `open`: what was told and has not ended. One whose threshold nobody asks for any more holds until what it told
    /// of has ended.
    package func holding(
        in situation: AlertSituation,
        open: Set<AlertKey>,
        at now: Timestamp
    ) -> [Alert] {
        let bySubject = Dictionary(grouping: open) { AlertKey(kind: $0.kind, subject: $0.subject) }
        func opened(_ kind: AlertKind, of subject: AlertSubjectID) -> Set<AlertKey> {
            Set(bySubject[AlertKey(kind: kind, subject: subject)] ?? [])
        }
        var alerts: [Alert] = []
        for account in situation.accounts {
            let subject = AlertSubjectID(high: account.id.high, low: account.id.low)
            alerts += low(account, subject, opened(.lowCredits, of: subject))
            alerts += expiring(account, subject, opened(.tokenExpires, of: subject), at: now)
            alerts += stopped(account, subject)
        }
        for spent in situation.spending {
            let owner = spent.status.owner.id
            let subject = AlertSubjectID(high: owner.high, low: owner.low)
            alerts += spending(spent, subject, opened(.spending, of: subject), at: now)
        }
        return alerts
    }

    /// Ends when the account has a tenth more than the threshold: a refund alone is no end.
    private func low(
        _ account: AlertSituation.WatchedAccount,
        _ subject: AlertSubjectID,
        _ open: Set<AlertKey>
    ) -> [Alert] {
        guard let posted = account.posted else { return [] }
        let thresholds = lowCredits.union(open.map(\.threshold)).sorted()
        return covering(
            thresholds.compactMap { threshold in
                let key = AlertKey(kind: .lowCredits, subject: subject, threshold: threshold)
                let bound = open.contains(key) ? threshold + threshold / 10 : threshold
                guard posted.amount < bound else { return nil }
                return Alert(key: key, name: account.name, amount: posted)
            }
        )
    }

    /// A command brings the next token by itself: then only an end counts that it could not prevent.
    private func expiring(
        _ account: AlertSituation.WatchedAccount,
        _ subject: AlertSubjectID,
        _ open: Set<AlertKey>,
        at now: Timestamp
    ) -> [Alert] {
        guard let end = account.tokenExpiresAt else { return [] }
        let days: [Int64]
        if let command = account.tokenCommand {
            days = command.failures > 0 ? [0] : []
        } else {
            days = tokenDays.union(open.map(\.threshold)).union([0]).sorted()
        }
        return covering(
            days.compactMap { days in
                guard end - now <= .seconds(days * 86_400) else { return nil }
                let key = AlertKey(
                    kind: .tokenExpires,
                    subject: subject,
                    threshold: days,
                    occasion: "\(account.credentialVersion)"
                )
                return Alert(key: key, name: account.name, until: end)
            }
        )
    }

    private func stopped(
        _ account: AlertSituation.WatchedAccount,
        _ subject: AlertSubjectID
    ) -> [Alert] {
        var alerts: [Alert] = []
        switch account.state {
        case .needsRotation(let reason):
            let key = AlertKey(
                kind: .tokenDead,
                subject: subject,
                occasion: "\(account.credentialVersion)"
            )
            alerts.append(Alert(key: key, name: account.name, detail: reason))
        case .paused(let reason):
            guard let since = account.pausedByServiceAt else { break }
            let key = AlertKey(
                kind: .paused,
                subject: subject,
                occasion: "\(since.milliseconds)"
            )
            alerts.append(Alert(key: key, name: account.name, detail: reason))
        case .enabled: break
        }
        if let drift = account.drift {
            let key = AlertKey(kind: .drift, subject: subject)
            alerts.append(Alert(key: key, name: account.name, amount: drift))
        }
        return alerts
    }

    /// Ends with its window, whatever comes back meanwhile, or when the limit is another.
    private func spending(
        _ spent: AlertSituation.Spent,
        _ subject: AlertSubjectID,
        _ open: Set<AlertKey>,
        at now: Timestamp
    ) -> [Alert] {
        let status = spent.status
        let limit = status.limit
        let used = Credits(unchecked: min(status.spent.amount + status.held.amount, Credits.limit))
        let first = limit.window.days(at: now)?.lowerBound.description ?? ""
        let occasion = "\(limit.window.kind.rawValue) \(first) \(limit.credits)"
        let percentages = Set([limit.warnAt, 100].compactMap { $0 }).sorted(by: >)
        return covering(
            percentages.compactMap { percent in
                let key = AlertKey(
                    kind: .spending,
                    subject: subject,
                    threshold: Int64(percent),
                    occasion: occasion
                )
                // A limit of nothing is reached by whoever spends, and not by being there.
                let isReached =
                    used > .zero
                    && Int128(used.amount) * 100 >= Int128(limit.credits.amount) * Int128(percent)
                guard isReached || open.contains(key) else { return nil }
                return Alert(
                    key: key,
                    name: spent.name,
                    amount: used,
                    limit: limit.credits,
                    until: status.resetsAt,
                    detail: limit.window.kind.rawValue
                )
            }
        )
    }

    /// Of several thresholds that hold, the first is told.
    private func covering(_ alerts: [Alert]) -> [Alert] {
        alerts.enumerated().map { place, alert in
            var alert = alert
            alert.isCovered = place > 0
            return alert
        }
    }
}
