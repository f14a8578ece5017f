import PurserCore

extension Books {
    func observe(
        _ account: AccountID,
        reading: CreditsReading,
        operation: OperationID,
        at now: Timestamp
    ) throws -> Reconciliation {
        let owner = try self.account(account)
        let ledgerAccount = LedgerAccountID.credits(account)
        let earlier = try entry(of: operation)
        if let earlier,
            earlier.ledgerAccount != ledgerAccount || earlier.observed != reading.credits
        {
            throw StoreError.operationReused(operation)
        }
        if let earlier { return try repeated(earlier, of: account, reading) }
        try judgeTier(reading, of: owner, at: now)
        try judgeCreditRests(of: account, reading.credits, at: now)
        try trustAgain(account)
        let undecided = try sql.all(Attempt.openOfAccount, .id(account), read: Attempt.read)
        guard try head(of: ledgerAccount) != nil else {
            try openAccount(with: reading.credits, ledgerAccount, operation, at: now)
            try freeWithoutEntries(undecided, reading.credits, operation, at: now)
            try refreshCandidate(account)
            return .opened(reading.credits)
        }
        let state = try reconciliationState(of: account, undecided, reading, at: now)
        let result = try state.judge(reading, at: now)
        try append(
            Draft(
                ledgerAccount: ledgerAccount,
                kind: .observe,
                operation: operation,
                at: now,
                observed: reading.credits,
                detail: "read from the service"
            )
        )
        if case .booked(let bookings) = result {
            for (index, booking) in bookings.enumerated() {
                let id = try derivedID(operation, "booking \(index)")
                try book(
                    booking,
                    of: account,
                    reading.credits,
                    id,
                    deciding: undecided,
                    in: state,
                    at: now
                )
            }
        }
        if undecided.allSatisfy({ $0.state == .unknown }) {
            try freeWithoutEntries(undecided, reading.credits, operation, at: now)
        }
        try note(result, of: owner, state, at: now)
        try refreshCandidate(account)
        return result
    }

    private func openAccount(
        with credits: Credits,
        _ ledgerAccount: LedgerAccountID,
        _ operation: OperationID,
        at now: Timestamp
    ) throws {
        try open(
            Draft(
                ledgerAccount: ledgerAccount,
                kind: .open,
                operation: operation,
                at: now,
                deltaPosted: credits,
                observed: credits,
                detail: "first reading from the service"
            )
        )
    }

    /// Keeps what the reading was off by, and whether the books were quiet; where they have not been for too long, the
    /// account takes no work for a moment.
    private func note(
        _ result: Reconciliation,
        of account: Account,
        _ state: ReconciliationState,
        at now: Timestamp
    ) throws {
        let lastQuiet = try sql.first(
            "SELECT quiet_at_ms FROM account WHERE id = ?",
            .id(account.id)
        ) { $0.optionalTime(0) }
        var drift: Credits?
        if case .outside(let excess) = result { drift = excess }
        try sql.run(
            "UPDATE account SET drift = ?, quiet_at_ms = coalesce(?, quiet_at_ms) WHERE id = ?",
            .credits(drift),
            state.isQuiet(at: now) ? .time(now) : .null,
            .id(account.id)
        )
        let since = (lastQuiet ?? nil) ?? account.createdAt
        if state.needsPause(after: result, lastQuiet: since, at: now) {
            try pauseForQuiet(of: account.id, at: now)
        }
    }

    /// Ends unknown work that costs nothing and was taken on before the first reading: no number will ever tell of it.
    private func freeWithoutEntries(
        _ undecided: [Attempt],
        _ observed: Credits,
        _ operation: OperationID,
        at now: Timestamp
    ) throws {
        for attempt in undecided where attempt.state == .unknown && attempt.hold == 0 {
            let id = try derivedID(operation, "free \(attempt.id)")
            try resolve(attempt, .free, .zero, observed, id, at: now)
        }
    }

