import PurserCore

// A reading that is told twice under one operation id.

extension Books {
    /// What came of the reading whose entry is `earlier`, from what was written then.
    func repeated(
        _ earlier: LedgerEntry,
        of account: AccountID,
        _ reading: CreditsReading
    ) throws -> Reconciliation {
        if earlier.kind == .open { return .opened(reading.credits) }
        let bookings = try bookings(under: earlier.operationID, of: account)
        if !bookings.isEmpty { return .booked(bookings) }
        let undecided = try sql.all(Attempt.openOfAccount, .id(account), read: Attempt.read)
        let state = try reconciliationState(of: account, undecided, reading, at: earlier.at)
        let result = try state.judge(reading, at: earlier.at)
        guard case .booked = result else { return result }
        // It would decide something now, but it did not: the next reading will.
        let difference = try reading.credits.minus(earlier.posted)
        return .waits(difference: difference, again: earlier.at)
    }

    private func bookings(under operation: OperationID, of account: AccountID) throws -> [Booking] {
        var bookings: [Booking] = []
        while let entry = try entry(of: derivedID(operation, "booking \(bookings.count)")) {
            bookings.append(try booking(told: entry, of: account))
        }
        return bookings
    }

    private func booking(told entry: LedgerEntry, of account: AccountID) throws -> Booking {
        let period = CalendarDay(String(entry.detail.prefix(10)))
        switch entry.kind {
        case .charge:
            return .charge(try hold(ended: entry, account), actual: entry.deltaPosted.negated)
        case .free: return .free(try hold(ended: entry, account))
        case .refund: return .refund(try dueRefund(told: entry))
        case .adjust:
            if let cause = entry.cause { return .adjust(entry.deltaPosted, cause) }
        case .periodClose:
            if let period { return .periodClose(unused: entry.deltaPosted.negated, period: period) }
        case .refill:
            if let period { return .refill(entry.deltaPosted, period: period) }
        default: break
        }
        throw StoreError.damaged("entry #\(entry.sequence) books nothing that a reading shows")
    }

    private func hold(ended entry: LedgerEntry, _ account: AccountID) throws -> OpenHold {
        let attempt = try sql.first(
            Attempt.byHold,
            .id(entry.submissionID),
            .id(account),
            .int(entry.holdSequence),
            read: Attempt.read
        )
        guard let attempt else {
            throw StoreError.damaged("no attempt belongs to entry #\(entry.sequence)")
        }
        return attempt.openHold
    }

    private func dueRefund(told entry: LedgerEntry) throws -> DueRefund {
        guard let job = entry.jobID, let hold = entry.holdSequence,
            let due = try sql.first(
                "SELECT refund_due_ms FROM job WHERE id = ?",
                .id(job),
                read: { $0.time(0) }
            )
        else { throw StoreError.damaged("the job of entry #\(entry.sequence) is gone") }
        return DueRefund(jobID: job, holdSequence: hold, amount: entry.deltaPosted, dueSince: due)
    }
}
