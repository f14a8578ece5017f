/// Scores and choices in words.
extension Scoring {
    /// What the policy says of an account: "10 credits at a worth of 0.85".
    func words(for candidate: Candidate, price: Credits) -> String {
        guard price > .zero else { return "free; \(busyWords(candidate))" }
        let credits = price.amount == 1 ? "1 credit" : "\(price) credits"
        let tier = candidate.account.tier
        switch policy {
        case .balanced:
            let worth = score(of: candidate, price: Credits(unchecked: 1))
            let premium = premium(on: tier) > 1000 ? ", \(tier.rawValue)'s premium included" : ""
            return "\(credits) at a worth of \(decimals(worth))\(premium)"
        case .soonestRenewal:
            return "\(credits); \(renewalWords(candidate))"
        case .mostCredits:
            return "\(credits) of \(candidate.balance?.available ?? .zero) available"
        case .roundRobin:
            return candidate.lastUsed == 0 ? "\(credits); never used" : credits
        case .leastBusy:
            return "\(credits); \(busyWords(candidate))"
        }
    }

    /// Why the chosen one comes before `rival`, the next in the order.
    func reason(for chosen: Candidate, price: Credits, rival: Candidate?) -> String {
        let words = words(for: chosen, price: price)
        guard let rival, let rivalPrice = prices[rival.account.tier] else {
            return "the only one that can take it: \(words)"
        }
        let own = rank(of: chosen, price: price)
        let other = rank(of: rival, price: rivalPrice)
        if price == .zero {
            return other.score > own.score
                ? "costs nothing here, against \(rivalPrice) credits on \(rival.account.name)"
                : words + tieWords(own, other, rival)
        }
        let ending =
            own.score == other.score
            ? tieWords(own, other, rival) : comparison(rival, price: rivalPrice)
        guard policy == .balanced else { return "\(title): \(words)\(ending)" }
        return "\(title): \(words) (= \(decimals(own.score)))\(ending)"
    }

    private var title: String {
        switch policy {
        case .balanced: "cheapest"
        case .soonestRenewal: "renews soonest"
        case .mostCredits: "most credits"
        case .roundRobin: "its turn"
        case .leastBusy: "least busy"
        }
    }

    private func comparison(_ rival: Candidate, price: Credits) -> String {
        let name = rival.account.name
        return switch policy {
        case .balanced: ", against \(decimals(score(of: rival, price: price))) on \(name)"
        case .soonestRenewal: "; \(name): \(renewalWords(rival))"
        case .mostCredits: ", against \(rival.balance?.available ?? .zero) on \(name)"
        case .roundRobin: "; unused for longer than \(name)"
        case .leastBusy: ", against \(busyWords(rival)) on \(name)"
        }
    }

    private func tieWords(_ own: Rank, _ other: Rank, _ rival: Candidate) -> String {
        let name = rival.account.name
        if own.key.busy != other.key.busy {
            return policy == .leastBusy || own.score == .min
                ? ", against \(busyWords(rival)) on \(name)"
                : ", as on \(name), which is busier (\(busyWords(rival)))"
        }
        if own.key.lastUsed != other.key.lastUsed {
            return ", as on \(name), which was used more recently"
        }
        return ", as on \(name), and first by name"
    }

    private func score(of candidate: Candidate, price: Credits) -> Int128 {
        score(
            primary: policy.primary(of: candidate),
            bucket: policy.bucket(of: candidate),
            tier: candidate.account.tier,
            price: price
        )
    }

    private func renewalWords(_ candidate: Candidate) -> String {
        renewals.next[policy.bucket(of: candidate)].map { "renews on \($0)" }
            ?? "its renewal is not known"
    }

    private func busyWords(_ candidate: Candidate) -> String {
        "\(candidate.jobsInFlight) of \(candidate.account.settings.maxInFlight) jobs under way"
    }

    /// A balanced score in credits at a worth of 1.00, to two places: `12.50`.
    private func decimals(_ score: Int128) -> String {
        let unit = Int128(Worth.unit) * 1000
        let (whole, rest) = score.quotientAndRemainder(dividingBy: unit)
        let hundredths = whole * 100 + (rest * 100 + unit / 2) / unit
        if hundredths == 0, score > 0 { return "under 0.01" }
        let places = hundredths % 100
        return "\(hundredths / 100).\(places < 10 ? "0" : "")\(places)"
    }
}