    func reconciliationState(
        of account: AccountID,
        _ open: [Attempt],
        _ reading: CreditsReading,
        at now: Timestamp
    ) throws -> ReconciliationState {
        let settings = try self.account(account).settings
        guard let head = try head(of: .credits(account)) else {
            throw StoreError.damaged("the ledger account is gone")
        }
        let underWay = try open.filter { $0.state == .held }.map(\.price)
            .reduce(Credits.zero) { try $0.plus($1) }
        return ReconciliationState(
            balance: head.balance,
            unknown: open.filter { $0.state == .unknown && $0.hold > 0 }.map(\.openHold),
            underWay: underWay,
            refundsDue: try refundsDue(of: account),
            openJobs: try openJobs(of: account, at: now),
            recentlySettled: try recentlySettled(head, at: now),
            equalSince: try equalSince(head, reading.credits, at: now),
            monthlyCredits: settings.monthlyCredits,
            renewsOnDay: settings.renewsOnDay,
            period: try period(head, at: now),
            quietAfter: surroundings.options.quietAfter
        )
    }

    private func refundsDue(of account: AccountID) throws -> [DueRefund] {
        try sql.all(
            """
            SELECT j.id, t.hold_seq, j.refund_amount, j.refund_due_ms
            FROM job j INDEXED BY job_refund JOIN attempt t ON t.id = j.attempt_id
            WHERE j.account_id = ? AND j.refund = 'due' ORDER BY j.refund_due_ms, j.id
            """,
            .id(account)
        ) { row in
            DueRefund(
                jobID: try row.id(0),
                holdSequence: row.int(1),
                amount: try row.credits(2),
                dueSince: row.time(3)
            )
        }
    }

    /// Jobs whose end nobody has asked for yet; one that has not ended after a week is not waited for.
    private func openJobs(of account: AccountID, at now: Timestamp) throws -> Credits {
        try sql.first(
            """
            SELECT coalesce(sum(price), 0) FROM job INDEXED BY job_open
            WHERE account_id = ? AND ended_at_ms IS NULL AND created_at_ms > ?
            """,
            .id(account),
            .time(now - .seconds(7 * 86_400))
        ) { try $0.credits(0) } ?? .zero
    }

    /// What was settled so lately that the service's number may not show it yet.
    private func recentlySettled(_ head: Head, at now: Timestamp) throws -> Credits {
        let since = now - surroundings.options.quietAfter
        var sum = Credits.zero
        try sql.walk(
            """
            SELECT kind, d_posted, at_ms, observed FROM ledger_entry
            WHERE ledger_account = ? ORDER BY seq DESC
            """,
            [.int(head.row)]
        ) { row in
            guard row.time(2) > since else { return false }
            // A charge with a reading beside it was inferred from that reading.
            let kind = try row.name(0, of: EntryKind.self)
            if kind == .settle || (kind == .charge && row.isNull(3)) {
                sum = try sum.minus(try row.credits(1))
            }
            return true
        }
        return sum
    }

    /// Since when every reading equalled this one with nothing else in the books, as far as the rule asks.
    private func equalSince(
        _ head: Head,
        _ reading: Credits,
        at now: Timestamp
    ) throws -> Timestamp? {
        let enough = now - surroundings.options.quietAfter
        var since: Timestamp?
        try sql.walk(
            """
            SELECT kind, observed, at_ms FROM ledger_entry
            WHERE ledger_account = ? ORDER BY seq DESC
            """,
            [.int(head.row)]
        ) { row in
            let kind = try row.name(0, of: EntryKind.self)
            guard kind == .observe || kind == .open, row.optionalInt(1) == reading.amount else {
                return false
            }
            since = row.time(2)
            return row.time(2) > enough
        }
        return since
    }

    /// The last billing period that was booked, or the day on which the account was opened.
    private func period(_ head: Head, at now: Timestamp) throws -> CalendarDay {
        let refill = try sql.first(
            """
            SELECT substr(detail, 1, 10) FROM ledger_entry WHERE ledger_account = ?
                AND kind IN ('refill', 'period_close') AND kind = 'refill'
            ORDER BY substr(detail, 1, 10) DESC LIMIT 1
            """,
            .int(head.row)
        ) { CalendarDay($0.text(0)) }
        if let day = refill ?? nil { return day }
        let opened = try sql.first(
            "SELECT at_ms FROM ledger_entry WHERE ledger_account = ? AND seq = 1",
            .int(head.row)
        ) { CalendarDay($0.time(0)) }
        return opened ?? CalendarDay(now)
    }
}
