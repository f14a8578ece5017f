package import PurserCore

extension SQLiteStore {
    package func vaultImage() async throws -> VaultImage? {
        try await read { try VaultRows.image($0) }
    }

    package func vaultState() async throws -> VaultState? {
        try glance { try VaultRows.state($0) }
    }

    package func accounts() async throws -> [AccountOverview] {
        try await read { sql in
            let unknown = try sums(
                """
                SELECT account_id, sum(price) FROM attempt
                WHERE state IN ('held', 'unknown') AND state = 'unknown' GROUP BY account_id
                """,
                sql
            )
            let due = try sums(
                """
                SELECT account_id, sum(refund_amount) FROM job WHERE refund = 'due'
                GROUP BY account_id
                """,
                sql
            )
            let observed = try lastObservations(sql)
            return try Candidates.load(sql).map { candidate, drift in
                let id = candidate.account.id
                return AccountOverview(
                    candidate: candidate,
                    lastObserved: observed[id],
                    unknown: unknown[id] ?? .zero,
                    refundsDue: due[id] ?? .zero,
                    drift: drift
                )
            }
        }
    }

    package func account(_ id: AccountID) async throws -> Account? {
        try await read { try Candidates.load(id, $0)?.account }
    }

    package func removedAccounts() async throws -> [Account] {
        try await read { try Candidates.removed($0) }
    }

    package func explain(
        _ request: RouteRequest,
        mediaIDs: [String],
        for member: MemberID?,
        at now: Timestamp
    ) async throws -> RouteExplanation {
        let options = surroundings.options
        return try await read { sql in
            var snapshot = RoutingSnapshot(policy: options.policy)
            snapshot.demand = try CreditDemand.load(for: CalendarDay(now), options, sql)
            for (candidate, _) in try Candidates.load(sql) { snapshot.upsert(candidate, at: now) }
            var request = request
            if let member {
                let (member, allowance) = try Self.allowance(of: member, at: now, sql)
                if member.revokedAt != nil { throw StoreError.memberRevoked(member.name) }
                request = request.narrowed(to: member.limits).within(allowance.left)
            }
            let owners = try MediaRow.owners(of: mediaIDs, sql)
            let isBound = !mediaIDs.isEmpty
            return snapshot.explain(isBound ? request.withMediaOwners(owners) : request, at: now)
        }
    }

    package func routingRevision() async throws -> RoutingRevision {
        try await read { sql in
            RoutingRevision(
                lastEntry: try sql.first("SELECT max(id) FROM ledger_entry") { $0.int(0) } ?? 0,
                accounts: try sql.first("SELECT max(revision) FROM account") { $0.int(0) } ?? 0,
                members: try sql.first("SELECT revision FROM member_revision") { $0.int(0) } ?? 0
            )
        }
    }

    package func jobs(_ filter: JobFilter) async throws -> [Job] {
        try await read { sql in
            try sql.all(
                JobRow.query(for: filter),
                .bool(filter.openOnly),
                .id(filter.accountID),
                .id(filter.memberID),
                .id(filter.submissionID),
                .text(filter.idPrefix),
                .int(filter.limit ?? -1),
                .time(filter.after?.createdAt),
                .id(filter.after?.id),
                read: JobRow.read
            )
        }
    }

    package func entries(_ filter: EntryFilter) async throws -> [LedgerEntry] {
        try await read { sql in
            let newestFirst = try sql.all(
                filter.ledgerAccount == nil ? EntryRow.newestFirst : EntryRow.newestOfAccount,
                .text(filter.ledgerAccount?.name),
                .time(filter.from),
                .time(filter.to),
                .int(filter.limit ?? -1)
            ) { try EntryRow.read($0).entry }
            return newestFirst.reversed()
        }
    }

    package func unknownHolds(of account: AccountID?) async throws -> [OpenHold] {
        try await read { sql in
            let open =
                if let account {
                    try sql.all(Attempt.openOfAccount, .id(account), read: Attempt.read)
                } else {
                    try sql.all(Attempt.open, read: Attempt.read)
                }
            return open.filter { $0.state == .unknown }.map(\.openHold)
        }
    }
}

private func sums(_ query: StaticString, _ sql: Connection) throws -> [AccountID: Credits] {
    var sums: [AccountID: Credits] = [:]
    try sql.walk(query, []) { row in
        sums[try row.id(0)] = try row.credits(1)
        return true
    }
    return sums
}

/// One statement for all accounts: one for each of them took longer than everything else of a list.
private func lastObservations(_ sql: Connection) throws -> [AccountID: Observation] {
    var observations: [AccountID: Observation] = [:]
    try sql.walk(
        """
        SELECT l.owner, e.observed, e.at_ms FROM ledger_account l
        JOIN ledger_entry e ON e.ledger_account = l.id AND e.seq = (
            SELECT max(o.seq) FROM ledger_entry o
            WHERE o.ledger_account = l.id AND o.observed IS NOT NULL
        )
        WHERE l.kind = 'credits'
        """,
        []
    ) { row in
        observations[try row.id(0)] = Observation(credits: try row.credits(1), at: row.time(2))
        return true
    }
    return observations
}
