package import PurserCore

/// No account can take a request, and waiting did not help or would not.
package struct WaitRefusal: Failure {
    /// What is lacking; where accounts lack different things, what the most hopeful one lacks.
    package enum Lack: String, Sendable, CaseIterable {
        /// Every account that could take it runs as many jobs as it may.
        case slot
        /// Those that could take it rest, for longer than a request waits.
        case rest
        case credits
        /// The accounts have room for it or will have, but not what the member may still spend.
        case budget
        /// Those that could take it are paused, need a token, or are not there.
        case account
        /// No tier that is there, or that the member may use, has the model.
        case tier
        /// Too many requests wait already.
        case queue
        /// Too many requests of the member wait already.
        case share
    }

    package let lacking: Lack
    /// When it may be worth asking again; `nil` where time alone does not help.
    package let retryAfter: Duration?
    package let waited: Duration
    /// What was said of every account; `nil` where none was looked at.
    package let explanation: RouteExplanation?

    package var kind: FailureKind {
        switch lacking {
        case .credits: .notEnoughCredits
        case .budget: .notEnoughBudget
        case .slot, .rest, .account, .tier, .queue, .share: .noEligibleAccount
        }
    }

    package var message: String {
        let after = waited >= .seconds(1) ? ", after \(waited.milliseconds / 1000) s in line" : ""
        let what =
            switch lacking {
            case .slot: "every account that could take this request is busy\(after)"
            case .rest: "every account that could take this request rests\(after)"
            case .credits: "no account has the credits that this request needs"
            case .budget: "the request costs more than the member may still spend"
            case .account: "no account that could take this request is in use"
            case .tier: "no account may be used for this model"
            case .queue: "too many requests wait already"
            case .share: "too many requests of this member wait already"
            }
        guard let explanation, !explanation.lines.isEmpty else { return what }
        let reasons = explanation.lines.prefix(8).map { line in
            "\(line.name): \(line.ineligibilities.map(\.words).joined(separator: ", "))"
        }
        let more = explanation.lines.count > 8 ? "; and \(explanation.lines.count - 8) more" : ""
        return "\(what): \(reasons.joined(separator: "; "))\(more)"
    }

    package var hint: String? { retryAfter == nil ? nil : "send it again later" }

    /// Sooner nothing is worth asking again.
    static let shortestRetry = Duration.seconds(5)
}

/// What stands between a request and the most hopeful account.
struct Obstacle: Sendable {
    let lack: WaitRefusal.Lack
    /// When it ends by itself.
    let until: Timestamp?

    /// Whether it may be gone by `deadline`.
    func mayPass(by deadline: Timestamp) -> Bool {
        switch lack {
        case .slot: true
        case .rest: until.map { $0 <= deadline } ?? false
        case .credits, .budget, .account, .tier, .queue, .share: false
        }
    }

    /// When it may be worth asking again.
    func retryAfter(from now: Timestamp) -> Duration? {
        switch lack {
        case .slot: WaitRefusal.shortestRetry
        case .rest: until.map { max($0 - now, WaitRefusal.shortestRetry) }
        case .credits, .budget, .account, .tier, .queue, .share: nil
        }
    }

    fileprivate var rank: (Int, Int64) {
        (WaitRefusal.Lack.allCases.firstIndex(of: lack) ?? 0, until?.milliseconds ?? 0)
    }

    /// The least hopeful of what speaks against one account; `nil` where the request does not mean that account.
    fileprivate init?(_ ineligibilities: [Ineligibility]) {
        var worst = Obstacle(.slot)
        for ineligibility in ineligibilities {
            let next: Obstacle
            switch ineligibility {
            case .notTheOneAskedFor, .alreadyTried, .mediaBelongTo: return nil
            case .noFreeSlot(_, let maximum): next = Obstacle(maximum > 0 ? .slot : .account)
            case .comingBack: next = Obstacle(.slot)
            case .resting(_, let until, _): next = Obstacle(.rest, until: until)
            case .balanceUnknown, .notEnoughCredits, .aboveMaximum: next = Obstacle(.credits)
            case .overBudget: next = Obstacle(.budget)
            case .paused, .needsRotation, .tokenExpired: next = Obstacle(.account)
            case .tierCannotUse, .priceUnknown, .otherTierAskedFor, .notForThisMember:
                next = Obstacle(.tier)
            }
            if next.rank > worst.rank { worst = next }
        }
        self = worst
    }

    private init(_ lack: WaitRefusal.Lack, until: Timestamp? = nil) {
        self.lack = lack
        self.until = until
    }

    init(in explanation: RouteExplanation) {
        let obstacles = explanation.lines.compactMap { Obstacle($0.ineligibilities) }
        let least = obstacles.min { $0.rank < $1.rank } ?? Obstacle(.account)
        // A rest of another account may end before a slot of this one is free, and nothing in the books tells its end.
        let rests = obstacles.compactMap { $0.lack == .rest ? $0.until : nil }
        self = Obstacle(least.lack, until: rests.min())
    }
}
