package import PurserCore

// Sums that are kept in the transactions of what they sum: by day, by month, and over all of one kind.
// An account that was removed goes by its `Account.removedLabel`.

extension SQLiteStore {
    package func reportSums(_ query: ReportQuery) async throws -> ReportSums {
        try await read { sql in
            ReportSums(
                usage: try query.usage.map { try UsageSource($0, query).rows(sql) },
                movements: query.hasLedger ? try MovementSum.all(query, sql) : [],
                failures: query.hasLedger ? try FailureSum.all(query, sql) : [],
                members: query.hasMembers ? try MemberRows.overviews(sql) : []
            )
        }
    }
}

/// Which kept sums answer a question with the fewest rows.
private struct UsageSource {
    private let dimensions: Set<UsageDimension>
    private let query: ReportQuery
    /// What the sums of pairs are taken over; `nil`, no pair tells enough.
    private let over: UsageDimension?

    init(_ dimensions: Set<UsageDimension>, _ query: ReportQuery) {
        self.dimensions = dimensions
        self.query = query
        var needed = dimensions
        if query.member != nil { needed.insert(.member) }
        if case .cycles = query.span { needed.insert(.account) }
        // In the order of their numbers of rows.
        over = [UsageDimension.account, .member, .model].first { !needed.contains($0) }
    }

    func rows(_ sql: Connection) throws -> [UsageRow] {
        switch query.span {
        case .days(let from, let before): try rows(UsageSpan(from: from, before: before), sql)
        case .cycles: try rowsOfCycles(sql)
        }
    }

    /// Whole months and the days at the ends; days alone where a pair over all accounts is no longer than months are, or
    /// days are asked for.
    private func rows(_ span: UsageSpan, _ sql: Connection) throws -> [UsageRow] {
        if dimensions == [.day, .account], query.member == nil {
            return try rowsByDayAndAccount(span, sql)
        }
        let isByDay = dimensions.contains(.day) || over == .account
        let months = isByDay ? span.end..<span.end : span.months
        return try sql.all(
            """
            SELECT s.day, s.account_id, a.name
                || iif(a.removed_at_ms IS NULL, '', ' (removed ' || lower(substr(hex(a.id), 1, 8)) || ')'),
                a.tier, s.member_id, m.name, s.model_id, s.videos, s.charged, s.refunded
            FROM (
                SELECT iif(?7, day, NULL) AS day, iif(?8, account_id, NULL) AS account_id,
                    iif(?9, member_id, NULL) AS member_id, iif(?10, model_id, NULL) AS model_id,
                    sum(videos) AS videos, sum(charged) AS charged, sum(refunded) AS refunded
                FROM (
                    SELECT 0 AS day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_month WHERE month >= ?2 AND month < ?3
                    UNION ALL
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_day WHERE ?5 IS NULL AND day >= ?1 AND day < ?2
                    UNION ALL
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_day WHERE ?5 IS NULL AND day >= ?3 AND day < ?4
                    UNION ALL
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_pair WHERE over = ?5 AND day >= ?1 AND day < ?2
                    UNION ALL
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_pair WHERE over = ?5 AND day >= ?3 AND day < ?4)
                WHERE ?6 IS NULL OR member_id = ?6
                GROUP BY 1, 2, 3, 4) s
            LEFT JOIN account a ON a.id = s.account_id LEFT JOIN member m ON m.id = s.member_id
            ORDER BY s.day, a.name, m.name, s.model_id, s.account_id
            """,
            .int(span.first),
            .int(months.lowerBound),
            .int(months.upperBound),
            .int(span.end),
            .text(over.map { "\($0)" }),
            .id(query.member),
            .bool(dimensions.contains(.day)),
            .bool(dimensions.contains(.account)),
            .bool(dimensions.contains(.member)),
            .bool(dimensions.contains(.model)),
            read: UsageRow.read
        )
    }

