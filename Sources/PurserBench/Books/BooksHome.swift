import PurserCore
import PurserStore

/// A year of books, written by the store's own verbs: 50 accounts, 10 members with budgets, 4 models.
///
/// One submission in twenty is refused, the others are charged and their jobs end well.
struct BooksHome {
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
        var options = StoreOptions.bench
        options.batchLimit = Self.width
        options.checkpointAbove = 256 << 20
        let sold = Catalogue.builtin.models.filter { $0.offers[.ultra]?.price ?? .zero > .zero }
        models = Array(sold.prefix(4))
        guard !models.isEmpty else { throw BenchmarkError("the catalogue sells nothing to ultra") }
        let members = (0..<Self.members).map {
            Member.bench("member-\($0)", hasBudget: true, at: Self.start)
        }
        memberIDs = members.map(\.id)
        let books = try await FoundedBooks(
            path: path,
            accounts: Self.accounts,
            members: members,
            at: Self.start,
            options: options
        )
        (store, database) = (books.store, books.database)
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
        let order = FoundedBooks.order(
            by: memberIDs[index % memberIDs.count],
            for: models[index / 7 % models.count]
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
