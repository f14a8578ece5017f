/// What a choice must satisfy: models and counts, and where the request may go.
package struct RouteRequest: Sendable, Equatable {
    /// One for each element, in order.
    ///
    /// Empty for calls that cost nothing and name no model (uploads).
    package let models: [Model]
    /// Accounts that own media the request names.
    ///
    /// More than one means that no account can serve it.
    package private(set) var mediaOwners: Set<AccountID>
    /// The only account the caller wants.
    package private(set) var only: AccountID?
    /// Accounts an earlier attempt of the same submission has tried.
    package private(set) var tried: Set<AccountID>
    /// Accounts of other tiers are passed over (for a model the catalogue does not know).
    package let onlyTier: Tier?
    /// The most the caller wants to spend.
    package let maxCredits: Credits?
    /// What the member may still spend; `nil`, nothing limits them.
    package private(set) var budget: Credits?

    package init(
        models: [Model],
        mediaOwners: Set<AccountID> = [],
        only: AccountID? = nil,
        tried: Set<AccountID> = [],
        onlyTier: Tier? = nil,
        maxCredits: Credits? = nil,
        budget: Credits? = nil
    ) {
        self.models = models
        self.mediaOwners = mediaOwners
        self.only = only
        self.tried = tried
        self.onlyTier = onlyTier
        self.maxCredits = maxCredits
        self.budget = budget
    }

    /// What the request costs on a tier: every element's price there.
    ///
    /// `nil` when a model is not sold to the tier, or its price there is not known.
    package func price(on tier: Tier) -> Credits? {
        var sum = Credits.zero
        for model in models {
            guard let price = model.offers[tier]?.price, let next = try? sum.plus(price) else {
                return nil
            }
            sum = next
        }
        return sum
    }

    /// Whether caller and budget allow to spend so much; what costs nothing always may.
    func allows(_ price: Credits) -> Bool {
        price <= maxCredits ?? price && (price == .zero || price <= budget ?? price)
    }

    /// The same request for a further attempt.
    package func trying(without tried: Set<AccountID>) -> RouteRequest {
        changed { $0.tried = tried }
    }

    /// The same request for one account only.
    package func restricted(to account: AccountID) -> RouteRequest {
        changed { $0.only = account }
    }

    /// The same request with what the store knows of the media it names.
    package func withMediaOwners(_ owners: Set<AccountID>) -> RouteRequest {
        changed { $0.mediaOwners = owners }
    }

    /// The same request for a member who may still spend `budget`; `nil`, nothing limits them.
    package func within(_ budget: Credits?) -> RouteRequest {
        changed { $0.budget = budget }
    }

    private func changed(_ change: (inout RouteRequest) -> Void) -> RouteRequest {
        var request = self
        change(&request)
        return request
    }
}

/// What a choice may look at of one account.
package struct Candidate: Sendable, Equatable {
    package var account: Account
    /// `nil`: never observed.
    package var balance: Balance?
    /// Holds not decided, and jobs not ended.
    package var jobsInFlight: Int
    /// Rests that hold, and ones that ended: while they are remembered the account comes back gently, and a rest
    /// that follows is longer.
    package var rests: [Rest]
    /// Grows with every claim in the home: who was used longest ago comes first in round-robin.
    package var lastUsed: Int64

    package init(
        account: Account,
        balance: Balance?,
        jobsInFlight: Int = 0,
        rests: [Rest] = [],
        lastUsed: Int64 = 0
    ) {
        self.account = account
        self.balance = balance
        self.jobsInFlight = jobsInFlight
        self.rests = rests
        self.lastUsed = lastUsed
    }

    /// The rest that the account comes back from, and how many jobs at a time it may run until it has; `nil` when
    /// nothing but its own limit holds it back.
    package func comeback(at now: Timestamp) -> (reason: RestReason, width: Int)? {
        var narrowest: (reason: RestReason, width: Int)?
        for rest in rests {
            guard let width = rest.width(at: now), width < account.settings.maxInFlight,
                narrowest.map({ width < $0.width }) ?? true
            else { continue }
            narrowest = (rest.reason, width)
        }
        return narrowest
    }
}

