import Hummingbird
import PurserCore
import PurserEngine

extension GatewayResponder {
    /// What a member could spend now, in the words of the service's own answer about credits: what the accounts they may
    /// use have above their reserves, and no more than their budget and every limit leave; with the highest tier among these.
    ///
    /// An account whose balance is not known adds nothing.
    func credits(of member: Member) async throws -> Response {
        let now = engine.ambient.now()
        let usable = try await engine.store.accounts().filter { overview in
            overview.account.isInUse(at: now) && member.limits.allow(overview.account)
        }
        var credits = Credits.zero
        for overview in usable {
            guard let balance = overview.balance else { continue }
            let above = try balance.available.minus(overview.account.settings.reserve)
            credits = try credits.plus(max(.zero, above))
        }
        if let left = try await members.allowance(of: member).left {
            credits = min(credits, max(.zero, left))
        }
        let tier = usable.map(\.account.tier).max() ?? .free
        return .json("{\"credits\":\(credits),\"userPaygateTier\":\"\(tier.wireName)\"}")
    }
}

extension Account {
    fileprivate func isInUse(at now: Timestamp) -> Bool {
        state == .enabled && worksUntil.map { now < $0 } ?? true
    }
}

extension MemberLimits {
    fileprivate func allow(_ account: Account) -> Bool {
        tiers?.contains(account.tier) ?? true
            && tags.map { !$0.isDisjoint(with: account.settings.tags) } ?? true
    }
}
