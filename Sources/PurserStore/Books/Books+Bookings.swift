import PurserCore

extension Books {
    private static let inferred = "inferred from balance"

    /// Writes one difference with its cause, on the account and on the member's budget.
    func book(
        _ booking: Booking,
        of account: AccountID,
        _ observed: Credits,
        _ operation: OperationID,
        deciding unknown: [Attempt],
        in state: ReconciliationState,
        at now: Timestamp
    ) throws {
        switch booking {
        case .refund(let refund):
            try bookRefund(refund, of: account, observed, operation, at: now)
        case .charge(let hold, let actual):
            let attempt = try attempt(of: hold, among: unknown)
            try resolve(attempt, .charge, actual, observed, operation, at: now)
        case .free(let hold):
            let attempt = try attempt(of: hold, among: unknown)
            let isSure = state.isSurelyFree(hold, at: observed)
            try resolve(attempt, .free, .zero, observed, operation, isSure: isSure, at: now)
        case .adjust(let amount, let cause):
            try append(
                Draft(
                    ledgerAccount: .credits(account),
                    kind: .adjust,
                    operation: operation,
                    at: now,
                    deltaPosted: amount,
                    observed: observed,
                    cause: cause,
                    detail: Self.inferred
                )
            )
        case .periodClose(let unused, let period):
            try append(
                Draft(
                    ledgerAccount: .credits(account),
                    kind: .periodClose,
                    operation: operation,
                    at: now,
                    deltaPosted: unused.negated,
                    observed: observed,
                    detail: "\(period) \(Self.inferred)"
                )
            )
        case .refill(let credits, let period):
            try append(
                Draft(
                    ledgerAccount: .credits(account),
                    kind: .refill,
                    operation: operation,
                    at: now,
                    deltaPosted: credits,
                    observed: observed,
                    detail: "\(period) \(Self.inferred)"
                )
            )
        }
    }

    private func attempt(of hold: OpenHold, among unknown: [Attempt]) throws -> Attempt {
        guard let attempt = unknown.first(where: { $0.hold == hold.sequence }) else {
            throw StoreError.damaged("no attempt belongs to hold \(hold.sequence)")
        }
        return attempt
    }

    /// An unknown that a reading decided: the submission is over.
    ///
    /// What was surely free may be asked for again; what was charged, or may have been in another's place, keeps its key,
    /// though there is no answer to repeat.
    func resolve(
        _ attempt: Attempt,
        _ kind: EntryKind,
        _ charged: Credits,
        _ observed: Credits,
        _ operation: OperationID,
        isSure: Bool = true,
        at now: Timestamp
    ) throws {
        try decide(
            attempt,
            kind,
            charged,
            operation,
            Self.inferred,
            observed: observed,
            at: now
        )
        if kind == .free, isSure { return try releaseKey(of: attempt.submissionID) }
        try sql.run(
            "UPDATE submission SET state = 'finished', price = ? WHERE id = ?",
            .credits(charged),
            .id(attempt.submissionID)
        )
    }

    private func bookRefund(
        _ refund: DueRefund,
        of account: AccountID,
        _ observed: Credits,
        _ operation: OperationID,
        at now: Timestamp
    ) throws {
        let found = try sql.first(JobRow.byID, .id(refund.jobID)) { row in
            (job: try JobRow.read(row), attempt: row.int(19))
        }
        guard let (job, attemptID) = found,
            let attempt = try sql.first(Attempt.byID, .int(attemptID), read: Attempt.read)
        else { throw StoreError.damaged("job \(refund.jobID) is gone") }
        try append(
            Draft(
                ledgerAccount: .credits(account),
                kind: .refund,
                operation: operation,
                at: now,
                deltaPosted: refund.amount,
                hold: refund.holdSequence,
                submission: job.submissionID,
                job: job.id,
                observed: observed,
                detail: Self.inferred
            )
        )
        if let hold = attempt.budgetHold {
            try append(
                Draft(
                    ledgerAccount: .budget(job.memberID),
                    kind: .refund,
                    operation: try derivedID(operation, "budget"),
                    at: now,
                    deltaPosted: refund.amount,
                    hold: hold,
                    submission: job.submissionID,
                    job: job.id,
                    detail: Self.inferred
                )
            )
        }
        try sql.run("UPDATE job SET refund = 'refunded' WHERE id = ?", .id(job.id))
        try addUsage(account, job.memberID, job.modelID, refunded: refund.amount, at: now)
    }
}
