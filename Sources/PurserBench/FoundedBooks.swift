import PurserCore
import PurserStore
import PurserVault

/// Books that are made to be written to: members, and accounts that never run dry.
///
/// There are no tokens: of a vault only the states are written that every change of accounts brings.
struct FoundedBooks {
    private static let plenty = Credits(unchecked: 1 << 40)

    let store: SQLiteStore
    let database: String
    private let start: Timestamp

    /// Members with a budget get one that does not end.
    init(
        path: String,
        accounts: Int,
        members: [Member],
        at start: Timestamp,
        options: StoreOptions = .bench
    ) async throws {
        database = "\(path)/\(SQLiteStore.databaseName)"
        store = try await SQLiteStore.open(home: path, options: options)
        self.start = start
        var generator = SystemRandomNumberGenerator()
        try await store.createVault(
            Self.change(from: nil),
            owner: .bench(Member.ownerName, hasBudget: false, at: start),
            by: .bench,
            at: start
        )
        for member in members {
            try await store.addMember(
                member,
                budget: member.hasBudget ? Self.plenty : nil,
                operation: OperationID(using: &generator),
                by: .bench,
                at: start
            )
        }
        for index in 0..<accounts { try await addAccount(index, using: &generator) }
    }

    private func addAccount(
        _ index: Int,
        using generator: inout SystemRandomNumberGenerator
    ) async throws {
        let account = Account(
            id: AccountID(using: &generator),
            createdAt: start,
            name: "account-\(index)",
            tier: .ultra,
            settings: AccountSettings(maxInFlight: 1_000_000)
        )
        let opening = Opening(
            credits: Self.plenty,
            evidence: "told by the operator",
            operation: OperationID(using: &generator)
        )
        try await store.addAccount(
            account,
            opening: opening,
            vault: Self.change(from: UInt64(index + 1)),
            by: .bench,
            at: start
        )
    }

    private static func change(from base: UInt64?) -> VaultChange {
        let state = VaultState(sequence: (base ?? 0) + 1, epoch: 1, recordCount: 0, mac: [])
        return VaultChange(baseSequence: base, state: state)
    }

    /// A request of one video that nobody has asked for before.
    static func order(by member: MemberID, for model: Model) -> ClaimOrder {
        var generator = SystemRandomNumberGenerator()
        return ClaimOrder(
            submissionID: SubmissionID(using: &generator),
            attempt: 1,
            memberID: member,
            idempotencyKey: nil,
            fingerprint: [UInt8](repeating: 3, count: 32),
            path: "video:batchAsyncGenerateVideoReferenceImages",
            request: RouteRequest(models: [model]),
            mediaIDs: [],
            operation: OperationID(using: &generator)
        )
    }
}

extension StoreOptions {
    /// As the product opens a store.
    static var bench: StoreOptions {
        StoreOptions(policy: .balanced, quietAfter: .seconds(60), sha256: PurserVault.Digest.sha256)
    }
}

extension Actor {
    static let bench = Actor("bench")
}

extension Member {
    static func bench(_ name: String, hasBudget: Bool, at start: Timestamp) -> Member {
        var generator = SystemRandomNumberGenerator()
        return Member(
            id: MemberID(using: &generator),
            name: name,
            createdAt: start,
            hasBudget: hasBudget
        )
    }
}

extension Model {
    /// The model that `choose` and `claims` ask for.
    static func bench() throws -> Model {
        let key = "veo_3_0_r2v_fast"
        guard let model = Catalogue.builtin.model(forKey: key) else {
            throw BenchmarkError("the catalogue has no \(key)")
        }
        return model
    }
}
