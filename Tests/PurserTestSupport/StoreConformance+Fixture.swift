package import PurserCore
import Synchronization

/// A store with a vault, accounts and members in it, and short ways to do what tests do.
///
/// Ids come from a seeded generator, so a failure can be repeated.
package final class LedgerFixture: Sendable {
    package static let start = Timestamp(milliseconds: 1_795_262_400_000)
    package static let actor = Actor("test")
    /// 20 credits for TIER_ONE, 10 for ULTRA.
    package static let video = Model(
        id: ModelID("veo_test"),
        title: "A test video",
        endpoint: nil,
        offers: [
            .tierOne: Offer(key: "veo_test", price: Credits(unchecked: 20), source: "test"),
            .ultra: Offer(key: "veo_test_ultra", price: Credits(unchecked: 10), source: "test"),
        ]
    )

    /// The same under another name.
    private static func video(_ name: String?) -> Model {
        guard let name else { return video }
        return Model(id: ModelID(name), title: name, endpoint: nil, offers: video.offers)
    }

    package let store: any Store
    private let generator: Mutex<SplitMix>
    private let vaultSequence = Mutex<UInt64>(0)

    package init(_ store: any Store, seed: UInt64 = 1) {
        self.store = store
        generator = Mutex(SplitMix(state: seed))
    }

    package func id<Subject>(_: Subject.Type = Subject.self) -> Identifier<Subject> {
        generator.withLock { Identifier<Subject>(using: &$0) }
    }

    package func random(_ range: Range<Int>) -> Int {
        generator.withLock { Int.random(in: range, using: &$0) }
    }

    /// A change of the vault that follows from the one before.
    package func vaultChange(
        put: [SealedRecord] = [],
        remove: [RecordAddress] = []
    ) -> VaultChange {
        vaultSequence.withLock { sequence in
            let base = sequence
            sequence += 1
            return VaultChange(
                baseSequence: base == 0 ? nil : base,
                state: VaultState(sequence: sequence, epoch: 1, recordCount: 0, mac: [1, 2, 3]),
                header: base == 0 ? [7] : nil,
                logEntry: base == 0
                    ? HeaderLogEntry(
                        sequence: 1,
                        headerID: .init(repeating: 9, count: 32),
                        bytes: [7]
                    ) : nil,
                put: put,
                remove: remove
            )
        }
    }

    package func createVault() async throws {
        let owner = Member(
            id: id(),
            name: Member.ownerName,
            createdAt: Self.start,
            hasBudget: false
        )
        try await store.createVault(vaultChange(), owner: owner, by: Self.actor, at: Self.start)
    }

    package func addAccount(
        _ name: String,
        tier: Tier = .ultra,
        credits: Int64? = 1000,
        settings: AccountSettings = AccountSettings(maxInFlight: 1000)
    ) async throws -> Account {
        let account = Account(
            id: id(),
            createdAt: Self.start,
            name: name,
            tier: tier,
            settings: settings
        )
        let opening = credits.map {
            Opening(
                credits: Credits(unchecked: $0),
                evidence: "read from the service",
                operation: id()
            )
        }
        try await store.addAccount(
            account,
            opening: opening,
            vault: vaultChange(),
            by: Self.actor,
            at: Self.start
        )
        return account
    }

    /// `key`: the letter that the id of their first key is made of.
    package func addMember(
        _ name: String,
        budget: Int64? = nil,
        role: MemberRole = .member,
        limits: MemberLimits = MemberLimits(),
        key: Character? = nil
    ) async throws -> Member {
        let member = Member(
            id: id(),
            name: name,
            createdAt: Self.start,
            hasBudget: budget != nil,
            role: role,
            limits: limits
        )
        try await store.addMember(
            member,
            budget: budget.map(Credits.init(unchecked:)),
            key: key.map { memberKey($0, of: member) },
            operation: id(),
            by: Self.actor,
            at: Self.start
        )
        return member
    }

    package func order(
        _ member: Member,
        videos: Int = 1,
        model: String? = nil,
        key: String? = nil,
        fingerprint: [UInt8] = [1],
        only: Account? = nil,
        media: [String] = [],
        submission: SubmissionID? = nil,
        attempt: Int = 1,
        operation: OperationID? = nil
    ) -> ClaimOrder {
        ClaimOrder(
            submissionID: submission ?? id(),
            attempt: attempt,
            memberID: member.id,
            idempotencyKey: key,
            fingerprint: fingerprint,
            path: "video:test",
            request: RouteRequest(
                models: Array(repeating: Self.video(model), count: videos),
                only: only?.id
            ),
            mediaIDs: media,
            operation: operation ?? id()
        )
    }

    /// Claims and expects a fresh claim.
    package func claim(_ order: ClaimOrder, at now: Timestamp = start) async throws -> Claim {
        guard case .claimed(let claim) = try await store.claim(order, at: now) else {
            throw Unexpected(what: "the claim was answered from an earlier submission")
        }
        return claim
    }

    /// Claims and expects the record of an earlier submission.
    package func repeated(
        _ order: ClaimOrder,
        at now: Timestamp = start
    ) async throws -> SubmissionRecord {
        guard case .repeated(let record) = try await store.claim(order, at: now) else {
            throw Unexpected(what: "the claim was taken afresh")
        }
        return record
    }

    package func jobs(of claim: Claim, at now: Timestamp = start) -> [Job] {
        claim.elements.map { element in
            let job = id(Job.self)
            return Job(
                id: job,
                operationName: "operations/\(job)",
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

    /// Settles at the price held and answers the jobs that were bound.
    @discardableResult
    package func settle(
        _ claim: Claim,
        observed: Credits? = nil,
        answer: SealedAnswer? = nil,
        at now: Timestamp = start
    ) async throws -> [Job] {
        let jobs = jobs(of: claim, at: now)
        let settlement = Settlement(
            ending: .settled(charged: claim.price, jobs: jobs),
            evidence: "200",
            observed: observed,
            answer: answer,
            operation: id()
        )
        try await store.settle(claim, as: settlement, at: now)
        return jobs
    }

    /// Ends a claim with whatever else an answer may bring.
    package func end(
        _ claim: Claim,
        _ ending: Settlement.Ending,
        observed: Credits? = nil,
        mediaIDs: [String] = [],
        rests: [Rest] = [],
        restsEveryAccount: Bool = false,
        state: AccountState? = nil,
        credentialVersion: UInt64? = nil,
        operation: OperationID? = nil,
        at now: Timestamp = start
    ) async throws {
        let settlement = Settlement(
            ending: ending,
            evidence: "test",
            observed: observed,
            mediaIDs: mediaIDs,
            rests: rests,
            restsEveryAccount: restsEveryAccount,
            state: state,
            credentialVersion: credentialVersion,
            operation: operation ?? id()
        )
        try await store.settle(claim, as: settlement, at: now)
    }

    package func void(_ claim: Claim, at now: Timestamp = start) async throws {
        try await store.settle(
            claim,
            as: Settlement(ending: .voided, evidence: "429", operation: id()),
            at: now
        )
    }

    package func markUnknown(_ claim: Claim, at now: Timestamp = start) async throws {
        try await store.settle(
            claim,
            as: Settlement(ending: .unknown, evidence: "reset", operation: id()),
            at: now
        )
    }

    /// Puts another credential version in place.
    package func rotate(_ account: Account, to version: UInt64) async throws {
        try await store.placeCredential(
            account.id,
            version: version,
            expiresAt: nil,
            hasCommand: false,
            vault: vaultChange(),
            audit: AuditRecord(actor: Self.actor, verb: "account.rotate", subject: account.name),
            at: Self.start
        )
    }

    package func record(
        _ job: Job,
        _ state: JobState,
        at now: Timestamp = start
    ) async throws {
        let update = JobUpdate(
            jobID: job.id,
            state: state,
            failure: nil,
            mediaIDs: [],
            operation: id()
        )
        try await store.recordJobs([update], of: job.accountID, at: now)
    }

    package func observe(
        _ account: Account,
        _ credits: Int64,
        at now: Timestamp
    ) async throws -> Reconciliation {
        try await store.observe(
            account.id,
            reading: CreditsReading(credits: Credits(unchecked: credits)),
            operation: id(),
            at: now
        )
    }

    package func overview(of account: Account) async throws -> AccountOverview {
        guard let found = try await store.accounts().first(where: { $0.account.id == account.id })
        else { throw Unexpected(what: "the account is gone") }
        return found
    }

    /// What `verify` finds.
    package func findings(
        at now: Timestamp = start
    ) async throws
        -> [LedgerVerification.Finding]
    {
        try await store.verify(at: now, checkpointMAC: nil).findings
    }

    /// A test went another way than it says.
    package struct Unexpected: Error, CustomStringConvertible {
        package let what: String
        package var description: String { what }

        package init(what: String) {
            self.what = what
        }
    }
}

/// The generator of Steele, Lea and Flood (2014): small, and the same everywhere.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(state: UInt64) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