/// Why an account was passed over.
package enum Ineligibility: Sendable, Equatable {
    case notTheOneAskedFor
    case alreadyTried
    case paused(reason: String)
    case needsRotation(reason: String)
    case tokenExpired(at: Timestamp)
    case tierCannotUse(model: ModelID, tier: Tier)
    case priceUnknown(model: ModelID, tier: Tier)
    case otherTierAskedFor(Tier)
    case resting(reason: RestReason, until: Timestamp, model: ModelID?)
    case balanceUnknown
    case notEnoughCredits(available: Credits, reserve: Credits, price: Credits)
    case aboveMaximum(price: Credits, maximum: Credits)
    /// More than is left of the member's budget.
    case overBudget(price: Credits, available: Credits)
    case noFreeSlot(inFlight: Int, maximum: Int)
    /// It may run `width` jobs at a time until some have been accepted after its rest.
    case comingBack(reason: RestReason, inFlight: Int, width: Int)
    case mediaBelongTo([AccountID])

    /// The same in words, after "passed over: ".
    package var words: String {
        switch self {
        case .notTheOneAskedFor: "another account was asked for"
        case .alreadyTried: "already tried for this request"
        case .paused(let reason): "paused: \(reason)"
        case .needsRotation(let reason): "needs a fresh token: \(reason)"
        case .tokenExpired: "its token has expired"
        case .tierCannotUse(let model, let tier): "\(tier.rawValue) cannot use \(model)"
        case .priceUnknown(let model, let tier):
            "the price of \(model) for \(tier.rawValue) is not known"
        case .otherTierAskedFor(let tier): "the request asks for \(tier.rawValue)"
        case .resting(.quietPoint, _, _): "waits for a quiet point"
        case .resting(let reason, _, let model):
            "resting (\(reason.rawValue)\(model.map { ", \($0)" } ?? ""))"
        case .balanceUnknown: "its balance was never read"
        case .notEnoughCredits(let available, let reserve, let price):
            reserve == .zero
                ? "\(available) credits available, \(price) needed"
                : "\(available) credits available, \(reserve) kept in reserve, \(price) needed"
        case .aboveMaximum(let price, let maximum):
            "it would cost \(price) credits, at most \(maximum) are wanted"
        case .overBudget(let price, let available):
            "it would cost \(price) credits, \(available) are left of the budget"
        case .noFreeSlot(let inFlight, let maximum): "\(inFlight) of \(maximum) jobs under way"
        case .comingBack(let reason, let inFlight, let width):
            "coming back gently (\(reason.rawValue)): \(inFlight) of \(width) jobs under way"
        case .mediaBelongTo(let owners):
            owners.count > 1
                ? "the request names media of \(owners.count) accounts"
                : "the request names media of another account"
        }
    }
}

/// A choice, with what led to it.
package struct RoutingDecision: Sendable, Equatable {
    package let account: Account
    package let price: Credits
    /// Why this one, in words: "cheapest: 10 credits at a worth of 1.00 …".
    package let reason: String

    package init(account: Account, price: Credits, reason: String) {
        self.account = account
        self.price = price
        self.reason = reason
    }
}

/// What was said of every account, for `purser route` and for refusals.
package struct RouteExplanation: Sendable, Equatable {
    /// One account: its place among the eligible, or why it has none.
    package struct Line: Sendable, Equatable {
        package let accountID: AccountID
        package let name: String
        package let tier: Tier
        /// The model keys it would send, in element order; empty when the tier cannot use a model.
        package let modelKeys: [String]
        package let price: Credits?
        package let available: Credits?
        /// The policy's order among the eligible, from 1.
        package let rank: Int?
        /// What the policy says of it: "10 credits at a worth of 0.85".
        package let score: String?
        package let ineligibilities: [Ineligibility]

        package init(
            accountID: AccountID,
            name: String,
            tier: Tier,
            modelKeys: [String],
            price: Credits?,
            available: Credits?,
            rank: Int?,
            score: String?,
            ineligibilities: [Ineligibility]
        ) {
            self.accountID = accountID
            self.name = name
            self.tier = tier
            self.modelKeys = modelKeys
            self.price = price
            self.available = available
            self.rank = rank
            self.score = score
            self.ineligibilities = ineligibilities
        }
    }

    package let policy: PolicyName
    /// Ranked ones first, then the ones passed over, by name.
    package let lines: [Line]

    package init(policy: PolicyName, lines: [Line]) {
        self.policy = policy
        self.lines = lines
    }
}

/// How a choice among the eligible is made; the names of `[routing] policy`.
package enum PolicyName: String, Sendable, CaseIterable {
    case balanced
    case soonestRenewal = "soonest-renewal"
    case mostCredits = "most-credits"
    case roundRobin = "round-robin"
    case leastBusy = "least-busy"
}

/// No account can take the request now.
package struct RoutingRefusal: Failure, Equatable {
    package let explanation: RouteExplanation

    package init(explanation: RouteExplanation) {
        self.explanation = explanation
    }

    /// Whether credits alone were lacking: some account would have taken it otherwise.
    package var lacksOnlyCredits: Bool {
        explanation.lines.contains { line in
            !line.ineligibilities.isEmpty
                && line.ineligibilities.allSatisfy {
                    switch $0 {
                    case .notEnoughCredits, .overBudget: true
                    default: false
                    }
                }
        }
    }

    /// The least price that the member's budget alone keeps an account from taking.
    ///
    /// `nil`: no account would take it whatever the budget.
    package var leastOverBudget: Credits? {
        explanation.lines.compactMap { line in
            guard case .overBudget(let price, _)? = line.ineligibilities.first,
                line.ineligibilities.count == 1
            else { return nil }
            return price
        }.min()
    }

    package var kind: FailureKind { lacksOnlyCredits ? .notEnoughCredits : .noEligibleAccount }

    package var message: String {
        guard !explanation.lines.isEmpty else { return "there is no account yet" }
        let reasons = explanation.lines.prefix(8).map { line in
            "\(line.name): \(line.ineligibilities.map(\.words).joined(separator: ", "))"
        }
        let more = explanation.lines.count > 8 ? "; and \(explanation.lines.count - 8) more" : ""
        return "no account can take this request: \(reasons.joined(separator: "; "))\(more)"
    }

    package var hint: String? {
        explanation.lines.isEmpty
            ? "purser accounts add NAME --tier ultra|tier-one"
            : "purser route REQUEST.json shows every account and why it was passed over"
    }
}