    /// What ``rows(_:_:)`` answers for days and accounts, which are as many rows as no other question has: grouped in the
    /// order of the key they lie in, each account looked up once.
    private func rowsByDayAndAccount(_ span: UsageSpan, _ sql: Connection) throws -> [UsageRow] {
        var accounts: [AccountID: (rank: Int, label: String, tier: Tier)] = [:]
        try sql.walk(
            """
            SELECT id, name || iif(removed_at_ms IS NULL, '', ' (removed ' || lower(substr(hex(id), 1, 8)) || ')'), tier
            FROM account ORDER BY name, id
            """,
            []
        ) { row in
            accounts[try row.id(0)] = (accounts.count, row.text(1), try row.name(2))
            return true
        }
        let rows = try sql.all(
            """
            SELECT day, account_id, sum(videos), sum(charged), sum(refunded) FROM usage_pair
            WHERE over = 'member' AND day >= ?1 AND day < ?2 GROUP BY day, account_id
            """,
            .int(span.first),
            .int(span.end)
        ) { row in
            let id: AccountID = try row.id(1)
            let account = accounts[id]
            let usage = UsageRow(
                day: CalendarDay(number: Int(row.int(0))),
                accountID: id,
                accountName: account?.label,
                tier: account?.tier,
                memberID: nil,
                memberName: nil,
                modelID: nil,
                videos: Int(row.int(2)),
                charged: try row.credits(3),
                refunded: try row.credits(4)
            )
            return (day: row.int(0), rank: account?.rank ?? -1, usage: usage)
        }
        return rows.sorted { ($0.day, $0.rank) < ($1.day, $1.rank) }.map(\.usage)
    }

    /// Days since each account's own renewal.
    private func rowsOfCycles(_ sql: Connection) throws -> [UsageRow] {
        try sql.all(
            """
            WITH cycle AS MATERIALIZED (
                SELECT a.id AS account_id, c.value AS first FROM account a
                JOIN json_each(?1) c ON c.key = coalesce(a.renews_on_day, 1) - 1)
            SELECT s.day, s.account_id, a.name
                || iif(a.removed_at_ms IS NULL, '', ' (removed ' || lower(substr(hex(a.id), 1, 8)) || ')'),
                a.tier, s.member_id, m.name, s.model_id, s.videos, s.charged, s.refunded
            FROM (
                SELECT iif(?6, day, NULL) AS day, iif(?7, u.account_id, NULL) AS account_id,
                    iif(?8, member_id, NULL) AS member_id, iif(?9, model_id, NULL) AS model_id,
                    sum(videos) AS videos, sum(charged) AS charged, sum(refunded) AS refunded
                FROM (
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_day WHERE ?4 IS NULL AND day >= ?2 AND day < ?3
                    UNION ALL
                    SELECT day, account_id, member_id, model_id, videos, charged, refunded
                    FROM usage_pair WHERE over = ?4 AND day >= ?2 AND day < ?3) u
                JOIN cycle c ON c.account_id = u.account_id AND u.day >= c.first
                WHERE ?5 IS NULL OR member_id = ?5
                GROUP BY 1, 2, 3, 4) s
            LEFT JOIN account a ON a.id = s.account_id LEFT JOIN member m ON m.id = s.member_id
            ORDER BY s.day, a.name, m.name, s.model_id, s.account_id
            """,
            .text(query.span.firstDays),
            .int(query.span.earliest),
            .int(query.span.endNumber),
            .text(over.map { "\($0)" }),
            .id(query.member),
            .bool(dimensions.contains(.day)),
            .bool(dimensions.contains(.account)),
            .bool(dimensions.contains(.member)),
            .bool(dimensions.contains(.model)),
            read: UsageRow.read
        )
    }
}

/// A span of days, cut into days before the first whole month, whole months, and days after the last.
private struct UsageSpan {
    let first: Int64
    let months: Range<Int64>
    let end: Int64

    init(from day: CalendarDay?, before next: CalendarDay?) {
        first = day.map { Int64($0.number) } ?? .min
        end = next.map { Int64($0.number) } ?? .max
        let firstWhole = day.map {
            Int64($0.latest(dayOfMonth: 1) == $0 ? $0.number : $0.next(dayOfMonth: 1).number)
        }
        let endWhole = next.map { Int64($0.latest(dayOfMonth: 1).number) }
        let (from, to) = (firstWhole ?? .min, endWhole ?? .max)
        months = from <= to ? from..<to : end..<end
    }
}

extension ReportSpan {
    /// The first day for accounts that renew on the 1st to the 31st, as a JSON array.
    fileprivate var firstDays: String {
        "[" + (1...31).map { String(firstNumber(renewingOn: $0)) }.joined(separator: ",") + "]"
    }

    /// The first day that counts for any account.
    fileprivate var earliest: Int64 {
        (1...31).map { firstNumber(renewingOn: $0) }.min() ?? .min
    }

