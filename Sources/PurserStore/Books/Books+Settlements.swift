import PurserCore

extension Books {
    func settle(_ claim: Claim, as settlement: Settlement, at now: Timestamp) throws {
        let attempt = try sql.first(
            Attempt.bySubmission,
            .id(claim.submissionID),
            .int(claim.attempt),
            read: Attempt.read
        )
        guard let attempt, attempt.accountID == claim.account.id else {
            throw StoreError.noSuch("submission", "\(claim.submissionID)")
        }
        if attempt.state != .held, try isTakenIn(settlement, of: attempt) { return }
        if let answer = settlement.answer { try checkEpoch(answer.epoch) }
        let ledgerAccount = LedgerAccountID.credits(attempt.accountID)
        let before = try head(of: ledgerAccount)?.sequence
        guard try endOnce(attempt, as: settlement, at: now) else { return }
        if let observed = settlement.observed {
            try observeInPassing(observed, of: attempt, settlement, at: now)
        }
        try remember(settlement.mediaIDs, of: attempt.accountID, at: now)
        let isForAll = settlement.restsEveryAccount
        try start(settlement.rests, everywhere: isForAll, begun: attempt.heldAt)
        // An account that was removed meanwhile has no state to change.
        if let state = settlement.state, let account = memory.snapshot[attempt.accountID]?.account {
            let version = settlement.credentialVersion ?? claim.account.credentialVersion
            try take(state, from: account, version: version, at: now)
        }
        if settlement.doubtsTier { try doubtTier(of: attempt.accountID, at: now) }
        if case .settled = settlement.ending { try noteSuccess(of: attempt, at: now) }
        try updateSubmission(of: attempt, settlement)
        // Without an entry, only the revision tells other processes.
        let hasEntry = try head(of: ledgerAccount)?.sequence != before
        try hasEntry ? refreshCandidate(attempt.accountID) : bumpRevision(of: attempt.accountID)
    }

    /// Whether this very settlement is in the books already; an error if its operation id names another write.
    private func isTakenIn(_ settlement: Settlement, of attempt: Attempt) throws -> Bool {
        if let entry = try entry(of: settlement.operation) {
            guard entry.ledgerAccount == .credits(attempt.accountID),
                entry.holdSequence == attempt.hold, settlement.ending.isTold(by: entry)
            else { throw StoreError.operationReused(settlement.operation) }
            return true
        }
        // One that came after a reading had decided wrote no ending: what it left elsewhere tells.
        guard case .settled(_, let jobs) = settlement.ending,
            attempt.state == .charged || attempt.state == .freed
        else { return false }
        let observation = try derivedID(settlement.operation, "observe")
        if settlement.observed != nil, try entry(of: observation) != nil { return true }
        if !jobs.isEmpty {
            return try jobs.allSatisfy { try JobRow.attempt(of: $0, sql) == attempt.id }
        }
        return try isToldInAudit(attempt)
    }

    /// Whether the audit trail has its late settlement: from the newest line back to when it was held.
    private func isToldInAudit(_ attempt: Attempt) throws -> Bool {
        var isTold = false
        try sql.walk("SELECT at_ms, verb, subject FROM audit_entry ORDER BY seq DESC", []) { row in
            guard attempt.heldAt <= row.time(0) else { return false }
            isTold =
                row.text(1) == "ledger.late_settlement" && row.text(2) == "\(attempt.submissionID)"
            return !isTold
        }
        return isTold
    }

    private func endOnce(
        _ attempt: Attempt,
        as settlement: Settlement,
        at now: Timestamp
    ) throws -> Bool {
        do {
            return try end(attempt, as: settlement, at: now)
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            guard try entry(of: settlement.operation) == nil else {
                throw StoreError.operationReused(settlement.operation)
            }
            throw failure
        }
    }

