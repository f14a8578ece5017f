package import PurserCore

// Each verb is one operation of the commit queue; what it does is in `Books`.

extension SQLiteStore {
    package func createVault(
        _ change: VaultChange,
        owner: Member,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write { books in
            guard change.baseSequence == nil else { throw StoreError.vaultMoved }
            try books.apply(change)
            var owner = owner
            owner.role = .owner
            try books.insert(owner)
            try books.writeAudit(
                AuditRecord(actor: actor, verb: "vault.create", subject: "vault"),
                at: now
            )
        }
    }

    package func applyVaultChange(
        _ change: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write { books in
            guard change.baseSequence != nil else { throw StoreError.vaultMoved }
            try books.apply(change)
            try books.writeAudit(audit, at: now)
        }
    }

    package func rotateVaultKey(
        _ change: VaultChange,
        resealing: Resealing,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws -> Int {
        try await write { books in
            guard change.baseSequence != nil else { throw StoreError.vaultMoved }
            return try books.rotateVaultKey(change, resealing, audit: audit, at: now)
        }
    }

    package func addAccounts(
        _ accounts: [NewAccount],
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write { books in
            try books.apply(vault)
            for new in accounts {
                try books.addAccount(new.account, opening: new.opening, by: actor, at: now)
            }
        }
    }

    package func updateAccount(
        _ id: AccountID,
        _ change: AccountChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write { try $0.updateAccount(id, change, audit: audit, at: now) }
    }

    package func markTokenDead(
        _ id: AccountID,
        version: UInt64,
        reason: String,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write {
            try $0.markTokenDead(id, version: version, reason: reason, by: actor, at: now)
        }
    }

    package func suspect(
        _ id: AccountID,
        _ state: AccountState,
        version: UInt64,
        by actor: Actor,
        at now: Timestamp
    ) async throws -> Bool {
        try await write { try $0.suspect(id, state, version: version, by: actor, at: now) }
    }

    package func placeCredential(
        _ id: AccountID,
        version: UInt64,
        expiresAt: Timestamp?,
        hasCommand: Bool,
        vault: VaultChange,
        audit: AuditRecord,
        at now: Timestamp
    ) async throws {
        try await write {
            try $0.placeCredential(
                id,
                version: version,
                expiresAt: expiresAt,
                hasCommand: hasCommand,
                vault: vault,
                audit: audit,
                at: now
            )
        }
    }

    package func removeAccount(
        _ id: AccountID,
        vault: VaultChange,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        try await write { try $0.removeAccount(id, vault: vault, by: actor, at: now) }
    }

    package func claim(_ order: ClaimOrder, at now: Timestamp) async throws -> ClaimResult {
        try await write { try $0.claim(order, at: now) }
    }

    package func claim(
        _ orders: [ClaimOrder],
        at now: Timestamp
    ) async -> [Result<ClaimResult, any Error>] {
        await queue.commit(each: orders.map { order in { try $0.claim(order, at: now) } })
    }

    package func predecessor(of order: ClaimOrder) async throws -> SubmissionRecord? {
        let surroundings = surroundings
        return try await read { sql in
            let memory = Memory(policy: surroundings.options.policy)
            let books = Books(sql: sql, memory: memory, surroundings: surroundings)
            guard case .answers(let record) = try books.predecessor(of: order) else { return nil }
            return record
        }
    }

    package func settle(
        _ claim: Claim,
        as settlement: Settlement,
        at now: Timestamp
    ) async throws {
        try await write { try $0.settle(claim, as: settlement, at: now) }
    }

    package func sweep(at now: Timestamp) async throws -> Int {
        try await write { try $0.sweep(at: now) }
    }

    package func recordJobs(
        _ readings: [JobUpdate],
        of account: AccountID,
        at now: Timestamp
    ) async throws {
        try await write { try $0.recordJobs(readings, of: account, at: now) }
    }

    package func pruneJobAnswers(endedBefore end: Timestamp) async throws -> Int {
        // Mostly there is nothing to prune: a reader's look costs no flush.
        guard try await read({ try JobAnswerRow.oldest(endedBefore: end, $0) }).isEmpty == false
        else { return 0 }
        return try await write { try $0.pruneJobAnswers(endedBefore: end) }
    }

    package func takeIn(
        _ refused: RefusedCall,
        of account: AccountID,
        at now: Timestamp
    ) async throws {
        try await write { try $0.takeIn(refused, of: account, at: now) }
    }

    package func observe(
        _ account: AccountID,
        reading: CreditsReading,
        operation: OperationID,
        at now: Timestamp
    ) async throws -> Reconciliation {
        try await write {
            try $0.observe(account, reading: reading, operation: operation, at: now)
        }
    }

    package func recordAudit(_ record: AuditRecord, at now: Timestamp) async throws {
        try await write { try $0.writeAudit(record, at: now) }
    }

    package func recordOpening(slot: String, by actor: Actor, at now: Timestamp) async throws {
        let opening = AuditRecord(actor: actor, verb: "vault.open", subject: slot)
        let day = CalendarDay(now)
        // Most find it written: a reader's look costs no flush.
        if try await read({ try opening.isWritten(on: day, $0) }) { return }
        try await write { books in
            if try !opening.isWritten(on: day, books.sql) {
                try books.writeAudit(opening, at: now)
            }
        }
    }
}
