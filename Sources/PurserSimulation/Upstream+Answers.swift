import PurserCore
import Synchronization

// How the service answers, and fails to.

extension Upstream {
    /// A submission arrives; what it comes to for the service, and what the client will hear.
    func submit(
        _ body: String,
        to id: AccountID,
        version: UInt64,
        at now: Timestamp
    ) -> Outcome {
        let submission = Int(body.value(after: "\"prompt\":\"s", until: "\"") ?? "") ?? -1
        let keys = body.values(after: "\"videoModelKey\":\"", until: "\"")
        let tier = body.value(after: "\"userPaygateTier\":\"", until: "\"")
        return state.withLock { state in
            guard let books = state.accounts[id] else { return .refused(.of(.notFound, 404)) }
            if version > 0, version <= books.deadVersion { return .refused(.of(.tokenDead, 401)) }
            let isHarsh = !state.isCalm
            if isHarsh, state.chance.happens(plan.timeouts) {
                return state.loseAnswer(
                    submission,
                    id,
                    keys,
                    isTier: tier == books.tier.wireName,
                    at: now
                )
            }
            if tier != books.tier.wireName { return .refused(.of(.modelAccess, 403)) }
            if isHarsh, state.chance.happens(plan.refusals) { return state.refusal() }
            guard let names = state.charge(submission, id, keys, at: now) else {
                return .refused(.of(.outOfCredits, 429))
            }
            let age = state.age(upTo: plan.staleness)
            let remaining = state.accounts[id]?.credits(at: now - age)
            return .accepted(
                Acceptance(
                    answer: .ok("{\"names\":\"\(names.joined(separator: " "))\"}"),
                    jobs: names.map {
                        AcceptedJob(
                            operationName: $0,
                            shape: .operations,
                            sceneID: nil,
                            projectID: nil,
                            state: .pending
                        )
                    },
                    remaining: state.chance.happens(700) ? remaining.flatMap { Credits($0) } : nil
                )
            )
        }
    }

    func status(of names: [String], at now: Timestamp) throws(ProviderFailure) -> StatusReading {
        let reading = state.withLock { state -> StatusReading? in
            if !state.isCalm, state.chance.happens(plan.unreadable) { return nil }
            let isSilent = !state.isCalm && state.chance.happens(100)
            let known = names.compactMap { name in state.jobs[name].map { (name, $0) } }
            let readings = known.dropFirst(isSilent ? 1 : 0).map { name, job in
                JobReading(
                    operationName: name,
                    state: job.hasEnded ? job.end : .active,
                    failure: job.hasEnded && job.end == .failed ? "PUBLIC_ERROR_HIGH_TRAFFIC" : nil,
                    mediaIDs: job.hasEnded && job.end == .successful ? ["media-of-\(name)"] : []
                )
            }
            let account = known.first { $0.1.hasEnded }?.1.account
            let age = state.age(upTo: plan.staleness)
            let remaining = account.flatMap { state.accounts[$0]?.credits(at: now - age) }
            return StatusReading(
                jobs: Array(readings),
                remaining: remaining.flatMap { Credits($0) }
            )
        }
        guard let reading else { throw .unreadable("the simulated service says nothing of use") }
        return reading
    }

    func credits(
        of id: AccountID,
        version: UInt64,
        at now: Timestamp
    ) throws(ProviderFailure) -> CreditsReading {
        let (reading, isDead) = state.withLock { state -> (CreditsReading?, Bool) in
            guard let books = state.accounts[id] else { return (nil, false) }
            if version > 0, version <= books.deadVersion { return (nil, true) }
            if !state.isCalm, state.chance.happens(plan.unreadable) { return (nil, false) }
            let age = state.age(upTo: plan.staleness)
            let namesTier = state.isCalm || state.chance.happens(900)
            let reading = CreditsReading(
                credits: Credits(unchecked: books.credits(at: now - age)),
                topUp: books.topUp > 0 ? Credits(unchecked: books.topUp) : nil,
                tier: namesTier ? books.tier : nil,
                tierName: namesTier ? books.tier.wireName : nil
            )
            return (reading, false)
        }
        if isDead { throw .refused(.of(.tokenDead, 401)) }
        guard let reading else { throw .unreachable("the simulated service is away") }
        return reading
    }
}

extension Upstream.State {
    /// How old the number is that the service says.
    mutating func age(upTo most: Duration) -> Duration {
        guard !isCalm, most > .zero else { return .zero }
        return .milliseconds(chance.int(in: 0..<Int(most.milliseconds) + 1))
    }

    /// The client hears nothing of use; the work may have been taken, may be taken soon, or not at all.
    fileprivate mutating func loseAnswer(
        _ submission: Int,
        _ id: AccountID,
        _ keys: [String],
        isTier: Bool,
        at now: Timestamp
    ) -> Outcome {
        switch chance.int(in: 0..<5) {
        case 0: return .notSent(reason: "the simulated network is away", failure: nil)
        case 1: return .unknown(reason: "timed out before the charge", answer: nil)
        case 2 where isTier:
            let late =
                now + .milliseconds(chance.int(in: 1..<Int(Upstream.latestCharge.milliseconds)))
            coming.append((late, .charge(submission: submission, id, keys: keys)))
            return .unknown(reason: "timed out", answer: nil)
        case 3:
            if isTier { _ = charge(submission, id, keys, at: now) }
            return .unknown(reason: "an answer without jobs", answer: .ok("{}"))
        default:
            if isTier { _ = charge(submission, id, keys, at: now) }
            return .unknown(reason: "timed out after the charge", answer: nil)
        }
    }

    fileprivate mutating func refusal() -> Outcome {
        let cause = chance.one(of: RefusalCause.allCases.filter { $0 != .tokenDead })
        let wait = chance.happens(200) ? Duration.seconds(chance.int(in: 0..<90)) : nil
        return .refused(.of(cause, 429, retryAfter: wait))
    }
}

extension Refusal {
    fileprivate static func of(
        _ cause: RefusalCause,
        _ status: Int,
        retryAfter: Duration? = nil
    ) -> Refusal {
        Refusal(
            cause: cause,
            answer: ProviderAnswer(status: status, contentType: nil, body: []),
            message: cause.rawValue,
            reason: nil,
            retryAfter: retryAfter
        )
    }
}

extension ProviderAnswer {
    fileprivate static func ok(_ body: String) -> ProviderAnswer {
        ProviderAnswer(status: 200, contentType: "application/json", body: Array(body.utf8))
    }
}

extension String {
    /// What stands after each `opening`, up to the next `closing`.
    fileprivate func values(after opening: String, until closing: String) -> [String] {
        ranges(of: opening).map { range in
            let rest = self[range.upperBound...]
            return String(rest[..<(rest.firstRange(of: closing)?.lowerBound ?? rest.endIndex)])
        }
    }

    fileprivate func value(after opening: String, until closing: String) -> String? {
        values(after: opening, until: closing).first
    }
}
