import PurserCore

extension Books {
    /// `everywhere`: the rests hold for all models of every account, not for their own alone, and end in waves.
    ///
    /// `begun`: when the work was begun that was refused. Of many refusals at once that concern everybody the first says
    /// it all: the others were under way before anybody rested, and write nothing unless the service asks for longer.
    func start(_ rests: [Rest], everywhere: Bool, begun: Timestamp) throws {
        guard everywhere else {
            for rest in rests { try upsert(rest) }
            return
        }
        // Those that may work come back before those that may not.
        let accounts = try sql.all(
            """
            SELECT id, tier FROM account WHERE removed_at_ms IS NULL
            ORDER BY state <> 'enabled', name
            """
        ) { (id: try $0.id(0, of: Account.self), tier: $0.text(1)) }
        var places: [String: Int] = [:]
        for (id, tier) in accounts {
            let place = places[tier, default: 0]
            places[tier] = place + 1
            for rest in rests {
                let own = Rest(
                    accountID: id,
                    modelID: nil,
                    until: rest.until + RestRule.delay(ofPlace: place),
                    reason: rest.reason,
                    strikes: rest.strikes,
                    since: rest.since
                )
                if !isCovered(own, begun: begun) { try upsert(own) }
            }
        }
    }

    /// Whether the account rests for that reason anyway: as long, or since after the refused work was begun.
    private func isCovered(_ rest: Rest, begun: Timestamp) -> Bool {
        resting(rest.accountID, rest.reason, at: rest.since).contains { held in
            held.modelID == nil
                && (begun <= held.since && rest.until - rest.since <= held.until - held.since
                    || rest.until <= held.until && rest.strikes <= held.strikes)
        }
    }

    /// A rest that is longer already stays so, and one that holds loses no strike.
    private func upsert(_ rest: Rest) throws {
        try sql.run(
            """
            INSERT INTO rest (account_id, model_id, reason, until_ms, strikes, since_ms, price)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET until_ms = max(until_ms, ?4),
                strikes = iif(until_ms > ?6, max(strikes, ?5), ?5),
                since_ms = ?6, price = ?7, successes = 0
            """,
            .id(rest.accountID),
            .text(rest.modelID?.rawValue ?? ""),
            .text(rest.reason.rawValue),
            .time(rest.until),
            .int(rest.strikes),
            .time(rest.since),
            .credits(rest.price)
        )
        guard memory.snapshot[rest.accountID] != nil else { return }
        try bumpRevision(of: rest.accountID)
    }

    /// Counts work that was accepted and had been claimed after the rests ended.
    func noteSuccess(of attempt: Attempt, at now: Timestamp) throws {
        guard let candidate = memory.snapshot[attempt.accountID] else { return }
        for rest in candidate.rests where rest.until <= attempt.heldAt {
            guard let width = rest.width(at: now), width < candidate.account.settings.maxInFlight
            else { continue }
            try sql.run(
                """
                UPDATE rest SET successes = successes + 1
                WHERE account_id = ? AND model_id = '' AND reason = ?
                """,
                .id(attempt.accountID),
                .text(rest.reason.rawValue)
            )
        }
    }

    /// A place among the service's jobs is free again.
    func endConcurrencyRest(of account: AccountID, at now: Timestamp) throws {
        try endRests(of: account, .concurrencyLimit, at: now) { _ in true }
    }

    /// A reading of what the work costs ends a rest for lack of credits; one below it makes the rest last.
    ///
    /// A number that was read at once after the refusal may be the old one, which the service has just contradicted.
    func judgeCreditRests(of account: AccountID, _ reading: Credits, at now: Timestamp) throws {
        try endRests(of: account, .outOfCredits, at: now) {
            $0.price <= reading && now - $0.since >= RestRule.doubt
        }
        for rest in resting(account, .outOfCredits, at: now) where rest.price > reading {
            try sql.run(
                """
                UPDATE rest SET until_ms = max(until_ms, ?)
                WHERE account_id = ? AND model_id = '' AND reason = ?
                """,
                .time(now + RestRule.outOfCredits),
                .id(account),
                .text(rest.reason.rawValue)
            )
        }
    }

    /// Keeps new work from an account until its books have come to a quiet point.
    func pauseForQuiet(of account: AccountID, at now: Timestamp) throws {
        let isRecent = memory.snapshot[account]?.rests.contains {
            $0.reason == .quietPoint && now - $0.until < Self.betweenPauses
        }
        guard isRecent != true else { return }
        // Long enough for two readings that lie `quietAfter` apart, after what is under way has settled.
        let rest = Rest(
            accountID: account,
            modelID: nil,
            until: now + surroundings.options.quietAfter * 3,
            reason: .quietPoint,
            strikes: 1,
            since: now
        )
        try start([rest], everywhere: false, begun: now)
    }

    /// A pause in which what was under way took too long is not followed by another at once.
    private static let betweenPauses = Duration.seconds(3600)

    private func endRests(
        of account: AccountID,
        _ reason: RestReason,
        at now: Timestamp,
        where isOver: (Rest) -> Bool
    ) throws {
        for rest in resting(account, reason, at: now) where isOver(rest) {
            try sql.run(
                "UPDATE rest SET until_ms = ? WHERE account_id = ? AND model_id = '' AND reason = ?",
                .time(now),
                .id(account),
                .text(reason.rawValue)
            )
            try refreshCandidate(account)
        }
    }

    private func resting(_ account: AccountID, _ reason: RestReason, at now: Timestamp) -> [Rest] {
        (memory.snapshot[account]?.rests ?? []).filter { $0.reason == reason && now < $0.until }
    }
}
