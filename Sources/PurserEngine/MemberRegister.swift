package import PurserCore
package import PurserVault

/// Adds, changes and revokes members, and gives out their keys; needs no open vault.
package struct MemberRegister: Sendable {
    /// A key just made: its text is shown once and kept nowhere.
    package struct NewKey: ~Copyable, Sendable {
        package let key: MemberKey
        let text: Secret

        /// The key's text, given away.
        package consuming func secret() -> Secret { text }
    }

    /// How long the keys before work on beside a new one, unless told otherwise.
    package static let overlap = Duration.seconds(24 * 3600)
    /// A key that lives on for longer was not rotated.
    static let longestOverlap = Duration.seconds(30 * 24 * 3600)

    private let store: any Store
    private let actor: Actor
    private let ambient: Ambient
    private let randomness: Randomness

    package init(
        store: any Store,
        actor: Actor,
        ambient: Ambient,
        randomness: Randomness = .system
    ) {
        self.store = store
        self.actor = actor
        self.ambient = ambient
        self.randomness = randomness
    }

    /// The member of that name.
    package func member(named name: String) async throws -> MemberOverview {
        guard let found = try await store.members().first(where: { $0.member.name == name })
        else { throw StoreError.noSuch("member", name) }
        return found
    }

    // With `dryRun` everything is checked as it would be, and nothing is written.

    /// Adds a member with a first key.
    package func add(
        _ name: String,
        role: MemberRole,
        limits: MemberLimits,
        budget: Credits?,
        expiresAt: Timestamp?,
        dryRun: Bool = false
    ) async throws -> NewKey? {
        guard Account.isName(name) else { throw EngineError.invalidName(name) }
        try Self.validate(limits)
        let now = ambient.now()
        try check(expiresAt, at: now)
        if try await store.members().contains(where: { $0.member.name == name }) {
            throw StoreError.nameTaken(name)
        }
        if dryRun { return nil }
        let member = Member(
            id: ambient.newID(),
            name: name,
            createdAt: now,
            hasBudget: budget != nil,
            role: role,
            limits: limits
        )
        let made = try makeKey(of: member.id, expiresAt: expiresAt, at: now)
        try await store.addMember(
            member,
            budget: budget,
            key: made.key,
            operation: ambient.newID(),
            by: actor,
            at: now
        )
        return made
    }

    /// Changes a member's role, limits and budget; what is not named stays.
    package func set(
        _ overview: MemberOverview,
        _ change: MemberChange,
        budget: Credits?,
        words: String,
        dryRun: Bool = false
    ) async throws {
        let member = overview.member
        if let role = change.role, member.name == Member.ownerName, role != .owner {
            throw EngineError.ownerStays
        }
        try Self.validate(change)
        if let budget { try Self.check(budget, for: overview) }
        if dryRun { return }
        let now = ambient.now()
        if change != MemberChange() {
            let audit = record("member.set", member.name, words)
            try await store.updateMember(member.id, change, audit: audit, at: now)
        }
        guard let budget else { return }
        try await store.adjustBudget(
            of: member.id,
            by: budget,
            operation: ambient.newID(),
            by: actor,
            at: now
        )
    }

    /// Changes what all members together may spend.
    package func setTeam(
        _ change: SpendingChange,
        words: String,
        dryRun: Bool = false
    ) async throws {
        try Self.validate(change.set)
        if dryRun { return }
        try await store.updateTeam(
            change,
            audit: record("team.set", "team", words),
            at: ambient.now()
        )
    }

    /// Gives a member another key; those before work for `overlap` more.
    package func rotate(
        _ member: Member,
        overlap: Duration,
        expiresAt: Timestamp?,
        dryRun: Bool = false
    ) async throws -> NewKey? {
        if member.revokedAt != nil { throw StoreError.memberRevoked(member.name) }
        guard (.zero...Self.longestOverlap).contains(overlap) else {
            throw EngineError.invalidSetting("--overlap takes up to 30 days")
        }
        let now = ambient.now()
        try check(expiresAt, at: now)
        if dryRun { return nil }
        let made = try makeKey(of: member.id, expiresAt: expiresAt, at: now)
        let end = now + overlap
        try await store.addMemberKey(
            made.key,
            overlapEnd: end,
            audit: record("member.rotate", member.name, "key \(made.key.id)"),
            at: now
        )
        return made
    }

    /// Ends a member's keys and the member at once; with `key`, that one key alone.
    package func revoke(
        _ overview: MemberOverview,
        key: String?,
        dryRun: Bool = false
    ) async throws {
        let member = overview.member
        if let key, !overview.keys.contains(where: { $0.id == key }) {
            throw StoreError.noSuch("key", key)
        }
        // The command line works for the owner, and must not be locked out.
        if key == nil, member.name == Member.ownerName { throw EngineError.ownerStays }
        if dryRun { return }
        try await store.revokeMember(
            member.id,
            key: key,
            audit: record("member.revoke", member.name, key.map { "key \($0)" } ?? "all keys"),
            at: ambient.now()
        )
    }

    private func record(_ verb: String, _ subject: String, _ detail: String) -> AuditRecord {
        AuditRecord(actor: actor, verb: verb, subject: subject, detail: detail)
    }

    private func makeKey(
        of member: MemberID,
        expiresAt: Timestamp?,
        at now: Timestamp
    ) throws -> NewKey {
        let random = try randomness.bytes(MemberKeyText.randomBytes)
        guard let text = MemberKeyText(random: random) else { throw VaultError.randomness }
        let key = MemberKey(
            id: text.id,
            memberID: member,
            digest: Digest.sha256(text.secret),
            createdAt: now,
            expiresAt: expiresAt
        )
        return NewKey(key: key, text: try Secret(copying: text.text))
    }
}

