import PurserCore

extension Books {
    func addMember(
        _ member: Member,
        budget: Credits?,
        key: MemberKey?,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) throws {
        if let earlier = try sql.first(
            "SELECT id, name, has_budget FROM member WHERE id = ? OR name = ?",
            .id(member.id),
            .text(member.name),
            read: {
                (
                    id: try $0.id(0, of: Member.self), name: $0.text(1),
                    hasBudget: $0.bool(2)
                )
            }
        ) {
            let isRepeat = earlier.id == member.id && earlier.name == member.name
            guard isRepeat, earlier.hasBudget == (budget != nil) else {
                throw StoreError.nameTaken(member.name)
            }
            return
        }
        try insert(member)
        if let key { try insert(key) }
        if let budget {
            try open(
                Draft(
                    ledgerAccount: .budget(member.id),
                    kind: .open,
                    operation: operation,
                    at: now,
                    deltaPosted: budget,
                    detail: "granted by \(actor)"
                )
            )
        }
        let details =
            [member.role.rawValue, budget.map { "budget \($0)" } ?? "no budget"]
            + member.limits.words + (key.map { ["key \($0.id)"] } ?? [])
        try writeAudit(
            AuditRecord(
                actor: actor,
                verb: "member.add",
                subject: member.name,
                detail: details.joined(separator: ", ")
            ),
            at: now
        )
    }

