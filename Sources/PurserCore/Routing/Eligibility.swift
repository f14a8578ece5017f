/// Whether an account may take a request, and every reason why not.
package enum Eligibility {
    /// Every reason that speaks against the account; empty when it may take the request.
    package static func ineligibilities(
        of candidate: Candidate,
        for request: RouteRequest,
        at now: Timestamp
    ) -> [Ineligibility] {
        let price = request.price(on: candidate.account.tier)
        return ineligibilities(of: candidate, for: request, price: price, at: now)
    }

    /// The same where the price on the account's tier is at hand already.
    static func ineligibilities(
        of candidate: Candidate,
        for request: RouteRequest,
        price: Credits?,
        at now: Timestamp
    ) -> [Ineligibility] {
        var reasons: [Ineligibility] = []
        addWishes(of: request, for: candidate.account, to: &reasons)
        addState(of: candidate.account, at: now, to: &reasons)
        if price == nil { addOffers(of: request, on: candidate.account.tier, to: &reasons) }
        addRests(of: candidate, for: request, isFree: price == .zero, at: now, to: &reasons)
        if let price { addCredits(of: candidate, for: request, price: price, to: &reasons) }
        addSlots(of: candidate, for: request, at: now, to: &reasons)
        return reasons
    }

    /// One slot for each element; an upload makes no job and needs none.
    ///
    /// What needs more slots than the account has would never find them: it may go where nothing is under way.
    private static func addSlots(
        of candidate: Candidate,
        for request: RouteRequest,
        at now: Timestamp,
        to reasons: inout [Ineligibility]
    ) {
        let comeback = candidate.comeback(at: now)
        let maximum = comeback?.width ?? candidate.account.settings.maxInFlight
        let inFlight = candidate.jobsInFlight
        let needed = request.models.count
        guard needed > 0, inFlight + needed > maximum else { return }
        if needed > maximum, inFlight == 0, maximum > 0 { return }
        if let (reason, width) = comeback {
            reasons.append(.comingBack(reason: reason, inFlight: inFlight, width: width))
        } else {
            reasons.append(.noFreeSlot(inFlight: inFlight, maximum: maximum))
        }
    }

    /// Where the caller, an earlier attempt and the media let it go.
    private static func addWishes(
        of request: RouteRequest,
        for account: Account,
        to reasons: inout [Ineligibility]
    ) {
        if let only = request.only, only != account.id { reasons.append(.notTheOneAskedFor) }
        if request.tried.contains(account.id) { reasons.append(.alreadyTried) }
        if request.mediaOwners.contains(where: { $0 != account.id }) {
            reasons.append(.mediaBelongTo(request.mediaOwners.sorted()))
        }
        if let tier = request.onlyTier, tier != account.tier {
            reasons.append(.otherTierAskedFor(tier))
        }
        if let limits = request.limits { add(limits, on: request, for: account, to: &reasons) }
    }

    /// What the member may use.
    private static func add(
        _ limits: MemberLimits,
        on request: RouteRequest,
        for account: Account,
        to reasons: inout [Ineligibility]
    ) {
        if let tiers = limits.tiers, !tiers.contains(account.tier) {
            reasons.append(.notForThisMember(.tier(account.tier)))
        }
        if let tags = limits.tags, tags.isDisjoint(with: account.settings.tags) {
            reasons.append(.notForThisMember(.tags(tags.sorted())))
        }
        guard let models = limits.models else { return }
        for model in request.distinctModels where !models.contains(model.id) {
            reasons.append(.notForThisMember(.model(model.id)))
        }
    }

    private static func addState(
        of account: Account,
        at now: Timestamp,
        to reasons: inout [Ineligibility]
    ) {
        switch account.state {
        case .enabled: break
        case .paused(let reason): reasons.append(.paused(reason: reason))
        case .needsRotation(let reason): reasons.append(.needsRotation(reason: reason))
        }
        if let expiry = account.worksUntil, expiry <= now {
            reasons.append(.tokenExpired(at: expiry))
        }
    }

    /// Which models the tier cannot buy, each once.
    private static func addOffers(
        of request: RouteRequest,
        on tier: Tier,
        to reasons: inout [Ineligibility]
    ) {
        let before = reasons.count
        for model in request.distinctModels {
            guard let offer = model.offers[tier] else {
                reasons.append(.tierCannotUse(model: model.id, tier: tier))
                continue
            }
            if offer.price == nil { reasons.append(.priceUnknown(model: model.id, tier: tier)) }
        }
        if reasons.count == before, let model = request.models.first {
            // Every price is known, but no account can have the sum.
            reasons.append(.priceUnknown(model: model.id, tier: tier))
        }
    }

    private static func addRests(
        of candidate: Candidate,
        for request: RouteRequest,
        isFree: Bool,
        at now: Timestamp,
        to reasons: inout [Ineligibility]
    ) {
        for rest in candidate.rests where now < rest.until {
            // Without credits an account can still do what costs none.
            if isFree, rest.reason == .outOfCredits { continue }
            let covers =
                rest.covers(nil, at: now)
                || request.models.contains { rest.covers($0.id, at: now) }
            guard covers else { continue }
            reasons.append(.resting(reason: rest.reason, until: rest.until, model: rest.modelID))
        }
    }

    private static func addCredits(
        of candidate: Candidate,
        for request: RouteRequest,
        price: Credits,
        to reasons: inout [Ineligibility]
    ) {
        if let maximum = request.maxCredits, price > maximum {
            reasons.append(.aboveMaximum(price: price, maximum: maximum))
        }
        guard price > .zero else { return }
        if let budget = request.budget, price > budget {
            reasons.append(.overBudget(price: price, available: budget))
        }
        guard let balance = candidate.balance else {
            reasons.append(.balanceUnknown)
            return
        }
        let reserve = candidate.account.settings.reserve
        if balance.available.amount - reserve.amount < price.amount {
            reasons.append(
                .notEnoughCredits(available: balance.available, reserve: reserve, price: price)
            )
        }
    }
}

extension RouteRequest {
    /// The models, each once, in the order in which they are asked for.
    fileprivate var distinctModels: [Model] {
        var seen: Set<ModelID> = []
        return models.filter { seen.insert($0.id).inserted }
    }
}
