import PurserCore

extension Books {
    func claim(_ order: ClaimOrder, at now: Timestamp) throws -> ClaimResult {
        do {
            return try freshClaim(order, at: now)
        } catch {
            // Nothing has been written yet when the choice is refused or the operation id is taken.
            // Looking for a repeat only then keeps the common claim short.
            let mayBeRepeat =
                error is RoutingRefusal || error is StoreError
                || (error as? SQLiteFailure)?.isUniqueness == true
            if mayBeRepeat, let earlier = try repeatedClaim(order) { return .claimed(earlier) }
            throw error
        }
    }

    private func freshClaim(_ order: ClaimOrder, at now: Timestamp) throws -> ClaimResult {
        let predecessor = try predecessor(of: order)
        if case .answers(let record) = predecessor { return .repeated(record) }
        try checkIsOpen(order)
        let member = try member(order.memberID)
        if member.revokedAt != nil { throw StoreError.memberRevoked(member.name) }
        let allowance = try allowance(of: member, for: order.request, at: now)
        let request = try request(of: order, member, allowance)
        let decision = try choose(request, within: allowance, at: now)
        let elements = try elements(of: request, on: decision.account.tier)

        if case .releasesKey(let id) = predecessor { try releaseKey(of: id) }
        // First, so that a repeat fails before it has held anything.
        try writeSubmission(order, decision, elements, at: now)
        let hold = try hold(order, on: .credits(decision.account.id), decision.price, at: now)
        let budgetHold =
            member.hasBudget
            ? try holdBudget(order, decision.price, at: now) : nil
        try writeAttempt(order, decision, elements, hold: hold, budgetHold: budgetHold, at: now)
        let rests = memory.snapshot[decision.account.id]?.rests ?? []
        if hold == nil {
            // Without an entry, only the revision tells other processes.
            try bumpRevision(of: decision.account.id)
        } else {
            try noteClaim(on: decision.account.id, jobs: elements.count, now)
        }
        return .claimed(
            Claim(
                submissionID: order.submissionID,
                attempt: order.attempt,
                memberID: order.memberID,
                account: decision.account,
                holdSequence: hold ?? 0,
                budgetHoldSequence: budgetHold,
                price: decision.price,
                elements: elements,
                decision: decision.reason,
                earlierRests: rests,
                warnings: allowance.warnings(after: decision.price)
            )
        )
    }

    private func writeAttempt(
        _ order: ClaimOrder,
        _ decision: RoutingDecision,
        _ elements: [ClaimedElement],
        hold: Int64?,
        budgetHold: Int64?,
        at now: Timestamp
    ) throws {
        try registerInstance(at: now)
        try sql.run(
            """
            INSERT INTO attempt (submission_id, number, account_id, member_id, instance_id,
                hold_seq, budget_hold_seq, price, element_count, elements, decision, held_at_ms, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held')
            """,
            .id(order.submissionID),
            .int(order.attempt),
            .id(decision.account.id),
            .id(order.memberID),
            .id(surroundings.options.instance),
            .int(hold ?? 0),
            .int(budgetHold),
            .credits(decision.price),
            .int(elements.count),
            .text(ClaimedElement.text(elements)),
            .text(decision.reason),
            .time(now)
        )
    }

    /// Keeps the candidate true without reading it again.
    private func noteClaim(
        on id: AccountID,
        jobs: Int,
        _ now: Timestamp
    ) throws {
        guard var candidate = memory.snapshot[id] else { return }
        touched.insert(id)
        candidate.balance = try head(of: .credits(id))?.balance
        candidate.jobsInFlight += jobs
        candidate.lastUsed = sql.lastInsertedRow
        memory.snapshot.upsert(candidate, at: now)
    }
}

// MARK: - Parts of a claim

extension Books {
    private func writeSubmission(
        _ order: ClaimOrder,
        _ decision: RoutingDecision,
        _ elements: [ClaimedElement],
        at now: Timestamp
    ) throws {
        let keys = Lines.join(elements.map(\.modelKey))
        guard order.attempt > 1 else {
            return try sql.run(
                """
                INSERT INTO submission (id, member_id, idempotency_key, fingerprint, path,
                    created_at_ms, state, account_id, price, model_keys)
                VALUES (?, ?, ?, ?, ?, ?, 'under_way', ?, ?, ?)
                """,
                .id(order.submissionID),
                .id(order.memberID),
                .text(order.idempotencyKey),
                .blob(order.fingerprint),
                .text(order.path),
                .time(now),
                .id(decision.account.id),
                .credits(decision.price),
                .text(keys)
            )
        }
        try sql.run(
            "UPDATE submission SET account_id = ?, price = ?, model_keys = ? WHERE id = ?",
            .id(decision.account.id),
            .credits(decision.price),
            .text(keys),
            .id(order.submissionID)
        )
    }

    /// `nil` where the account's balance was never read, which only free work is routed to.
    private func hold(
        _ order: ClaimOrder,
        on ledgerAccount: LedgerAccountID,
        _ price: Credits,
        at now: Timestamp
    ) throws -> Int64? {
        guard try head(of: ledgerAccount) != nil else { return nil }
        return try append(
            Draft(
                ledgerAccount: ledgerAccount,
                kind: .hold,
                operation: order.operation,
                at: now,
                deltaHeld: price,
                submission: order.submissionID
            )
        )
    }

    private func holdBudget(
        _ order: ClaimOrder,
        _ price: Credits,
        at now: Timestamp
    ) throws -> Int64 {
        try append(
            Draft(
                ledgerAccount: .budget(order.memberID),
                kind: .hold,
                operation: try derivedID(order.operation, "budget"),
                at: now,
                deltaHeld: price,
                submission: order.submissionID
            )
        )
    }

    private func elements(of request: RouteRequest, on tier: Tier) throws -> [ClaimedElement] {
        try request.models.map { model in
            guard let offer = model.offers[tier], let price = offer.price else {
                throw StoreError.noSuch("model", "\(model.id)")
            }
            return ClaimedElement(modelID: model.id, modelKey: offer.key, price: price)
        }
    }

    /// Writes down which process holds, before its first hold is durable.
    private func registerInstance(at now: Timestamp) throws {
        guard !memory.isInstanceRegistered else { return }
        try surroundings.instance.hold()
        try sql.run(
            """
            INSERT INTO instance (id, started_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING
            """,
            .id(surroundings.options.instance),
            .time(now)
        )
        memory.isInstanceRegistered = true
    }
}
