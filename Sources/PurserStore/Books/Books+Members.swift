import PurserCore

extension Books {
    func addMember(
        _ member: Member,
        budget: Credits?,
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
        try writeAudit(
            AuditRecord(
                actor: actor,
                verb: "member.add",
                subject: member.name,
                detail: budget.map { "budget \($0)" } ?? "no budget"
            ),
            at: now
        )
    }

    func insert(_ member: Member) throws {
        try sql.run(
            "INSERT INTO member (id, name, created_at_ms, has_budget) VALUES (?, ?, ?, ?)",
            .id(member.id),
            .text(member.name),
            .time(member.createdAt),
            .bool(member.hasBudget)
        )
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
