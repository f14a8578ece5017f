import PurserCore
import PurserStore
import PurserVault

/// A year of books, written by the store's own verbs: 50 accounts, 10 members with budgets, 4 models.
///
/// One submission in twenty is refused, the others are charged and their jobs end well.
struct BooksHome {
    private static let actor = Actor("bench")
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)
    private static let year = Duration.seconds(365 * 86_400)
    private static let accounts = 50
    private static let members = 10
    /// Submissions at a time: they are committed together.
    private static let width = 512

    let store: SQLiteStore
    let database: String
    /// Every entry is before it.
    var end: Timestamp { Self.start + Self.year }
    private let memberIDs: [MemberID]
    private let models: [Model]

    init(path: String) async throws {
        var options = StoreOptions(
            policy: .balanced,
            quietAfter: .seconds(60),
            sha256: Digest.sha256
        )
        options.batchLimit = Self.width
        options.checkpointAbove = 256 << 20
        database = "\(path)/\(SQLiteStore.databaseName)"
        store = try await SQLiteStore.open(home: path, options: options)
        let sold = Catalogue.builtin.models.filter { $0.offers[.ultra]?.price ?? .zero > .zero }
        models = Array(sold.prefix(4))
        guard !models.isEmpty else { throw BenchmarkError("the catalogue sells nothing to ultra") }
        var generator = SystemRandomNumberGenerator()
        memberIDs = (0..<Self.members).map { _ in MemberID(using: &generator) }
        try await fill(using: &generator)
    }

    private func fill(using generator: inout SystemRandomNumberGenerator) async throws {
        func member(_ name: String, _ id: MemberID, hasBudget: Bool) -> Member {
            Member(id: id, name: name, createdAt: Self.start, hasBudget: hasBudget)
        }
        let owner = member(Member.ownerName, MemberID(using: &generator), hasBudget: false)
        try await store.createVault(
            Self.change(from: nil),
            owner: owner,
            by: Self.actor,
            at: Self.start
        )
        for (index, id) in memberIDs.enumerated() {
            try await store.addMember(
                member("member-\(index)", id, hasBudget: true),
                budget: Credits(unchecked: 1 << 40),
                operation: OperationID(using: &generator),
                by: Self.actor,
                at: Self.start
            )
        }
        for index in 0..<Self.accounts {
            let account = Account(
                id: AccountID(using: &generator),
                createdAt: Self.start,
                name: "account-\(index)",
                tier: .ultra,
                settings: AccountSettings(maxInFlight: 1_000_000)
            )
            let opening = Opening(
                credits: Credits(unchecked: 1 << 40),
                evidence: "told by the operator",
                operation: OperationID(using: &generator)
            )
            try await store.addAccount(
                account,
                opening: opening,
                vault: Self.change(from: UInt64(index + 1)),
                by: Self.actor,
                at: Self.start
            )
        }
    }

    private static func change(from base: UInt64?) -> VaultChange {
        let state = VaultState(sequence: (base ?? 0) + 1, epoch: 1, recordCount: 0, mac: [])
        return VaultChange(baseSequence: base, state: state)
    }

    // MARK: Work

    /// Fills the books up to `entries`, over the year; how long that took.
    func work(entries: Int) async throws -> Duration {
        let begun = ContinuousClock.now
        // A hold and its end, on the account and on the budget.
        let submissions = (entries - Self.accounts - Self.members) / 4
        var done = 0
        while done < submissions {
            let count = min(Self.width, submissions - done)
            let share = Int64(done) * Self.year.components.seconds * 1000 / Int64(submissions)
            try await round(count, from: done, at: Self.start + .milliseconds(share))
            done += count
        }
        return ContinuousClock.now - begun
    }

    private func round(_ count: Int, from first: Int, at now: Timestamp) async throws {
        let jobs = try await withThrowingTaskGroup(of: [Job].self) { group in
            for index in first..<(first + count) {
                group.addTask { try await submit(index, at: now) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for (account, ended) in Dictionary(grouping: jobs, by: \.accountID) {
            var generator = SystemRandomNumberGenerator()
            let updates = ended.map {
                JobUpdate(
                    jobID: $0.id,
                    state: .successful,
                    failure: nil,
                    mediaIDs: [],
                    operation: OperationID(using: &generator)
                )
            }
            try await store.recordJobs(updates, of: account, at: now)
        }
    }

    private func submit(_ index: Int, at now: Timestamp) async throws -> [Job] {
        var generator = SystemRandomNumberGenerator()
        let order = ClaimOrder(
            submissionID: SubmissionID(using: &generator),
            attempt: 1,
            memberID: memberIDs[index % memberIDs.count],
            idempotencyKey: nil,
            fingerprint: [UInt8](repeating: 3, count: 32),
            path: "video:batchAsyncGenerateVideoReferenceImages",
            request: RouteRequest(models: [models[index / 7 % models.count]]),
            mediaIDs: [],
            operation: OperationID(using: &generator)
        )
        guard case .claimed(let claim) = try await store.claim(order, at: now) else { return [] }
        let isRefused = index % 20 == 19
        let jobs = isRefused ? [] : claim.elements.map { job($0, of: claim, at: now, &generator) }
        let settlement = Settlement(
            ending: isRefused ? .voided : .settled(charged: claim.price, jobs: jobs),
            evidence: isRefused ? "429 RESOURCE_EXHAUSTED" : "200 with 1 operation",
            operation: OperationID(using: &generator)
        )
        try await store.settle(claim, as: settlement, at: now)
        return jobs
    }

    private func job(
        _ element: ClaimedElement,
        of claim: Claim,
        at now: Timestamp,
        _ generator: inout SystemRandomNumberGenerator
    ) -> Job {
        let id = JobID(using: &generator)
        return Job(
            id: id,
            operationName: "\(id)",
            shape: .operations,
            sceneID: nil,
            projectID: nil,
            accountID: claim.account.id,
            memberID: claim.memberID,
            submissionID: claim.submissionID,
            credentialVersion: claim.account.credentialVersion,
            modelID: element.modelID,
            modelKey: element.modelKey,
            price: element.price,
            createdAt: now
        )
    }
}