    func insert(_ member: Member) throws {
        let limits = member.limits
        try sql.run(
            """
            INSERT INTO member (id, name, created_at_ms, has_budget, role, tiers, tags, models)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .id(member.id),
            .text(member.name),
            .time(member.createdAt),
            .bool(member.hasBudget),
            .text(member.role.rawValue),
            .list(limits.tiers?.map(\.rawValue)),
            .list(limits.tags),
            .list(limits.models?.map(\.rawValue))
        )
        try change(SpendingChange(set: limits.spending), of: .member(member.id))
        try sql.run("UPDATE member_revision SET revision = revision + 1")
    }

    func updateMember(
        _ id: MemberID,
        _ change: MemberChange,
        audit: AuditRecord,
        at now: Timestamp
    ) throws {
        let before = try member(id)
        var limits = before.limits
        if let tiers = change.tiers { limits.tiers = tiers }
        if let tags = change.tags { limits.tags = tags }
        if let models = change.models { limits.models = models }
        let revokedAt = change.restores ? nil : before.revokedAt
        try sql.run(
            """
            UPDATE member SET role = ?, tiers = ?, tags = ?, models = ?, revoked_at_ms = ?
            WHERE id = ?
            """,
            .text((change.role ?? before.role).rawValue),
            .list(limits.tiers?.map(\.rawValue)),
            .list(limits.tags),
            .list(limits.models?.map(\.rawValue)),
            .time(revokedAt),
            .id(id)
        )
        try self.change(change.spending, of: .member(id))
        memory.members[id] = nil
        try writeAudit(audit, at: now)
    }

    func updateTeam(_ change: SpendingChange, audit: AuditRecord, at now: Timestamp) throws {
        try self.change(change, of: .team)
        memory.teamLimits = nil
        try writeAudit(audit, at: now)
    }

    private func change(_ change: SpendingChange, of owner: SpendingOwner) throws {
        for kind in change.cleared {
            try sql.run(
                "DELETE FROM spending_limit WHERE owner = ? AND kind = ?",
                .id(owner.id),
                .text(kind.rawValue)
            )
        }
        for limit in change.set {
            var cycleDay: Int64?
            if case .cycle(let day) = limit.window { cycleDay = Int64(day) }
            try sql.run(
                """
                INSERT INTO spending_limit (owner, kind, cycle_day, credits, warn_at)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET cycle_day = excluded.cycle_day,
                    credits = excluded.credits, warn_at = excluded.warn_at
                """,
                .id(owner.id),
                .text(limit.window.kind.rawValue),
                .int(cycleDay),
                .credits(limit.credits),
                .int(limit.warnAt.map(Int64.init))
            )
        }
    }

    func adjustBudget(
        of id: MemberID,
        by amount: Credits,
        operation: OperationID,
        by actor: Actor,
        at now: Timestamp
    ) throws {
        let member = try member(id)
        if let earlier = try entry(of: operation) {
            guard earlier.ledgerAccount == .budget(id), earlier.deltaPosted == amount else {
                throw StoreError.operationReused(operation)
            }
            return
        }
        let detail = "\(amount) by \(actor)"
        if let head = try head(of: .budget(id)) {
            let available = head.balance.available
            guard try available.plus(amount) >= .zero else {
                throw StoreError.overBudget(
                    member: member.name,
                    available: available,
                    price: amount.negated
                )
            }
            try append(
                Draft(
                    ledgerAccount: .budget(id),
                    kind: .adjust,
                    operation: operation,
                    at: now,
                    deltaPosted: amount,
                    cause: .manual,
                    detail: detail
                )
            )
        } else {
            // Without a limit there is nothing to take from.
            guard amount >= .zero else { throw StoreError.noBudget(member: member.name) }
            try open(
                Draft(
                    ledgerAccount: .budget(id),
                    kind: .open,
                    operation: operation,
                    at: now,
                    deltaPosted: amount,
                    detail: detail
                )
            )
            try sql.run("UPDATE member SET has_budget = 1 WHERE id = ?", .id(id))
            memory.members[id] = nil
        }
        try writeAudit(
            AuditRecord(
                actor: actor,
                verb: "member.budget",
                subject: member.name,
                detail: detail
            ),
            at: now
        )
    }
}

// MARK: - Keys

extension Books {
    func addMemberKey(
        _ key: MemberKey,
        overlapEnd: Timestamp,
        audit: AuditRecord,
        at now: Timestamp
    ) throws {
        let member = try member(key.memberID)
        if member.revokedAt != nil { throw StoreError.memberRevoked(member.name) }
        let known = try sql.first(
            "SELECT digest FROM member_key WHERE id = ? AND member_id = ?",
            .text(key.id),
            .id(key.memberID)
        ) { $0.blob(0) }
        if known == key.digest { return }
        try sql.run(
            """
            UPDATE member_key SET expires_at_ms = min(coalesce(expires_at_ms, ?2), ?2)
            WHERE member_id = ?1 AND id <> ?3 AND revoked_at_ms IS NULL
            """,
            .id(key.memberID),
            .time(overlapEnd),
            .text(key.id)
        )
        try insert(key)
        try writeAudit(audit, at: now)
    }

    func revokeMember(
        _ id: MemberID,
        key: String?,
        audit: AuditRecord,
        at now: Timestamp
    ) throws {
        if let key {
            let before = sql.totalChanges
            try sql.run(
                """
                UPDATE member_key SET revoked_at_ms = coalesce(revoked_at_ms, ?3)
                WHERE member_id = ?1 AND id = ?2
                """,
                .id(id),
                .text(key),
                .time(now)
            )
            guard sql.totalChanges > before else { throw StoreError.noSuch("key", key) }
        } else {
            try sql.run(
                """
                UPDATE member_key SET revoked_at_ms = ?2
                WHERE member_id = ?1 AND revoked_at_ms IS NULL
                """,
                .id(id),
                .time(now)
            )
            try sql.run(
                "UPDATE member SET revoked_at_ms = coalesce(revoked_at_ms, ?2) WHERE id = ?1",
                .id(id),
                .time(now)
            )
            memory.members[id] = nil
        }
        try writeAudit(audit, at: now)
    }

    private func insert(_ key: MemberKey) throws {
        try sql.run(
            """
            INSERT INTO member_key (id, member_id, digest, created_at_ms, expires_at_ms)
            VALUES (?, ?, ?, ?, ?)
            """,
            .text(key.id),
            .id(key.memberID),
            .blob(key.digest),
            .time(key.createdAt),
            .time(key.expiresAt)
        )
    }
}
