import PurserCore

// What a claim finds of submissions before it: a repeat, a key that is free again, an attempt that must not follow.

extension Books {
    enum Predecessor {
        case none
        case answers(SubmissionRecord)
        /// All its attempts were voided and it was given up without an answer: its key is free again.
        case releasesKey(SubmissionID)
    }

    func predecessor(of order: ClaimOrder) throws -> Predecessor {
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
    func checkIsOpen(_ order: ClaimOrder) throws {
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
    func repeatedClaim(_ order: ClaimOrder) throws -> Claim? {
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
}
