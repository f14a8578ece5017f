/// Everything the pretended service remembers, and its rules.
///
/// A value without a clock: each rule is told the time since the start.
struct World: Sendable {
    struct Account: Sendable {
        let label: String
        var tier: String
        var tokens: Set<String>
        var subscription: Int
        var topUp: Int
        /// Whether the two parts are known apart; older accounts know one number.
        let reportsParts: Bool
        let sku: String?
        let serviceTier: String?
        let projects: Set<String>
        let maxJobs: Int
        let shape: SandboxScenario.ResponseShape
        var charged = 0
        var refunded = 0

        var credits: Int { subscription + topUp }

        /// Takes from what expires first.
        mutating func take(_ amount: Int) {
            let fromSubscription = min(amount, subscription)
            subscription -= fromSubscription
            topUp -= amount - fromSubscription
        }
    }

    /// How a job ends, decided when it is made.
    struct Ending: Sendable {
        var state = "SUCCESSFUL"
        var reason: String?
    }

    struct Job: Sendable {
        let name: String
        let media: String
        let mediaGenerationID: String
        let workflow: String
        let account: Int
        let key: String
        let price: Int
        let sceneID: String?
        let project: String?
        let prompt: String?
        let aspectRatio: String?
        let submittedAt: Duration
        var ending: Ending
        /// The state a control call put it in, and since when; it stays there.
        var forced: (state: String, since: Duration)?
        var isRefunded = false

        /// Reserved by RFC 2606: nothing is ever fetched from it.
        var url: String { "https://media.invalid/video/\(media)" }

        func error(in state: String) -> JobError? {
            guard state == "FAILED" || state == "FILTERED" else { return nil }
            return JobError(code: 3, message: ending.reason ?? "Video generation failed.")
        }
    }

    var accounts: [Account] = []
    var jobs: [Job] = []
    var faults = FaultBoard()
    var log = RequestLog()
    /// What control calls added to the clock.
    var skipped: Duration = .zero
    let strictMedia: Bool
    let prices: Prices
    private let jobTime: Duration
    private let refundDelay: Duration
    private var names: Names
    private var jobsByName: [String: Int] = [:]
    private var mediaOwners: [String: Int] = [:]
    /// Jobs that may still change an account's balance, so that a long run stays quick.
    private var unsettled: Set<Int> = []

    /// - Throws: ``SandboxError/invalidScenario(_:)``.
    init(_ scenario: SandboxScenario) throws {
        guard Self.times.contains(scenario.jobSeconds),
            Self.times.contains(scenario.refundDelaySeconds)
        else { throw SandboxError.invalidScenario("a time is out of range") }
        guard scenario.models.allSatisfy({ $0.credits.values.allSatisfy(Self.balances.contains) })
        else { throw SandboxError.invalidScenario("a price is out of range") }
        jobTime = .seconds(scenario.jobSeconds)
        refundDelay = .seconds(scenario.refundDelaySeconds)
        strictMedia = scenario.strictMedia
        prices = Prices(additions: scenario.models)
        names = Names(seed: scenario.seed)
        for (index, account) in scenario.accounts.enumerated() {
            accounts.append(try Account(account, index: index, in: scenario))
        }
        guard Set(accounts.map(\.label)).count == accounts.count else {
            throw SandboxError.invalidScenario("two accounts have the same label")
        }
        guard Set(scenario.accounts.map(\.token)).count == accounts.count else {
            throw SandboxError.invalidScenario("two accounts have the same token")
        }
        do {
            for fault in scenario.faults { try arm(fault) }
        } catch let error as SandboxError {
            throw SandboxError.invalidScenario(error.description)
        }
    }

    func account(labelled label: String) throws -> Int {
        guard let index = accounts.firstIndex(where: { $0.label == label }) else {
            throw SandboxError.unknownAccount(label)
        }
        return index
    }

    func account(accepting token: String) -> Int? {
        accounts.firstIndex { $0.tokens.contains(token) }
    }

    // MARK: Jobs over time

    /// The job's state without the wire's prefix.
    func state(of job: Job, at now: Duration) -> String {
        if let forced = job.forced { return forced.state }
        let age = now - job.submittedAt
        if age >= jobTime { return job.ending.state }
        return age * 10 < jobTime ? "SCHEDULED" : age * 10 < jobTime * 3 ? "PENDING" : "ACTIVE"
    }

    func isOver(_ job: Job, at now: Duration) -> Bool {
        Self.ends.contains(state(of: job, at: now))
    }

    func activeJobs(of account: Int, at now: Duration) -> Int {
        unsettled.count { jobs[$0].account == account && !isOver(jobs[$0], at: now) }
    }

