import PurserCore

/// Accounts as routing sees them, read from the tables.
///
/// Left to itself SQLite counts open jobs along all jobs that the account ever had, and each settlement would be slower than
/// the one before: so the index is named. A lost job holds no slot.
enum Candidates {
    static let one: StaticString = """
        SELECT a.id, a.created_at_ms, a.name, a.tier, a.state, a.state_reason, a.project_id,
            a.max_in_flight, a.reserve, a.monthly_credits, a.renews_on_day, a.tags,
            a.credential_version, a.token_expires_at_ms, h.posted, h.held,
            (SELECT coalesce(sum(t.element_count), 0) FROM attempt t
                WHERE t.account_id = a.id AND t.state IN ('held', 'unknown'))
            + (SELECT count(*) FROM job j INDEXED BY job_open
                WHERE j.account_id = a.id AND j.ended_at_ms IS NULL AND j.state <> 'LOST'),
            (SELECT max(t.id) FROM attempt t WHERE t.account_id = a.id), a.drift,
            a.token_exposed_at_ms,
            a.has_token_command, a.token_command_failures, a.token_command_after_ms
        FROM account a
        LEFT JOIN ledger_account l ON l.owner = a.id AND l.kind = 'credits'
        LEFT JOIN ledger_head h ON h.ledger_account = l.id
        WHERE a.removed_at_ms IS NULL AND a.id = ?
        """
    static let all: StaticString = """
        SELECT a.id, a.created_at_ms, a.name, a.tier, a.state, a.state_reason, a.project_id,
            a.max_in_flight, a.reserve, a.monthly_credits, a.renews_on_day, a.tags,
            a.credential_version, a.token_expires_at_ms, h.posted, h.held,
            (SELECT coalesce(sum(t.element_count), 0) FROM attempt t
                WHERE t.account_id = a.id AND t.state IN ('held', 'unknown'))
            + (SELECT count(*) FROM job j INDEXED BY job_open
                WHERE j.account_id = a.id AND j.ended_at_ms IS NULL AND j.state <> 'LOST'),
            (SELECT max(t.id) FROM attempt t WHERE t.account_id = a.id), a.drift,
            a.token_exposed_at_ms,
            a.has_token_command, a.token_command_failures, a.token_command_after_ms
        FROM account a
        LEFT JOIN ledger_account l ON l.owner = a.id AND l.kind = 'credits'
        LEFT JOIN ledger_head h ON h.ledger_account = l.id
        WHERE a.removed_at_ms IS NULL ORDER BY a.name
        """

    /// Every account that was not removed, in order of name, with what its last reading was off by.
    static func load(_ sql: Connection) throws -> [(candidate: Candidate, drift: Credits?)] {
        var rests: [AccountID: [Rest]] = [:]
        try sql.walk(
            """
            SELECT account_id, model_id, until_ms, reason, strikes, since_ms, price, successes
            FROM rest ORDER BY until_ms
            """,
            []
        ) { row in
            let rest = try readRest(row)
            rests[rest.accountID, default: []].append(rest)
            return true
        }
        return try sql.all(all) { row in
            var candidate = try read(row)
            candidate.rests = rests[candidate.account.id] ?? []
            return (candidate, try row.optionalCredits(18))
        }
    }

    static func load(_ id: AccountID, _ sql: Connection) throws -> Candidate? {
        guard var candidate = try sql.first(one, .id(id), read: read) else { return nil }
        candidate.rests = try sql.all(
            """
            SELECT account_id, model_id, until_ms, reason, strikes, since_ms, price, successes
            FROM rest WHERE account_id = ? ORDER BY until_ms
            """,
            .id(id),
            read: readRest
        )
        return candidate
    }

