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
    /// More than is left of the member's budget, or of a limit on their spending or the team's.
    case overBudget(price: Credits, available: Credits)
    /// The member may not use the account, or the model anywhere.
    case notForThisMember(Narrowing)
    case noFreeSlot(inFlight: Int, maximum: Int)
    /// It may run `width` jobs at a time until some have been accepted after its rest.
    case comingBack(reason: RestReason, inFlight: Int, width: Int)
    case mediaBelongTo([AccountID])

    /// Which of a member's limits stands in the way.
    package enum Narrowing: Sendable, Equatable {
        case tier(Tier)
        /// The account has none of these.
        case tags([String])
        case model(ModelID)
    }

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
            "it would cost \(price) credits, \(available) are left of budget and limits"
        case .notForThisMember(.tier(let tier)): "the member may not use \(tier.rawValue)"
        case .notForThisMember(.tags(let tags)):
            "the member may use accounts tagged \(tags.joined(separator: ", "))"
        case .notForThisMember(.model(let model)): "the member may not use \(model)"
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
