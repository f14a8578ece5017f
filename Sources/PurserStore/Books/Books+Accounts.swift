import PurserCore

extension Books {
    func addAccount(
        _ account: Account,
        opening: Opening?,
        by actor: Actor,
        at now: Timestamp
    ) throws {
        try checkNameIsFree(account.name, except: account.id)
        let settings = account.settings
        memory.lastRevision += 1
        try sql.run(
            """
            INSERT INTO account (id, created_at_ms, name, tier, state, state_reason, project_id,
                max_in_flight, reserve, monthly_credits, renews_on_day, tags, credential_version,
                token_expires_at_ms, has_token_command, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .id(account.id),
            .time(account.createdAt),
            .text(account.name),
            .text(account.tier.rawValue),
            .text(account.state.name),
            .text(account.state.reason),
            .text(settings.projectID),
            .int(settings.maxInFlight),
            .credits(settings.reserve),
            .credits(settings.monthlyCredits),
            .int(settings.renewsOnDay.map(Int64.init)),
            .text(Lines.join(settings.tags)),
            .bits(account.credentialVersion),
            .time(account.tokenExpiresAt),
            .bool(account.tokenCommand != nil),
            .int(memory.lastRevision)
        )
        if let opening { try writeOpening(opening, of: account.id, at: now) }
        try writeAudit(
            AuditRecord(
                actor: actor,
                verb: "account.add",
                subject: account.name,
                detail: account.tier.rawValue
                    + (opening.map { ", \($0.credits) credits \($0.evidence)" } ?? "")
            ),
            at: now
        )
        try refreshCandidate(account.id)
    }

    private func writeOpening(_ opening: Opening, of id: AccountID, at now: Timestamp) throws {
        // What an operator told is believed but is no reading of the service.
        let isReading = opening.evidence.hasPrefix("read ")
        try open(
            Draft(
                ledgerAccount: .credits(id),
                kind: .open,
                operation: opening.operation,
                at: now,
                deltaPosted: opening.credits,
                observed: isReading ? opening.credits : nil,
                detail: opening.evidence
            )
        )
    }

    func updateAccount(
        _ id: AccountID,
        _ change: AccountChange,
        audit: AuditRecord,
        at now: Timestamp
    ) throws {
        let account = try account(id)
        if let name = change.name {
            try checkNameIsFree(name, except: id)
            try sql.run("UPDATE account SET name = ? WHERE id = ?", .text(name), .id(id))
        }
        if let tier = change.tier {
            try sql.run("UPDATE account SET tier = ? WHERE id = ?", .text(tier.rawValue), .id(id))
        }
        if let state = change.state {
            try check(state, for: account)
            try write(state, of: id)
        }
        if change.settings != SettingsChange() {
            // Applied here, where nobody else writes, to what is in place now.
            try write(change.settings.applied(to: account.settings), of: id)
        }
        if let command = change.tokenCommand {
            try sql.run(
                """
                UPDATE account SET token_command_failures = ?, token_command_after_ms = ?
                WHERE id = ? AND has_token_command = 1
                """,
                .int(command.failures),
                .time(command.notBefore),
                .id(id)
            )
        }
        try writeAudit(audit, at: now)
        try bumpRevision(of: id)
    }

    private func write(_ settings: AccountSettings, of id: AccountID) throws {
        try sql.run(
            """
            UPDATE account SET project_id = ?, max_in_flight = ?, reserve = ?,
                monthly_credits = ?, renews_on_day = ?, tags = ? WHERE id = ?
            """,
            .text(settings.projectID),
            .int(settings.maxInFlight),
            .credits(settings.reserve),
            .credits(settings.monthlyCredits),
            .int(settings.renewsOnDay.map(Int64.init)),
            .text(Lines.join(settings.tags)),
            .id(id)
        )
    }

    private func check(_ state: AccountState, for account: Account) throws {
        guard case .needsRotation = account.state else { return }
        if case .needsRotation = state { return }
        throw StoreError.needsRotation(name: account.name)
    }

    func placeCredential(
        _ id: AccountID,
        version: UInt64,
        expiresAt: Timestamp?,
        hasCommand: Bool,
        vault: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) throws {
        _ = try account(id)
        try apply(vault)
        try sql.run(
            """
            UPDATE account SET credential_version = ?, token_expires_at_ms = ?,
                has_token_command = ?, token_command_failures = 0, token_command_after_ms = NULL,
                state_reason = iif(state = 'needs_rotation', '', state_reason),
                state = iif(state = 'needs_rotation', 'enabled', state)
            WHERE id = ?
            """,
            .bits(version),
            .time(expiresAt),
            .bool(hasCommand),
            .id(id)
        )
        try writeAudit(audit, at: now)
        try bumpRevision(of: id)
    }

    func removeAccount(
        _ id: AccountID,
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) throws {
        let name = try account(id).name
        let holds = try sql.all(Attempt.openOfAccount, .id(id), read: Attempt.read)
        if !holds.isEmpty { throw StoreError.accountBusy(name: name, what: "holds not decided") }
        let jobs = try sql.first(
            """
            SELECT count(*) FROM job INDEXED BY job_open
            WHERE account_id = ? AND ended_at_ms IS NULL AND state <> 'LOST'
            """,
            .id(id)
        ) { $0.int(0) }
        if jobs != 0 { throw StoreError.accountBusy(name: name, what: "jobs under way") }
        let due = try sql.first(
            "SELECT count(*) FROM job INDEXED BY job_refund WHERE account_id = ? AND refund = 'due'",
            .id(id)
        ) { $0.int(0) }
        if due != 0 { throw StoreError.accountBusy(name: name, what: "refunds due") }
        try apply(vault)
        try sql.run(
            "UPDATE account SET removed_at_ms = ? WHERE id = ?",
            .time(now),
            .id(id)
        )
        try writeAudit(
            AuditRecord(actor: actor, verb: "account.remove", subject: name),
            at: now
        )
        try bumpRevision(of: id)
    }

    private func checkNameIsFree(_ name: String, except id: AccountID) throws {
        let taken = try sql.first(
            "SELECT 1 FROM account WHERE name = ? AND removed_at_ms IS NULL AND id <> ?",
            .text(name),
            .id(id)
        ) { _ in true }
        if taken == true { throw StoreError.nameTaken(name) }
    }
}
