import PurserCore
import PurserStore

/// A home with accounts that never run dry, and callers that claim on them.
struct ClaimsHome {
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)

    let database: String
    let checkpointAbove = StoreOptions.bench.checkpointAbove
    private let store: SQLiteStore
    private let member: Member
    private let model: Model

    /// How many transactions were committed since the home was made.
    var commits: Int { store.commits }

    init(path: String, accounts: Int, hasBudget: Bool) async throws {
        member = .bench("bench", hasBudget: hasBudget, at: Self.now)
        model = try .bench()
        let books = try await FoundedBooks(
            path: path,
            accounts: accounts,
            members: [member],
            at: Self.now
        )
        (store, database) = (books.store, books.database)
        // Later claims find the process registered, as in a gateway that runs.
        _ = try await claim(1, callers: 1)
    }

    /// Takes `count` claims, `callers` at a time; how long it took until the last was durable.
    func claim(_ count: Int, callers: Int) async throws -> Duration {
        let store = store
        let orders = (0..<count).map { _ in FoundedBooks.order(by: member.id, for: model) }
        let begun = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for index in stride(from: caller, to: orders.count, by: callers) {
                        _ = try await store.claim(orders[index], at: Self.now)
                    }
                }
            }
            try await group.waitForAll()
        }
        return ContinuousClock.now - begun
    }

    /// Closes the store after it has checked that its books are in order.
    func close() async throws {
        let findings = try await store.verify(at: Self.now, checkpointMAC: nil).findings
        guard findings.isEmpty else { throw BenchmarkError("the books are wrong: \(findings)") }
        try await store.close()
    }
}
