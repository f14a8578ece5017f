package import PurserCore

/// What is left, how long it lasts, and what needs a hand.
package struct OverviewView: Sendable {
    package let now: Timestamp
    /// Every account; `nil`: the viewer may not see them.
    package let accounts: [AccountOverview]?
    /// What holds and is not covered by a stricter one; empty where the viewer may not see accounts.
    package let alerts: [Alert]
    /// `nil`: the viewer may not see it.
    package let queue: QueueView?
    /// Credits spent on each day, up to a year, by the viewer or, where they may see it, by everybody; days without
    /// spending may be absent.
    package let history: [DaySpent]
    /// Of each account, tier and the pool for which there is one.
    package let forecasts: [CreditForecastView]
    /// The viewer's own budget and limits.
    package let own: OwnSpending?

    package init(
        now: Timestamp,
        accounts: [AccountOverview]?,
        alerts: [Alert] = [],
        queue: QueueView? = nil,
        history: [DaySpent] = [],
        forecasts: [CreditForecastView] = [],
        own: OwnSpending? = nil
    ) {
        self.now = now
        self.accounts = accounts
        self.alerts = alerts
        self.queue = queue
        self.history = history
        self.forecasts = forecasts
        self.own = own
    }
}

/// The line of requests that wait for an account.
package struct QueueView: Sendable {
    package let waiting: Int
    /// How many may wait.
    package let limit: Int
    package let underWay: Int
    package let forecast: QueueForecast

    package init(waiting: Int, limit: Int, underWay: Int, forecast: QueueForecast) {
        self.waiting = waiting
        self.limit = limit
        self.underWay = underWay
        self.forecast = forecast
    }
}

/// What was spent on a day: charged less refunded.
package struct DaySpent: Sendable, Equatable {
    package let day: CalendarDay
    package let spent: Credits

    package init(day: CalendarDay, spent: Credits) {
        self.day = day
        self.spent = spent
    }
}

/// What a member may still spend.
package struct OwnSpending: Sendable {
    /// `nil`: no budget.
    package let budget: Balance?
    package let limits: [SpendingStatus]

    package init(budget: Balance?, limits: [SpendingStatus]) {
        self.budget = budget
        self.limits = limits
    }
}

/// How long credits last, as a range.
package struct CreditForecastView: Sendable {
    package enum Subject: Sendable, Equatable {
        case account(String)
        case tier(Tier)
        case pool
    }

    /// The credits that are left at a day's end, from the tenth to the ninetieth percentile.
    package struct Point: Sendable, Equatable {
        package let day: CalendarDay
        package let low: Credits
        package let middle: Credits
        package let high: Credits

        package init(day: CalendarDay, low: Credits, middle: Credits, high: Credits) {
            self.day = day
            self.low = low
            self.middle = middle
            self.high = high
        }
    }

    package let subject: Subject
    /// In order of days; empty: not enough data.
    package let points: [Point]
    /// The first and the last day on which credits may run out; `nil`, not before the forecast's end.
    package let runsOutEarliest: CalendarDay?
    package let runsOutLatest: CalendarDay?
    /// What may be left unused when the month's grant renews, least and most.
    package let leftAtRenewal: ClosedRange<Credits>?

    package init(
        subject: Subject,
        points: [Point],
        runsOutEarliest: CalendarDay? = nil,
        runsOutLatest: CalendarDay? = nil,
        leftAtRenewal: ClosedRange<Credits>? = nil
    ) {
        self.subject = subject
        self.points = points
        self.runsOutEarliest = runsOutEarliest
        self.runsOutLatest = runsOutLatest
        self.leftAtRenewal = leftAtRenewal
    }
}
