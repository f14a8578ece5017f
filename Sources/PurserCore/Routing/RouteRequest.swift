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
    /// What the member may use; `nil`, everything.
    package private(set) var limits: MemberLimits?

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

    /// The same request for a member who may use what `limits` let them.
    package func narrowed(to limits: MemberLimits) -> RouteRequest {
        limits.narrowsChoice ? changed { $0.limits = limits } : self
    }

    /// Whether caller and member let it go to accounts of that tier at all.
    func allows(_ tier: Tier) -> Bool {
        onlyTier ?? tier == tier && limits?.tiers?.contains(tier) ?? true
    }

    private func changed(_ change: (inout RouteRequest) -> Void) -> RouteRequest {
        var request = self
        change(&request)
        return request
    }
}
