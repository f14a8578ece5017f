import PurserCore
import PurserStore
import PurserVault

/// A home with accounts that never run dry, and callers that claim on them.
struct ClaimsHome {
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)
    private static let actor = Actor("bench")

    let database: String
    let checkpointAbove: Int
    private let store: SQLiteStore
    private let member: Member
    private let request: RouteRequest

    /// How many transactions were committed since the home was made.
    var commits: Int { store.commits }

    init(path: String, accounts: Int, hasBudget: Bool) async throws {
        let options = StoreOptions(
            policy: .balanced,
            quietAfter: .seconds(60),
            sha256: Digest.sha256
        )
        var generator = SystemRandomNumberGenerator()
        database = "\(path)/\(SQLiteStore.databaseName)"
        checkpointAbove = options.checkpointAbove
        store = try await SQLiteStore.open(home: path, options: options)
        member = Member(
            id: MemberID(using: &generator),
            name: "bench",
            createdAt: Self.now,
            hasBudget: hasBudget
        )
        let model = Catalogue.builtin.model(forKey: "veo_3_0_r2v_fast")
        request = RouteRequest(models: model.map { [$0] } ?? [])
        try await fill(accounts, using: &generator)
        // Later claims find the process registered, as in a gateway that runs.
        _ = try await claim(1, callers: 1)
    }

    private func fill(
        _ accounts: Int,
        using generator: inout SystemRandomNumberGenerator
    ) async throws {
        let owner = Member(
            id: MemberID(using: &generator),
            name: Member.ownerName,
            createdAt: Self.now,
            hasBudget: false
        )
        try await store.createVault(
            Self.change(from: nil),
            owner: owner,
            by: Self.actor,
            at: Self.now
        )
        try await store.addMember(
            member,
            budget: member.hasBudget ? Credits(unchecked: 1_000_000_000) : nil,
            operation: OperationID(using: &generator),
            by: Self.actor,
            at: Self.now
        )
        for index in 0..<accounts {
            let account = Account(
                id: AccountID(using: &generator),
                createdAt: Self.now,
                name: "account-\(index)",
                tier: .ultra,
                settings: AccountSettings(maxInFlight: 1_000_000)
            )
            let opening = Opening(
                credits: Credits(unchecked: 10_000_000),
                evidence: "told by the operator",
                operation: OperationID(using: &generator)
            )
            try await store.addAccount(
                account,
                opening: opening,
                vault: Self.change(from: UInt64(index + 1)),
                by: Self.actor,
                at: Self.now
            )
        }
    }

    /// Takes `count` claims, `callers` at a time; how long it took until the last was durable.
    func claim(_ count: Int, callers: Int) async throws -> Duration {
        let store = store
        let orders = (0..<count).map { _ in order() }
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

    private func order() -> ClaimOrder {
        var generator = SystemRandomNumberGenerator()
        return ClaimOrder(
            submissionID: SubmissionID(using: &generator),
            attempt: 1,
            memberID: member.id,
            idempotencyKey: nil,
            fingerprint: [UInt8](repeating: 3, count: 32),
            path: "video:batchAsyncGenerateVideoReferenceImages",
            request: request,
            mediaIDs: [],
            operation: OperationID(using: &generator)
        )
    }

    private static func change(from base: UInt64?) -> VaultChange {
        let state = VaultState(sequence: (base ?? 0) + 1, epoch: 1, recordCount: 0, mac: [])
        return VaultChange(baseSequence: base, state: state)
    }
}
