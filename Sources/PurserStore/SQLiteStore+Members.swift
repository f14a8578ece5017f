package import PurserCore

extension SQLiteStore {
    package func members() async throws -> [MemberOverview] {
        try await read { sql in try MemberRows.overviews(sql) }
    }

    package func memberDirectory(
        changedSince revision: Int64?
    ) async throws -> MemberDirectory? {
        // Mostly nobody has changed anything.
        if let revision, try glance(Self.memberRevision) == revision { return nil }
        return try await read { sql in
            let now = try Self.memberRevision(sql)
            let members = try MemberRows.members(sql).map { ($0.id, $0) }
            let keys = try MemberRows.keys(of: nil, sql).map { ($0.id, $0) }
            return MemberDirectory(
                revision: now,
                members: Dictionary(uniqueKeysWithValues: members),
                keys: Dictionary(uniqueKeysWithValues: keys)
            )
        }
    }

    private static func memberRevision(_ sql: Connection) throws -> Int64 {
        try sql.first("SELECT revision FROM member_revision") { $0.int(0) } ?? 0
    }

    package func spending(
        of owner: SpendingOwner,
        at now: Timestamp
    ) async throws -> [SpendingStatus] {
        try await read { try Spending.statuses(of: owner, at: now, $0) }
    }

    package func allowance(of member: MemberID, at now: Timestamp) async throws -> Allowance {
        try await read { try Self.allowance(of: member, at: now, $0).allowance }
    }

    /// As one consistent state says.
    static func allowance(
        of id: MemberID,
        at now: Timestamp,
        _ sql: Connection
    ) throws -> (member: Member, allowance: Allowance) {
        guard let member = try MemberRows.member(id, sql) else {
            throw StoreError.noSuch("member", "\(id)")
        }
        let budget = try sql.first(
            """
            SELECT h.posted - h.held FROM ledger_account l
            JOIN ledger_head h ON h.ledger_account = l.id
            WHERE l.owner = ? AND l.kind = 'budget'
            """,
            .id(id)
        ) { try $0.credits(0) }
        let allowance = try Spending.allowance(
            of: member,
            budget: budget,
            team: try MemberRows.limits(of: .team, sql),
            at: now,
            sql
        )
        return (member, allowance)
    }

    package func addMember(
        _ member: Member,
        budget: Credits?,
        key: MemberKey?,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write { books in
            try books.addMember(
                member,
                budget: budget,
                key: key,
                operation: operation,
                by: actor,
                at: now
            )
        }
    }

    package func updateMember(
        _ id: MemberID,
        _ change: MemberChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write { try $0.updateMember(id, change, audit: audit, at: now) }
    }

    package func updateTeam(
        _ change: SpendingChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write { try $0.updateTeam(change, audit: audit, at: now) }
    }

    package func addMemberKey(
        _ key: MemberKey,
        overlapEnd: Timestamp,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write {
            try $0.addMemberKey(key, overlapEnd: overlapEnd, audit: audit, at: now)
        }
    }

    package func revokeMember(
        _ id: MemberID,
        key: String?,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write { try $0.revokeMember(id, key: key, audit: audit, at: now) }
    }

    package func adjustBudget(
        of member: MemberID,
        by amount: Credits,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write {
            try $0.adjustBudget(of: member, by: amount, operation: operation, by: actor, at: now)
        }
    }
}