    private func firstNumber(renewingOn day: Int) -> Int64 {
        first(renewingOn: day).map { Int64($0.number) } ?? .min
    }

    fileprivate var endNumber: Int64 { end.map { Int64($0.number) } ?? .max }
}

extension MovementSum {
    fileprivate static func all(_ query: ReportQuery, _ sql: Connection) throws -> [MovementSum] {
        try sql.all(
            """
            SELECT s.day, l.name,
                coalesce(a.name
                || iif(a.removed_at_ms IS NULL, '', ' (removed ' || lower(substr(hex(a.id), 1, 8)) || ')'), m.name, ''),
                a.tier, s.kind, s.cause, s.entries, s.amount
            FROM movement_day s JOIN ledger_account l ON l.id = s.ledger_account
            LEFT JOIN account a ON l.kind = 'credits' AND a.id = l.owner
            LEFT JOIN member m ON l.kind = 'budget' AND m.id = l.owner
            JOIN json_each(?1) c ON c.key = coalesce(a.renews_on_day, 1) - 1
            WHERE s.day >= ?2 AND s.day < ?3 AND s.day >= c.value
                AND (?4 IS NULL OR l.kind = 'budget' AND l.owner = ?4)
            ORDER BY s.day, l.kind DESC, 3, s.kind, s.cause, l.id
            """,
            .text(query.span.firstDays),
            .int(query.span.earliest),
            .int(query.span.endNumber),
            .id(query.member),
            read: read
        )
    }

    private static func read(_ row: Row) throws -> MovementSum {
        guard let account = LedgerAccountID(name: row.text(1)) else {
            throw StoreError.damaged("ledger account '\(row.text(1))' names nobody")
        }
        return MovementSum(
            day: CalendarDay(number: Int(row.int(0))),
            ledgerAccount: account,
            name: row.text(2),
            tier: row.isNull(3) ? nil : try row.name(3, of: Tier.self),
            kind: try row.name(4),
            cause: row.text(5).isEmpty ? nil : try row.name(5, of: AdjustmentCause.self),
            entries: Int(row.int(6)),
            amount: try row.credits(7)
        )
    }
}

extension FailureSum {
    fileprivate static func all(_ query: ReportQuery, _ sql: Connection) throws -> [FailureSum] {
        try sql.all(
            """
            SELECT s.day, a.id, a.name
                || iif(a.removed_at_ms IS NULL, '', ' (removed ' || lower(substr(hex(a.id), 1, 8)) || ')'),
                a.tier, m.name, s.model_id, s.state, s.jobs, s.price
            FROM failure_day s
            JOIN account a ON a.id = s.account_id JOIN member m ON m.id = s.member_id
            JOIN json_each(?1) c ON c.key = coalesce(a.renews_on_day, 1) - 1
            WHERE s.day >= ?2 AND s.day < ?3 AND s.day >= c.value AND (?4 IS NULL OR m.id = ?4)
            ORDER BY s.day, a.name, m.name, s.model_id, s.state, a.id
            """,
            .text(query.span.firstDays),
            .int(query.span.earliest),
            .int(query.span.endNumber),
            .id(query.member),
            read: read
        )
    }

    private static func read(_ row: Row) throws -> FailureSum {
        FailureSum(
            day: CalendarDay(number: Int(row.int(0))),
            accountID: try row.id(1),
            accountName: row.text(2),
            tier: try row.name(3),
            memberName: row.text(4),
            modelID: ModelID(row.text(5)),
            state: JobState(wireName: row.text(6)),
            jobs: Int(row.int(7)),
            price: try row.credits(8)
        )
    }
}

extension UsageRow {
    fileprivate static func read(_ row: Row) throws -> UsageRow {
        UsageRow(
            day: row.isNull(0) ? nil : CalendarDay(number: Int(row.int(0))),
            accountID: row.isNull(1) ? nil : try row.id(1),
            accountName: row.optionalText(2),
            tier: row.isNull(3) ? nil : try row.name(3, of: Tier.self),
            memberID: row.isNull(4) ? nil : try row.id(4),
            memberName: row.optionalText(5),
            modelID: row.optionalText(6).map { ModelID($0) },
            videos: Int(row.int(7)),
            charged: try row.credits(8),
            refunded: try row.credits(9)
        )
    }
}
