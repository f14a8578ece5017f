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
    /// `nil`: there is none, or the viewer may not see it.
    package let forecast: ForecastView?
    /// The viewer's own budget and limits.
    package let own: OwnSpending?

    package init(
        now: Timestamp,
        accounts: [AccountOverview]?,
        alerts: [Alert] = [],
        queue: QueueView? = nil,
        history: [DaySpent] = [],
        forecast: ForecastView? = nil,
        own: OwnSpending? = nil
    ) {
        self.now = now
        self.accounts = accounts
        self.alerts = alerts
        self.queue = queue
        self.history = history
        self.forecast = forecast
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

/// How long credits last, as it was reckoned at an instant that may be minutes ago.
package struct ForecastView: Sendable {
    package let at: Timestamp
    /// Of each account, tier and the pool for which there is one.
    package let rows: [CreditForecastView]

    package init(at: Timestamp, rows: [CreditForecastView]) {
        self.at = at
        self.rows = rows
    }
}

/// How long the credits of an account, a tier or the pool last.
package struct CreditForecastView: Sendable {
    package enum Subject: Sendable, Equatable {
        case account(String)
        case tier(Tier)
        case pool
    }

    package enum Outcome: Sendable, Equatable {
        /// Nobody ever read the balance.
        case unknownBalance
        /// Takes no work, so nothing is spent.
        case stopped
        case notEnoughData
        /// `chance`: how likely it is within the forecast, in per cent. `left` is `nil` where nothing renews within it.
        case known(runsOut: RunsOut, chance: Int, left: Left?)
    }

    /// The day on which nothing is left: one in ten before the earliest, nine in ten by the latest; `nil`, not within
    /// the forecast.
    package struct RunsOut: Sendable, Equatable {
        package let earliest: CalendarDay?
        package let middle: CalendarDay?
        package let latest: CalendarDay?

        package init(earliest: CalendarDay?, middle: CalendarDay?, latest: CalendarDay?) {
            self.earliest = earliest
            self.middle = middle
            self.latest = latest
        }
    }

    /// What lapses unused at the renewal on that day, from the tenth to the ninetieth percentile.
    package struct Left: Sendable, Equatable {
        package let on: CalendarDay
        package let credits: ClosedRange<Credits>

        package init(on: CalendarDay, credits: ClosedRange<Credits>) {
            self.on = on
            self.credits = credits
        }
    }

    /// The credits that are left at a day's end.
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
    package let outcome: Outcome
    /// In order of days, for a chart; may be empty.
    package let points: [Point]

    package init(subject: Subject, outcome: Outcome, points: [Point] = []) {
        self.subject = subject
        self.outcome = outcome
        self.points = points
    }
}