    /// Accounts that were removed, the latest first.
    static func removed(_ sql: Connection) throws -> [Account] {
        try sql.all(
            """
            SELECT id, created_at_ms, name, tier, state, state_reason, project_id, max_in_flight,
                reserve, monthly_credits, renews_on_day, tags, credential_version,
                token_expires_at_ms, token_exposed_at_ms
            FROM account WHERE removed_at_ms IS NOT NULL ORDER BY removed_at_ms DESC
            """,
            read: { try readAccount($0, exposure: 14) }
        )
    }

    private static func readRest(_ row: Row) throws -> Rest {
        let model = row.text(1)
        return Rest(
            accountID: try row.id(0),
            modelID: model.isEmpty ? nil : ModelID(model),
            until: row.time(2),
            reason: try row.name(3),
            strikes: Int(row.int(4)),
            since: row.time(5),
            price: try row.credits(6),
            successes: Int(row.int(7))
        )
    }

    private static func read(_ row: Row) throws -> Candidate {
        let balance =
            row.isNull(14)
            ? nil : Balance(posted: try row.credits(14), held: try row.credits(15))
        var account = try readAccount(row, exposure: 19)
        if row.bool(20) {
            account.tokenCommand = TokenCommand(
                failures: Int(row.int(21)),
                notBefore: row.optionalTime(22)
            )
        }
        return Candidate(
            account: account,
            balance: balance,
            jobsInFlight: Int(row.int(16)),
            lastUsed: row.int(17)
        )
    }

    /// Columns 0 to 13, and since when the token is exposed.
    private static func readAccount(_ row: Row, exposure: Int32) throws -> Account {
        let settings = AccountSettings(
            projectID: row.optionalText(6),
            maxInFlight: Int(row.int(7)),
            reserve: try row.credits(8),
            monthlyCredits: try row.optionalCredits(9),
            renewsOnDay: row.optionalInt(10).map(Int.init),
            tags: Lines.split(row.text(11))
        )
        return Account(
            id: try row.id(0),
            createdAt: row.time(1),
            name: row.text(2),
            tier: try row.name(3),
            state: try state(row.text(4), reason: row.text(5)),
            settings: settings,
            credentialVersion: row.bits(12),
            tokenExpiresAt: row.optionalTime(13),
            tokenExposedAt: row.optionalTime(exposure)
        )
    }

    static func state(_ name: String, reason: String) throws -> AccountState {
        switch name {
        case "enabled": .enabled
        case "paused": .paused(reason: reason)
        case "needs_rotation": .needsRotation(reason: reason)
        default: throw StoreError.damaged("'\(name)' is no state of an account")
        }
    }
}

extension AccountState {
    /// The column `state`.
    var name: String {
        switch self {
        case .enabled: "enabled"
        case .paused: "paused"
        case .needsRotation: "needs_rotation"
        }
    }

    /// The column `state_reason`.
    var reason: String {
        switch self {
        case .enabled: ""
        case .paused(let reason), .needsRotation(let reason): reason
        }
    }
}

extension Books {
    func loadAllCandidates() throws {
        memory.snapshot = RoutingSnapshot(policy: surroundings.options.policy)
        memory.demandDay = nil
        for (candidate, _) in try Candidates.load(sql) {
            memory.snapshot.upsert(candidate, at: candidate.account.createdAt)
        }
    }

    /// Reads one account again, after a change that this transaction or another made.
    func refreshCandidate(_ id: AccountID) throws {
        touched.insert(id)
        if let candidate = try Candidates.load(id, sql) {
            memory.snapshot.upsert(candidate, at: candidate.account.createdAt)
        } else {
            memory.snapshot.remove(id)
        }
    }

    /// Tells other processes that routing must look at the account again, and does so here.
    func bumpRevision(of id: AccountID) throws {
        memory.lastRevision += 1
        try sql.run(
            "UPDATE account SET revision = ? WHERE id = ?",
            .int(memory.lastRevision),
            .id(id)
        )
        try refreshCandidate(id)
    }

    func account(_ id: AccountID) throws -> Account {
        if let account = memory.snapshot[id]?.account { return account }
        throw StoreError.noSuch("account", "\(id)")
    }
}
