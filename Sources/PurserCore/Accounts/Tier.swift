/// The paygate tier of an account: which models it may use, at which price.
///
/// The raw value is what people write and read, and what is stored.
package enum Tier: String, Sendable, CaseIterable, Comparable {
    case free
    case tierOne = "tier-one"
    case ultra

    /// The service's own name, the value of `userPaygateTier`.
    package var wireName: String {
        switch self {
        case .free: "PAYGATE_TIER_NOT_PAID"
        case .tierOne: "PAYGATE_TIER_ONE"
        case .ultra: "PAYGATE_TIER_TWO"
        }
    }

    /// Reads the service's name.
    ///
    /// An unknown name is `nil`, and a caller treats it as the lowest tier while showing the name
    /// as it came: paying too little attention beats guessing a plan.
    package init?(wireName: some StringProtocol) {
        guard let tier = Self.allCases.first(where: { $0.wireName == wireName }) else { return nil }
        self = tier
    }

    package static func < (a: Tier, b: Tier) -> Bool {
        a.rank < b.rank
    }

    private var rank: Int {
        switch self {
        case .free: 0
        case .tierOne: 1
        case .ultra: 2
        }
    }
}