// MARK: - Rules

extension MemberRegister {
    private func check(_ expiresAt: Timestamp?, at now: Timestamp) throws(EngineError) {
        if let expiresAt, expiresAt <= now {
            throw .invalidSetting("--expires-at lies in the past")
        }
    }

    /// As the store does, for a dry run too.
    private static func check(_ amount: Credits, for overview: MemberOverview) throws {
        let name = overview.member.name
        guard let budget = overview.budget else {
            guard amount >= .zero else { throw StoreError.noBudget(member: name) }
            return
        }
        guard try budget.available.plus(amount) >= .zero else {
            throw StoreError.overBudget(
                member: name,
                available: budget.available,
                price: amount.negated
            )
        }
    }

    private static func validate(_ limits: MemberLimits) throws(EngineError) {
        try validate(limits.spending)
        try validate(tags: limits.tags, models: limits.models)
    }

    private static func validate(_ change: MemberChange) throws(EngineError) {
        try validate(change.spending.set)
        try validate(tags: change.tags ?? nil, models: change.models ?? nil)
    }

    private static func validate(
        tags: Set<String>?,
        models: Set<ModelID>?
    ) throws(EngineError) {
        if let tag = tags?.first(where: { !Account.isName($0) }) {
            throw .invalidSetting("--tag: \(tag.prefix(80).debugDescription) is no tag")
        }
        if tags?.count ?? 0 > 32 || models?.count ?? 0 > 256 {
            throw .invalidSetting("--tag may be given 32 times, --model 256 times at most")
        }
    }

    private static func validate(_ limits: [SpendingLimit]) throws(EngineError) {
        for limit in limits {
            if case .cycle(let day) = limit.window, !(1...28).contains(day) {
                throw .invalidSetting("a billing cycle begins on a day from 1 to 28")
            }
            if let warnAt = limit.warnAt, !(1...100).contains(warnAt) {
                throw .invalidSetting("--warn-at is a percentage, 1 to 100")
            }
            if limit.credits < .zero {
                throw .invalidSetting("a limit on spending cannot be negative")
            }
        }
    }
}
