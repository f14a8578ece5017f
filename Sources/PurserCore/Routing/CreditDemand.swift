/// Credits on ultra's side and on that of all other tiers: what work asks for, or what plans grant.
package struct CreditDemand: Sendable, Equatable {
    /// Sums of many plans and prices, which 64 bits need not hold.
    package private(set) var ultra: Int128 = 0
    package private(set) var others: Int128 = 0

    /// The latest days whose work tells what is to come; the day under way is not among them, so that nothing moves during a day.
    package static let days = 30

    private static let usualPremium: Int64 = 300
    private static let leastPremium: Int64 = 100

    package init() {}

    /// Adds videos where each costs least; what costs the same counts for the others.
    package mutating func add(_ model: Model, videos: Int) {
        let ultra = model.offers[.ultra]?.price?.amount
        let other = model.offers.lazy.compactMap { $0 == .ultra ? nil : $1.price?.amount }.min()
        if let other, other <= ultra ?? .max {
            self.others += Int128(other) * Int128(videos)
        } else if let ultra {
            self.ultra += Int128(ultra) * Int128(videos)
        }
    }

    /// Adds the plan of an account that is in use, or with a sign of −1 takes it away.
    mutating func count(planOf account: Account, sign: Int128 = 1) {
        guard account.state == .enabled, let plan = account.settings.monthlyCredits else { return }
        if account.tier == .ultra {
            ultra += sign * Int128(plan.amount)
        } else {
            others += sign * Int128(plan.amount)
        }
    }

    static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.ultra += b.ultra
        sum.others += b.others
        return sum
    }

    /// By how many thousandths ultra's credits are dearer for work that another tier can do as well: 300, and as many more as
    /// ultra's share of this demand lies above its share of the plans; or fewer, but at least 100.
    ///
    /// A day's worth of the plans counts as asked for in their own proportion, so that a few videos decide nothing.
    func premium(over plans: Self) -> Int64 {
        guard plans.ultra > 0, plans.others > 0 else { return Self.usualPremium }
        let days = Int128(Self.days)
        let wanted = Self.thousandths(days * ultra + plans.ultra, days * others + plans.others)
        let granted = Self.thousandths(plans.ultra, plans.others)
        return max(Self.usualPremium + wanted - granted, Self.leastPremium)
    }

    private static func thousandths(_ part: Int128, _ rest: Int128) -> Int64 {
        Int64(part * 1000 / (part + rest))
    }
}
