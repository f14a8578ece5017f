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
        let request = try request(of: order, member)
        let decision = try choose(request, for: member, at: now)
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
                earlierRests: rests
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

// MARK: - Earlier submissions

extension Books {
    private enum Predecessor {
        case none
        case answers(SubmissionRecord)
        /// All its attempts were voided and it was given up without an answer: its key is free again.
        case releasesKey(SubmissionID)
    }

    private func predecessor(of order: ClaimOrder) throws -> Predecessor {
        guard let key = order.idempotencyKey else { return .none }
        let found = try sql.first(
            "SELECT id, fingerprint FROM submission WHERE member_id = ? AND idempotency_key = ?",
            .id(order.memberID),
            .text(key)
        ) { (id: try $0.id(0, of: Submission.self), fingerprint: $0.blob(1)) }
        guard let found, found.id != order.submissionID else { return .none }
        guard found.fingerprint == order.fingerprint else {
            throw StoreError.idempotencyConflict(key: key)
        }
        guard let record = try SubmissionRow.load(found.id, sql) else { return .none }
        guard record.state == .underWay else { return .answers(record) }
        let owner = try sql.first(
            "SELECT instance_id FROM attempt WHERE submission_id = ? AND state = 'held'",
            .id(found.id)
        ) { try $0.id(0, of: Instance.self) }
        guard let owner else { return .releasesKey(found.id) }
        if surroundings.instance.isAlive(owner) { throw StoreError.stillUnderWay(key: key) }
        // Its process is gone; `sweep` will write what is already true.
        return .answers(
            SubmissionRecord(
                id: record.id,
                state: .unknown,
                accountID: record.accountID,
                price: record.price,
                modelKeys: record.modelKeys,
                createdAt: record.createdAt,
                answer: nil
            )
        )
    }

    /// A further attempt is only for a submission that nobody has ended or taken over.
    private func checkIsOpen(_ order: ClaimOrder) throws {
        guard order.attempt > 1 else { return }
        guard try SubmissionRow.load(order.submissionID, sql)?.state == .underWay else {
            throw StoreError.stillUnderWay(key: order.idempotencyKey ?? "\(order.submissionID)")
        }
        guard try attempt(of: order) == nil else {
            throw StoreError.operationReused(order.operation)
        }
    }

    private func attempt(of order: ClaimOrder) throws -> Attempt? {
        try sql.first(
            Attempt.bySubmission,
            .id(order.submissionID),
            .int(order.attempt),
            read: Attempt.read
        )
    }

    /// A further attempt of the old submission is refused from here on, so only one can be charged.
    func releaseKey(of id: SubmissionID) throws {
        try sql.run(
            "UPDATE submission SET idempotency_key = NULL, state = 'finished' WHERE id = ?",
            .id(id)
        )
    }

    /// The claim that was taken under the same operation id before; an error if it was another one.
    ///
    /// One without a hold has no entry to carry the id: its submission and fingerprint name it.
    private func repeatedClaim(_ order: ClaimOrder) throws -> Claim? {
        let entry = try entry(of: order.operation)
        let attempt = try attempt(of: order)
        if entry == nil && attempt == nil { return nil }
        let fingerprint = try sql.first(
            "SELECT fingerprint FROM submission WHERE id = ? AND member_id = ?",
            .id(order.submissionID),
            .id(order.memberID)
        ) { $0.blob(0) }
        guard let attempt, fingerprint == order.fingerprint, entry?.sequence ?? 0 == attempt.hold,
            entry.map({ $0.kind == .hold && $0.ledgerAccount == .credits(attempt.accountID) })
                ?? true
        else { throw StoreError.operationReused(order.operation) }
        return Claim(
            submissionID: attempt.submissionID,
            attempt: attempt.number,
            memberID: attempt.memberID,
            account: try account(attempt.accountID),
            holdSequence: attempt.hold,
            budgetHoldSequence: attempt.budgetHold,
            price: attempt.price,
            elements: attempt.elements,
            decision: attempt.decision,
            earlierRests: memory.snapshot[attempt.accountID]?.rests ?? []
        )
    }

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
}

// MARK: - Parts of a claim

extension Books {
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

    /// What is asked for, with whose media it names and what the member may still spend.
    private func request(
        of order: ClaimOrder,
        _ member: Memory.MemberRow
    ) throws -> RouteRequest {
        var request = order.request
        if member.hasBudget {
            request = request.within(
                try head(of: .budget(order.memberID))?.balance.available ?? .zero
            )
        }
        guard !order.mediaIDs.isEmpty else { return request }
        return request.withMediaOwners(try MediaRow.owners(of: order.mediaIDs, sql))
    }

    /// Where the budget alone stands in the way the refusal is the member's, not the accounts'.
    private func choose(
        _ request: RouteRequest,
        for member: Memory.MemberRow,
        at now: Timestamp
    ) throws -> RoutingDecision {
        do {
            return try memory.snapshot.choose(request, at: now)
        } catch {
            guard let available = request.budget, let price = error.leastOverBudget else {
                throw error
            }
            throw StoreError.overBudget(member: member.name, available: available, price: price)
        }
    }

    func member(_ id: MemberID) throws -> Memory.MemberRow {
        if let member = memory.members[id] { return member }
        let member = try sql.first("SELECT name, has_budget FROM member WHERE id = ?", .id(id)) {
            Memory.MemberRow(name: $0.text(0), hasBudget: $0.bool(1))
        }
        guard let member else { throw StoreError.noSuch("member", "\(id)") }
        memory.members[id] = member
        return member
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
