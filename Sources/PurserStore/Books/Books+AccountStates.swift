import PurserCore

extension Books {
    /// `paused`: when the service's word paused it, where that is why.
    func write(
        _ state: AccountState,
        of id: AccountID,
        pausedByService paused: Timestamp? = nil
    ) throws {
        try sql.run(
            "UPDATE account SET state = ?, state_reason = ?, paused_by_service_ms = ? WHERE id = ?",
            .text(state.name),
            .text(state.reason),
            .time(paused),
            .id(id)
        )
    }

    /// Takes the account out of use if it is in use with that very token; otherwise does nothing.
    func markTokenDead(
        _ id: AccountID,
        version: UInt64,
        reason: String,
        by actor: Actor,
        at now: Timestamp
    ) throws {
        let account = try account(id)
        guard account.state == .enabled, account.credentialVersion == version else { return }
        try write(.needsRotation(reason: reason), of: id)
        try writeAudit(
            AuditRecord(
                actor: actor,
                verb: "account.token_dead",
                subject: account.name,
                detail: reason
            ),
            at: now
        )
        try bumpRevision(of: id)
    }

    /// What an answer says of the account: it may take it out of use, never back into use.
    ///
    /// `version`: the credential that was answered.
    func take(
        _ state: AccountState,
        from account: Account,
        version: UInt64,
        by actor: Actor = .service,
        at now: Timestamp
    ) throws {
        switch (state, account.state) {
        case (.needsRotation(let reason), _):
            try markTokenDead(account.id, version: version, reason: reason, by: actor, at: now)
        case (.paused, .paused), (.enabled, _): break
        case (.paused(let reason), _):
            try write(state, of: account.id, pausedByService: now)
            try writeAudit(
                AuditRecord(
                    actor: actor,
                    verb: "account.pause",
                    subject: account.name,
                    detail: reason
                ),
                at: now
            )
            try bumpRevision(of: account.id)
        }
    }
}
