/// When credits run out, and what lapses unused: by account, by tier and of all together.
package struct CreditForecast: Sendable, Equatable {
    /// What a row is of.
    package enum Scope: Sendable, Equatable {
        case account(String, Tier)
        case tier(Tier)
        case pool
    }

    /// What there is to say of it.
    package enum Result: Sendable, Equatable {
        /// Nobody ever read the balance: unknown is not 0.
        case unknownBalance
        /// Takes no work, so nothing is spent.
        case stopped
        case notEnoughHistory(NotEnoughHistory)
        case outlook(Outlook)
    }

    /// How much of the past is known, and how much is needed.
    package struct NotEnoughHistory: Sendable, Equatable {
        package let days: Int
        package let spendingDays: Int
        package var daysNeeded: Int { DemandModel.daysNeeded }
        package var spendingDaysNeeded: Int { DemandModel.spendingDaysNeeded }
    }

    /// An account, a tier or all together, with what is known and what comes of it.
    package struct Row: Sendable, Equatable {
        package let scope: Scope
        /// Of several accounts, of those that take work and whose balance is known; the reserve is in it.
        ///
        /// Where none takes work, of the stopped ones. `nil`: nobody knows the balance of any.
        package let available: Credits?
        /// Accounts that the row leaves out because nobody knows their balance.
        package let unknownBalances: Int
        /// What is asked for is forecast from this, what-ifs but the demand's included.
        ///
        /// Of what has no forecast it is its own past, of which others may have taken the work.
        package let history: SpendingHistory
        package let result: Result
    }

    package let at: Timestamp
    package let days: Int
    package let accounts: [Row]
    package let tiers: [Row]
    package let pool: Row

    /// The days that it may look ahead.
    package static let horizons = 7...365

    /// Equal arguments give equal forecasts; `paths` is how many courses of things a range is read from.
    ///
    /// `accounts`: in the order of the rows. Those that are gone matter where they have a history, and get no row.
    package init(
        _ accounts: [ForecastAccount],
        _ changes: ForecastChanges = ForecastChanges(),
        at now: Timestamp,
        days: Int,
        seed: UInt64 = 1,
        paths: Int = 500
    ) throws(ForecastError) {
        let span = min(max(days, Self.horizons.lowerBound), Self.horizons.upperBound)
        let accounts = try changes.applied(to: accounts, at: now)
        let course = ForecastCourse(
            demand: changes.demand,
            now: now,
            days: span,
            seed: seed,
            paths: max(1, paths)
        )
        let working = accounts.filter { $0.state == .working }
        at = now
        self.days = span
        self.accounts = accounts.filter { $0.state != .gone }.map {
            Row(.account($0.name, $0.tier), of: [$0], course)
        }
        tiers = Tier.allCases.reversed().compactMap { tier in
            let members = working.filter { $0.tier == tier }
            return members.isEmpty ? nil : Row(.tier(tier), of: members, course)
        }
        let stopped = accounts.filter { $0.state == .stopped }
        pool = Row(.pool, of: working.isEmpty ? stopped : working, course)
    }
}

/// What all rows of a forecast have in common.
private struct ForecastCourse {
    let demand: Int
    let now: Timestamp
    let days: Int
    let seed: UInt64
    let paths: Int
}

extension CreditForecast.Row {
    fileprivate init(
        _ scope: CreditForecast.Scope,
        of accounts: [ForecastAccount],
        _ course: ForecastCourse
    ) {
        let known = accounts.filter { $0.available != nil }
        self.scope = scope
        available = known.isEmpty ? nil : .sum(known.compactMap(\.available))
        unknownBalances = accounts.count - known.count
        let told = known.isEmpty ? accounts : known
        history = .sum(told.map(\.history), before: CalendarDay(course.now))
        if !accounts.contains(where: { $0.state == .working }) {
            result = .stopped
        } else if known.isEmpty {
            result = .unknownBalance
        } else if let model = DemandModel(history) {
            result = .outlook(
                Outlook(
                    of: CreditPool(known, from: CalendarDay(course.now), days: course.days),
                    asked: model,
                    times: course.demand,
                    at: course.now,
                    days: course.days,
                    seed: course.seed,
                    paths: course.paths
                )
            )
        } else {
            result = .notEnoughHistory(
                .init(days: history.days.count, spendingDays: history.spendingDays)
            )
        }
    }
}

extension Credits {
    /// No more than can be counted.
    fileprivate static func sum(_ amounts: [Credits]) -> Credits {
        Credits(unchecked: amounts.reduce(0) { min(max($0 + $1.amount, -limit), limit) })
    }
}
