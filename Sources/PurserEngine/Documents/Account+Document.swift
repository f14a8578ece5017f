package import PurserCore

/// An account as lists and reports show it: never anything of its token but when it ends.
extension AccountOverview {
    /// `enabled`, or why it takes no work, in words.
    package func stateWords(at now: Timestamp) -> String {
        guard account.state == .enabled else { return account.state.words }
        if let expiry = account.tokenExpiresAt, expiry <= now { return "token expired" }
        guard let rest = lastingRest(at: now) else { return AccountState.enabled.words }
        let model = rest.modelID.map { " (\($0))" } ?? ""
        return "resting\(model): \(rest.reason.rawValue), \(rest.until.relative(to: now))"
    }

    /// The rest that ends last, of those under way.
    package func lastingRest(at now: Timestamp) -> Rest? {
        candidate.rests.filter { now < $0.until }.max { $0.until < $1.until }
    }

    /// What is left of the monthly grant, in per cent; without a known grant there is no whole.
    package var percentLeft: Int64? {
        guard let grant = account.settings.monthlyCredits, grant > .zero,
            let available = balance?.available
        else { return nil }
        return max(0, min(100, available.amount * 100 / grant.amount))
    }

    /// One of a list: `shape account` of the command line's reference.
    package func row(at now: Timestamp) -> JSONOutput {
        [
            "name": .string(account.name), "tier": .string(account.tier.rawValue),
            "state": .string(stateWords(at: now)), "available": JSONOutput(balance?.available),
            "held": JSONOutput(balance?.held), "jobs": JSONOutput(candidate.jobsInFlight),
            "left": JSONOutput(percentLeft),
            "renews_on": JSONOutput(account.nextRenewal(after: now)),
            "token_expires_at": JSONOutput(account.tokenExpiresAt),
            "token_exposed_at": JSONOutput(account.tokenExposedAt),
        ]
    }

    /// Everything known of it: `accounts show`.
    package func document(at now: Timestamp) -> JSONOutput {
        let settings = account.settings
        return [
            "id": JSONOutput(account.id), "name": .string(account.name),
            "tier": .string(account.tier.rawValue), "state": .string(account.state.words),
            "posted": JSONOutput(balance?.posted), "held": JSONOutput(balance?.held),
            "available": JSONOutput(balance?.available), "unknown": JSONOutput(unknown),
            "refunds_due": JSONOutput(refundsDue), "drift": JSONOutput(drift),
            "observed": JSONOutput(lastObserved?.credits),
            "observed_at": JSONOutput(lastObserved?.at),
            "jobs": JSONOutput(candidate.jobsInFlight),
            "max_in_flight": JSONOutput(settings.maxInFlight),
            "reserve": JSONOutput(settings.reserve),
            "monthly_credits": JSONOutput(settings.monthlyCredits),
            "renews_on": JSONOutput(settings.renewsOnDay),
            "project_id": JSONOutput(settings.projectID),
            "tags": .array(settings.tags.map { .string($0) }),
            "credential_version": JSONOutput(account.credentialVersion),
            "token_expires_at": JSONOutput(account.tokenExpiresAt),
            "token_exposed_at": JSONOutput(account.tokenExposedAt),
            "token_command": .bool(account.tokenCommand != nil),
            "rests": .array(
                candidate.rests.filter { now < $0.until }.map { rest in
                    [
                        "reason": .string(rest.reason.rawValue), "until": JSONOutput(rest.until),
                        "model": JSONOutput(rest.modelID?.rawValue),
                    ]
                }
            ),
            "created_at": JSONOutput(account.createdAt),
        ]
    }
}

extension Account {
    /// The next day of renewal, where the day of the month is known.
    package func nextRenewal(after now: Timestamp) -> CalendarDay? {
        settings.renewsOnDay.map { CalendarDay(now).next(dayOfMonth: $0) }
    }
}

extension AccountState {
    package var words: String {
        switch self {
        case .enabled: "enabled"
        case .paused(let reason): "paused: \(reason)"
        case .needsRotation(let reason): "needs rotation: \(reason)"
        }
    }
}

/// What several accounts have together.
package struct AccountTotals: Sendable, Equatable {
    /// Of the accounts whose balance is known; `nil`: more than can be counted.
    package let available: Credits?
    package let held: Credits?
    package let jobs: Int

    package init(_ accounts: [AccountOverview]) {
        available = Self.sum(accounts.compactMap(\.balance?.available))
        held = Self.sum(accounts.compactMap(\.balance?.held))
        jobs = accounts.reduce(0) { $0 + $1.candidate.jobsInFlight }
    }

    /// Each amount lies within ±2^53; a sum beyond it is unknown rather than wrapped.
    private static func sum(_ amounts: [Credits]) -> Credits? {
        var sum = Credits.zero
        for amount in amounts {
            guard let next = try? sum.plus(amount) else { return nil }
            sum = next
        }
        return sum
    }

    /// In the shape of an account's row, named `total`.
    package var row: JSONOutput {
        [
            "name": "total", "tier": .null, "state": .null, "available": JSONOutput(available),
            "held": JSONOutput(held), "jobs": JSONOutput(jobs), "left": .null, "renews_on": .null,
            "token_expires_at": .null, "token_exposed_at": .null,
        ]
    }
}
