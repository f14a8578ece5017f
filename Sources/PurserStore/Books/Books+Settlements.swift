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
        guard try end(attempt, as: settlement, at: now) else { return }
        if let observed = settlement.observed {
            try observeInPassing(observed, of: attempt, settlement, at: now)
        }
        try remember(settlement.mediaIDs, of: attempt.accountID, at: now)
        for rest in settlement.rests { try upsert(rest) }
        if let state = settlement.state { try write(state, of: attempt.accountID) }
        try updateSubmission(of: attempt, settlement)
        // An attempt without entries is seen by other processes through the revision alone.
        let hasEntries = attempt.hold > 0
        try hasEntries ? refreshCandidate(attempt.accountID) : bumpRevision(of: attempt.accountID)
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
            try bind(jobs, to: attempt)
        case (.settled(let charged, let jobs), .unknown):
            let late = "late: \(evidence)"
            try decide(attempt, .charge, charged, settlement.operation, late, at: now)
            try bind(jobs, to: attempt)
        case (.voided, .held):
            try decide(attempt, .void, .zero, settlement.operation, evidence, at: now)
        case (.voided, .unknown):
            let late = "late: \(evidence)"
            try decide(attempt, .free, .zero, settlement.operation, late, at: now)
        case (.unknown, .held):
            try markUnknown(attempt, settlement.operation, evidence, at: now)
        case (.settled(_, let jobs), .charged), (.settled(_, let jobs), .freed):
            // Decided without us: never a second debit, but the jobs must not be lost.
            try bind(jobs, to: attempt)
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