    /// Writes the terminal entries; false when this ending is in the books already.
    private func end(
        _ attempt: Attempt,
        as settlement: Settlement,
        at now: Timestamp
    ) throws -> Bool {
        let evidence = settlement.evidence.isEmpty ? "no evidence told" : settlement.evidence
        switch (settlement.ending, attempt.state) {
        case (.settled(let charged, let jobs), .held):
            try decide(attempt, .settle, charged, settlement.operation, evidence, at: now)
            try bind(jobs, to: attempt, at: now)
        case (.settled(let charged, let jobs), .unknown):
            let late = "late: \(evidence)"
            try decide(attempt, .charge, charged, settlement.operation, late, at: now)
            try bind(jobs, to: attempt, at: now)
        case (.voided, .held):
            try decide(attempt, .void, .zero, settlement.operation, evidence, at: now)
        case (.voided, .unknown):
            let late = "late: \(evidence)"
            try decide(attempt, .free, .zero, settlement.operation, late, at: now)
        case (.unknown, .held):
            try markUnknown(attempt, settlement.operation, evidence, at: now)
        case (.settled(_, let jobs), .charged), (.settled(_, let jobs), .freed):
            // Decided without us: never a second debit, but the jobs must not be lost.
            try bind(jobs, to: attempt, at: now)
            guard attempt.state == .freed else { return true }
            try writeAudit(
                AuditRecord(
                    actor: Actor("ledger"),
                    verb: "ledger.late_settlement",
                    subject: "\(attempt.submissionID)",
                    detail: "accepted after its hold had been freed: \(evidence)"
                ),
                at: now
            )
        case (.settled, .settled), (.voided, .voided), (.voided, .freed), (.unknown, .unknown),
            (.unknown, .charged), (.unknown, .freed):
            return false
        case (.settled, .voided), (.voided, .settled), (.voided, .charged), (.unknown, .settled),
            (.unknown, .voided):
            throw StoreError.operationReused(settlement.operation)
        }
        return true
    }

    /// Ends a hold on the account and on the member's budget, and keeps the sums.
    func decide(
        _ attempt: Attempt,
        _ kind: EntryKind,
        _ charged: Credits,
        _ operation: OperationID,
        _ evidence: String,
        observed: Credits? = nil,
        at now: Timestamp
    ) throws {
        guard charged >= .zero else { throw CreditsOutOfRange() }
        try appendDecision(attempt, kind, charged, operation, evidence, observed: observed, at: now)
        let state: Attempt.State =
            switch kind {
            case .settle: .settled
            case .void: .voided
            case .charge: .charged
            default: .freed
            }
        try sql.run(
            "UPDATE attempt SET state = ?, charged = ? WHERE id = ?",
            .text(state.rawValue),
            .credits(charged),
            .int(attempt.id)
        )
        if kind == .settle || kind == .charge {
            try countUsage(of: attempt, charged: charged, at: now)
        }
    }

    private func appendDecision(
        _ attempt: Attempt,
        _ kind: EntryKind,
        _ charged: Credits,
        _ operation: OperationID,
        _ evidence: String,
        observed: Credits?,
        at now: Timestamp
    ) throws {
        if attempt.hold > 0 {
            try append(
                Draft(
                    ledgerAccount: .credits(attempt.accountID),
                    kind: kind,
                    operation: operation,
                    at: now,
                    deltaPosted: charged.negated,
                    deltaHeld: attempt.price.negated,
                    hold: attempt.hold,
                    submission: attempt.submissionID,
                    observed: observed,
                    detail: evidence
                )
            )
        } else if charged != .zero {
            throw StoreError.damaged("a charge on an account whose balance was never read")
        }
        if let hold = attempt.budgetHold {
            try append(
                Draft(
                    ledgerAccount: .budget(attempt.memberID),
                    kind: kind,
                    operation: try derivedID(operation, "budget"),
                    at: now,
                    deltaPosted: charged.negated,
                    deltaHeld: attempt.price.negated,
                    hold: hold,
                    submission: attempt.submissionID,
                    detail: evidence
                )
            )
        }
    }

    /// Notes that nobody knows what became of an attempt; its hold stays.
    func markUnknown(
        _ attempt: Attempt,
        _ operation: OperationID,
        _ evidence: String,
        at now: Timestamp
    ) throws {
        if attempt.hold > 0 {
            try append(
                Draft(
                    ledgerAccount: .credits(attempt.accountID),
                    kind: .unknown,
                    operation: operation,
                    at: now,
                    hold: attempt.hold,
                    submission: attempt.submissionID,
                    detail: evidence
                )
            )
        }
        if let hold = attempt.budgetHold {
            try append(
                Draft(
                    ledgerAccount: .budget(attempt.memberID),
                    kind: .unknown,
                    operation: try derivedID(operation, "budget"),
                    at: now,
                    hold: hold,
                    submission: attempt.submissionID,
                    detail: evidence
                )
            )
        }
        try sql.run(
            "UPDATE attempt SET state = 'unknown', unknown_since_ms = ? WHERE id = ?",
            .time(now),
            .int(attempt.id)
        )
        try sql.run(
            "UPDATE submission SET state = 'unknown' WHERE id = ? AND state = 'under_way'",
            .id(attempt.submissionID)
        )
    }
}

extension Settlement.Ending {
    /// Whether `entry` is what this ending writes.
    fileprivate func isTold(by entry: LedgerEntry) -> Bool {
        switch (self, entry.kind) {
        case (.settled(let charged, _), .settle), (.settled(let charged, _), .charge):
            entry.deltaPosted == charged.negated
        case (.voided, .void), (.voided, .free), (.unknown, .unknown): true
        default: false
        }
    }
}
