import PurserCore
import PurserStore

extension TurnedStore {
    func members() async throws -> [MemberOverview] {
        try await read("read members") { try await base.members() }
    }

    func memberDirectory(changedSince revision: Int64?) async throws -> MemberDirectory? {
        try await read("read directory") {
            try await base.memberDirectory(changedSince: revision)
        }
    }

    func spending(of owner: SpendingOwner, at now: Timestamp) async throws -> [SpendingStatus] {
        try await read("read spending") { try await base.spending(of: owner, at: now) }
    }

    func allowance(of member: MemberID, at now: Timestamp) async throws -> Allowance {
        try await read("read allowance") { try await base.allowance(of: member, at: now) }
    }

    func updateMember(
        _ id: MemberID,
        _ change: MemberChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("update member") {
            try await base.updateMember(id, change, audit: audit, at: now)
        }
    }

    func updateTeam(
        _ change: SpendingChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("update team") {
            try await base.updateTeam(change, audit: audit, at: now)
        }
    }

    func addMemberKey(
        _ key: MemberKey,
        overlapEnd: Timestamp,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("add member key") {
            try await base.addMemberKey(key, overlapEnd: overlapEnd, audit: audit, at: now)
        }
    }

    func revokeMember(
        _ id: MemberID,
        key: String?,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write("revoke member") {
            try await base.revokeMember(id, key: key, audit: audit, at: now)
        }
    }

    func addMember(
        _ member: Member,
        budget: Credits?,
        key: MemberKey?,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("add member") {
            try await base.addMember(
                member,
                budget: budget,
                key: key,
                operation: operation,
                by: actor,
                at: now
            )
        }
    }

    func adjustBudget(
        of member: MemberID,
        by amount: Credits,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write("adjust budget") {
            try await base.adjustBudget(
                of: member,
                by: amount,
                operation: operation,
                by: actor,
                at: now
            )
        }
    }
}
