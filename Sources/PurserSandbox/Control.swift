import FoundationEssentials

/// What `GET /sandbox/state` shows.
package struct SandboxState: Codable, Equatable, Sendable {
    package struct Account: Codable, Equatable, Sendable {
        package let label: String
        package let tier: String
        /// The balance as it really is, whatever a stale reading answers.
        package let credits: Int
        package let subscriptionCredits: Int
        package let topUpCredits: Int
        /// Everything ever charged for jobs, and everything given back of it.
        package let charged: Int
        package let refunded: Int
        package let activeJobs: Int
    }

    package struct Job: Codable, Equatable, Sendable {
        package let name: String
        package let media: String
        package let account: String
        package let key: String
        package let price: Int
        package let sceneId: String?
        package let projectId: String?
        /// Without the wire's prefix.
        package let state: String
        package let reason: String?
        package let refunded: Bool
        package let submittedSeconds: Double
    }

    /// Since the start of the sandbox, skipped time included.
    package let seconds: Double
    package let accounts: [Account]
    /// In the order they were made.
    package let jobs: [Job]
    package let faults: [SandboxFault]
}

extension World {
    func snapshot(at now: Duration) -> SandboxState {
        SandboxState(
            seconds: now.inSeconds,
            accounts: accounts.indices.map { accountState($0, at: now) },
            jobs: jobs.map { jobState($0, at: now) },
            faults: faults.faults
        )
    }

    private func accountState(_ index: Int, at now: Duration) -> SandboxState.Account {
        let account = accounts[index]
        return SandboxState.Account(
            label: account.label,
            tier: account.tier,
            credits: account.credits,
            subscriptionCredits: account.subscription,
            topUpCredits: account.topUp,
            charged: account.charged,
            refunded: account.refunded,
            activeJobs: activeJobs(of: index, at: now)
        )
    }

    private func jobState(_ job: Job, at now: Duration) -> SandboxState.Job {
        SandboxState.Job(
            name: job.name,
            media: job.media,
            account: accounts[job.account].label,
            key: job.key,
            price: job.price,
            sceneId: job.sceneID,
            projectId: job.project,
            state: state(of: job, at: now),
            reason: job.ending.reason,
            refunded: job.isRefunded,
            submittedSeconds: job.submittedAt.inSeconds
        )
    }

    mutating func arm(_ fault: SandboxFault) throws {
        if let label = fault.account { _ = try account(labelled: label) }
        guard (200...599).contains(fault.status), (0...16).contains(fault.reasonIndex),
            (0...3600).contains(fault.delaySeconds)
        else {
            throw SandboxError.invalidControl("status, reasonIndex or delaySeconds out of range")
        }
        faults.arm(fault, balances: accounts.map(\.credits))
    }

    /// Moves a balance from outside: spent in the web page, topped up.
    mutating func changeCredits(of label: String, by delta: Int) throws {
        let index = try account(labelled: label)
        let (credits, overflow) = accounts[index].credits.addingReportingOverflow(delta)
        guard !overflow, Self.balances.contains(credits) else {
            throw SandboxError.invalidControl("the balance of \(label) would be out of range")
        }
        if delta > 0 { accounts[index].topUp += delta } else { accounts[index].take(-delta) }
    }

    /// Sets a whole balance, as a renewal does: topped-up credits stay as far as they fit.
    mutating func setCredits(of label: String, to credits: Int) throws {
        let index = try account(labelled: label)
        guard Self.balances.contains(credits) else {
            throw SandboxError.invalidControl("the balance of \(label) would be out of range")
        }
        accounts[index].topUp = min(accounts[index].topUp, credits)
        accounts[index].subscription = credits - accounts[index].topUp
    }

    mutating func setToken(of label: String, to token: String?, keepOld: Bool) throws {
        let index = try account(labelled: label)
        if let token, let owner = account(accepting: token), owner != index {
            throw SandboxError.invalidControl("another account accepts that token")
        }
        if !keepOld { accounts[index].tokens = [] }
        if let token { accounts[index].tokens.insert(token) }
    }

    mutating func setTier(of label: String, to tier: String) throws {
        accounts[try account(labelled: label)].tier = tier
    }

    mutating func setState(
        ofJob name: String,
        to state: String,
        reason: String?,
        at now: Duration
    ) throws {
        guard let index = job(named: name) else { throw SandboxError.unknownJob(name) }
        force(index, to: state, reason: reason, at: now)
    }
}

// MARK: - Calls under /sandbox

extension World {
    /// Answers a control call in a settled world; each change answers with the state after it.
    mutating func control(_ request: Incoming, at now: Duration) throws -> Answer {
        do {
            let words = request.path.split(separator: "/").dropFirst().map(String.init)
            switch (request.method, words.count) {
            case ("GET", 1) where words[0] == "requests": return try Answer(json: log.entries)
            case ("GET", 1) where words[0] == "state": return try Answer(json: snapshot(at: now))
            case ("DELETE", 1) where words[0] == "requests": log.clear()
            case ("DELETE", 1) where words[0] == "faults": faults.clear()
            case ("POST", 1): return try change(words[0], request.body, at: now)
            case ("POST", 3): try change(words[0], words[1], words[2], request.body, at: now)
            default: return try Answer(.notFound)
            }
            return try Answer(json: snapshot(at: now))
        } catch let error as SandboxError {
            let code: Int =
                switch error {
                case .unknownAccount, .unknownJob: 404
                default: 400
                }
            return try Answer(Refusal(code, error.description))
        } catch let error as DecodingError {
            return try Answer(.invalid(explain(error)))
        } catch let refusal as Refusal {
            return try Answer(refusal)
        }
    }

    private mutating func change(
        _ what: String,
        _ body: [UInt8],
        at now: Duration
    ) throws -> Answer {
        switch what {
        case "faults": try arm(Self.read(SandboxFault.self, body))
        case "clock":
            let step = try Self.read(ClockChange.self, body).advanceSeconds
            guard Self.times.contains(step) else {
                throw SandboxError.invalidControl("time only goes forward, and not for ever")
            }
            skipped += .seconds(step)
            settle(at: now + .seconds(step))
            return try Answer(json: snapshot(at: now + .seconds(step)))
        default: throw Refusal.notFound
        }
        return try Answer(json: snapshot(at: now))
    }

    private mutating func change(
        _ kind: String,
        _ name: String,
        _ what: String,
        _ body: [UInt8],
        at now: Duration
    ) throws {
        switch (kind, what) {
        case ("accounts", "credits"):
            let change = try Self.read(CreditsChange.self, body)
            switch (change.delta, change.set) {
            case (let delta?, nil): try changeCredits(of: name, by: delta)
            case (nil, let credits?): try setCredits(of: name, to: credits)
            default: throw SandboxError.invalidControl("say either delta or set")
            }
        case ("accounts", "token"):
            let change = try Self.read(TokenChange.self, body)
            try setToken(of: name, to: change.token, keepOld: change.keepOld)
        case ("accounts", "tier"):
            try setTier(of: name, to: Self.read(TierChange.self, body).tier)
        case ("jobs", "state"):
            let change = try Self.read(StateChange.self, body)
            try setState(ofJob: name, to: change.state, reason: change.reason, at: now)
        default: throw Refusal.notFound
        }
    }

    private static func read<Body: Decodable>(_: Body.Type, _ bytes: [UInt8]) throws -> Body {
        try JSONDecoder().decode(Body.self, from: Data(bytes))
    }
}
