/// The two running numbers of a ledger account.
///
/// Where nothing was ever observed there is no `Balance` (`nil`): unknown is never 0.
package struct Balance: Sendable, Equatable {
    /// What we believe the provider shows.
    package let posted: Credits
    /// Set aside for work that is not decided yet.
    package let held: Credits

    package init(posted: Credits, held: Credits) {
        self.posted = posted
        self.held = held
    }

    /// What may still be held: `posted − held`.
    package var available: Credits {
        Credits(unchecked: posted.amount - held.amount)
    }
}

/// A reading of the provider's own number.
package struct CreditsReading: Sendable, Equatable {
    /// The whole balance.
    package let credits: Credits
    /// The part of it that was bought on top and does not lapse with the month, where told.
    package let topUp: Credits?
    /// The tier the provider names; `nil` when the answer had none or one we do not know.
    package let tier: Tier?
    /// The tier's name as it came, to show what we do not know.
    package let tierName: String?
    /// The plan's name as it came.
    package let plan: String?

    package init(
        credits: Credits,
        topUp: Credits? = nil,
        tier: Tier? = nil,
        tierName: String? = nil,
        plan: String? = nil
    ) {
        self.credits = credits
        self.topUp = topUp
        self.tier = tier
        self.tierName = tierName
        self.plan = plan
    }
}
