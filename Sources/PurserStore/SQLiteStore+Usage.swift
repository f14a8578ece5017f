package import PurserCore

// Sums that the transactions of the entries keep: by day, and by month for spans of many days.

extension SQLiteStore {
    package func usage(from: Timestamp?, to: Timestamp?) async throws -> [UsageRow] {
        let span = UsageSpan(from: from, to: to)
        return try await read { sql in
            try sql.all(
                """
                SELECT s.account_id, a.name, a.tier, s.member_id, m.name, s.model_id,
                    s.videos, s.charged, s.refunded
                FROM (
                    SELECT account_id, member_id, model_id, sum(videos) AS videos,
                        sum(charged) AS charged, sum(refunded) AS refunded
                    FROM (
                        SELECT account_id, member_id, model_id, videos, charged, refunded
                        FROM usage_month WHERE month >= ?2 AND month < ?3
                        UNION ALL
                        SELECT account_id, member_id, model_id, videos, charged, refunded
                        FROM usage_day WHERE day >= ?1 AND day < ?2
                        UNION ALL
                        SELECT account_id, member_id, model_id, videos, charged, refunded
                        FROM usage_day WHERE day >= ?3 AND day < ?4)
                    GROUP BY account_id, member_id, model_id) s
                JOIN account a ON a.id = s.account_id JOIN member m ON m.id = s.member_id
                ORDER BY a.name, m.name, s.model_id
                """,
                .int(span.first),
                .int(span.firstMonth),
                .int(span.endOfMonths),
                .int(span.end),
                read: UsageRow.read
            )
        }
    }

    package func usageByDay(
        from: Timestamp?,
        to: Timestamp?,
        of member: MemberID?
    ) async throws -> [UsageDay] {
        let span = UsageSpan(from: from, to: to)
        return try await read { sql in
            try sql.all(
                """
                SELECT day, sum(videos), sum(charged), sum(refunded) FROM usage_day
                WHERE day >= ?1 AND day < ?2 AND (?3 IS NULL OR member_id = ?3)
                GROUP BY day ORDER BY day
                """,
                .int(span.first),
                .int(span.end),
                member.map { .id($0) } ?? .null
            ) { row in
                UsageDay(
                    day: CalendarDay(number: Int(row.int(0))),
                    videos: Int(row.int(1)),
                    charged: try row.credits(2),
                    refunded: try row.credits(3)
                )
            }
        }
    }

    package func accountDays(
        from: CalendarDay,
        to: CalendarDay
    ) async throws -> [AccountID: [UsageDay]] {
        let rows = try await read { sql in
            try sql.all(
                """
                SELECT account_id, day, sum(videos), sum(charged), sum(refunded) FROM usage_day
                WHERE day >= ?1 AND day < ?2 GROUP BY day, account_id ORDER BY day
                """,
                .int(Int64(from.number)),
                .int(Int64(to.number))
            ) { row -> (AccountID, UsageDay) in
                let day = UsageDay(
                    day: CalendarDay(number: Int(row.int(1))),
                    videos: Int(row.int(2)),
                    charged: try row.credits(3),
                    refunded: try row.credits(4)
                )
                return (try row.id(0), day)
            }
        }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }
}

/// A span of days, cut into days before the first whole month, whole months, and days after the last.
private struct UsageSpan {
    let first: Int64
    let firstMonth: Int64
    let endOfMonths: Int64
    let end: Int64

    /// The days that hold `from` and everything before `to`.
    init(from: Timestamp?, to: Timestamp?) {
        let day = from.map { CalendarDay($0) }
        let next = to.map { CalendarDay(number: CalendarDay($0 - .milliseconds(1)).number + 1) }
        first = day.map { Int64($0.number) } ?? .min
        end = next.map { Int64($0.number) } ?? .max
        let firstWhole = day.map {
            Int64($0.latest(dayOfMonth: 1) == $0 ? $0.number : $0.next(dayOfMonth: 1).number)
        }
        let endWhole = next.map { Int64($0.latest(dayOfMonth: 1).number) }
        let hasMonths = (firstWhole ?? .min) <= (endWhole ?? .max)
        firstMonth = hasMonths ? firstWhole ?? .min : end
        endOfMonths = hasMonths ? endWhole ?? .max : end
    }
}

extension UsageRow {
    fileprivate static func read(_ row: Row) throws -> UsageRow {
        UsageRow(
            accountID: try row.id(0),
            accountName: row.text(1),
            tier: try row.name(2),
            memberID: try row.id(3),
            memberName: row.text(4),
            modelID: ModelID(row.text(5)),
            videos: Int(row.int(6)),
            charged: try row.credits(7),
            refunded: try row.credits(8)
        )
    }
}