    func job(named name: String) -> Int? {
        jobsByName[name]
    }

    /// Gives back what failed jobs cost, once the delay has passed.
    mutating func settle(at now: Duration) {
        for index in unsettled {
            let job = jobs[index]
            guard isOver(job, at: now) else { continue }
            let state = state(of: job, at: now)
            guard state == "FAILED" || state == "FILTERED", !job.isRefunded else {
                unsettled.remove(index)
                continue
            }
            let endedAt = job.forced?.since ?? job.submittedAt + jobTime
            guard now >= endedAt + refundDelay else { continue }
            jobs[index].isRefunded = true
            accounts[job.account].subscription += job.price
            accounts[job.account].refunded += job.price
            unsettled.remove(index)
        }
    }

    /// Puts a job into a state for good; `reason` is what a failure says.
    mutating func force(_ index: Int, to state: String, reason: String?, at now: Duration) {
        jobs[index].forced = (state, now)
        if let reason { jobs[index].ending.reason = reason }
        unsettled.insert(index)
        settle(at: now)
    }

    /// Makes a job and takes its price, which the caller has found to be there.
    mutating func makeJob(
        for element: SubmitBody.Element,
        key: String,
        price: Int,
        account: Int,
        project: String?,
        ending: Ending,
        at now: Duration
    ) -> Job {
        let job = Job(
            name: names.operation(),
            media: names.uuid(),
            mediaGenerationID: names.mediaGenerationID(),
            workflow: names.uuid(),
            account: account,
            key: key,
            price: price,
            sceneID: element.metadata?.sceneId,
            project: project,
            prompt: element.textInput?.prompt,
            aspectRatio: element.aspectRatio,
            submittedAt: now,
            ending: ending
        )
        let index = jobs.count
        jobs.append(job)
        unsettled.insert(index)
        jobsByName[job.name] = index
        jobsByName[job.media] = index
        mediaOwners[job.media] = account
        mediaOwners[job.mediaGenerationID] = account
        accounts[account].take(price)
        accounts[account].charged += price
        return job
    }

    // MARK: Media

    mutating func upload(by account: Int, older: Bool) -> String {
        let name = older ? names.mediaGenerationID() : names.uuid()
        mediaOwners[name] = account
        return name
    }

    /// Whether an account may name a medium: its own, or one nobody here has seen unless that is strict.
    func mayUse(_ media: String, account: Int) -> Bool {
        mediaOwners[media].map { $0 == account } ?? !strictMedia
    }

    /// What a balance or a price may be: far more than anybody has, far less than would overflow.
    static let balances = 0...1_000_000_000_000
    /// Seconds; thirty years are for ever here.
    static let times = 0...1e9

    private static let ends: Set = ["SUCCESSFUL", "FAILED", "CANCELED", "FILTERED"]
}

extension World.Account {
    init(
        _ account: SandboxScenario.Account,
        index: Int,
        in scenario: SandboxScenario
    ) throws {
        let label = account.label ?? "account-\(index + 1)"
        let total = account.credits
        let topUp =
            account.topUpCredits ?? account.subscriptionCredits.map { total &- $0 } ?? 0
        let subscription = account.subscriptionCredits ?? total &- topUp
        guard World.balances.contains(total), topUp >= 0, subscription >= 0,
            subscription &+ topUp == total
        else {
            throw SandboxError.invalidScenario("the credits of \(label) do not add up")
        }
        guard !account.token.isEmpty else {
            throw SandboxError.invalidScenario("the token of \(label) is empty")
        }
        self.init(
            label: label,
            tier: account.tier,
            tokens: [account.token],
            subscription: subscription,
            topUp: topUp,
            reportsParts: account.topUpCredits != nil || account.subscriptionCredits != nil,
            sku: account.sku,
            serviceTier: account.serviceTier,
            projects: Set(account.projectIds),
            maxJobs: account.maxJobs,
            shape: account.responseShape ?? scenario.responseShape
        )
    }
}

/// Names that look like the service's and are the same for the same seed.
struct Names: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// Thirty-two hexadecimal digits.
    mutating func operation() -> String {
        word() + word()
    }

    mutating func uuid() -> String {
        let digits = Array(operation())
        let ends = [8, 12, 16, 20, 32]
        return zip([0] + ends, ends).map { String(digits[$0..<$1]) }.joined(separator: "-")
    }

    mutating func mediaGenerationID() -> String {
        "CAUS" + operation()
    }

    /// SplitMix64: every seed walks through all words, so no two names meet.
    private mutating func word() -> String {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        let digits = String(mixed ^ (mixed >> 31), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
