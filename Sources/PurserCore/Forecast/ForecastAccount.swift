/// An account as a forecast looks at it.
package struct ForecastAccount: Sendable, Equatable {
    /// When what is left lapses and what comes in its place.
    package struct Renewal: Sendable, Equatable {
        /// 1…31, clamped to the month's length.
        package let day: Int
        package let credits: Credits

        package init(day: Int, credits: Credits) {
            self.day = day
            self.credits = credits
        }
    }

    /// Whether it has a part in what comes.
    package enum State: Sendable {
        case working
        /// Paused, or without a token that works: the others do what it did.
        case stopped
        /// Removed, or done without: likewise, and it has no row.
        case gone
    }

    package let name: String
    package let tier: Tier
    /// `nil`: the balance was never read.
    package let available: Credits?
    package let reserve: Credits
    /// `nil` where the plan or its day is not known: then its credits neither lapse nor come again.
    package let renewal: Renewal?
    package var state: State
    package var history: SpendingHistory

    package init(
        name: String,
        tier: Tier,
        available: Credits?,
        reserve: Credits = .zero,
        renewal: Renewal?,
        state: State = .working,
        history: SpendingHistory
    ) {
        self.name = name
        self.tier = tier
        self.available = available
        self.reserve = reserve
        self.renewal = renewal
        self.state = state
        self.history = history
    }
}

/// Why a forecast cannot be made as it was asked for.
package enum ForecastError: Failure {
    case noSuchAccount(String)
    case noPlan(Tier)
    case noAccountLeft
    case tooManyAdded(Int)
    case planOfNone

    package var kind: FailureKind {
        switch self {
        case .noSuchAccount: .notFound
        case .noPlan, .noAccountLeft, .tooManyAdded, .planOfNone: .invalidInput
        }
    }

    package var message: String {
        switch self {
        case .noSuchAccount(let name):
            "there is no account \(name.prefix(80).debugDescription) to do without"
        case .noPlan(let tier):
            "no \(tier.rawValue) account tells its plan, so one more cannot be reckoned with"
        case .noAccountLeft: "without these accounts none is left"
        case .tooManyAdded(let count):
            "\(count) accounts are added, and at most \(ForecastChanges.mostAdded) may be"
        case .planOfNone: "a plan is given, and no account is added that has it"
        }
    }

    package var hint: String? {
        switch self {
        case .noSuchAccount: "purser accounts list names them"
        case .noPlan:
            "give --plan, or tell an account's: purser accounts set NAME --monthly-credits N"
        case .planOfNone: "give --add, too, or leave --plan out"
        case .noAccountLeft: "leave one of --without out, or give --add"
        case .tooManyAdded:
            "give --add \(ForecastChanges.mostAdded) times at most, with a larger --plan"
        }
    }
}
