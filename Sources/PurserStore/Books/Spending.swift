import PurserCore

/// What counts against limits: sums that are kept by day, and holds that are not decided.
///
/// A hold counts in every window until it is decided, and then where its charge is booked: so no order of claims,
/// settlements and midnights spends more than a limit.
enum Spending {
    /// A hold of nobody's keeps the sum of nothing at 0.
    static let open: StaticString = """
        SELECT coalesce(sum(price), 0), coalesce(sum(iif(member_id = ?, price, 0)), 0)
        FROM attempt INDEXED BY attempt_open WHERE state IN ('held', 'unknown')
        """

    /// How far `limits` are used up, the member's own and the team's; reads nothing where there are none.
    static func statuses(
        of limits: [(owner: SpendingOwner, limits: [SpendingLimit])],
        member: MemberID?,
        at now: Timestamp,
        _ sql: Connection
    ) throws -> [SpendingStatus] {
        guard limits.contains(where: { !$0.limits.isEmpty }) else { return [] }
        let held = try sql.first(open, .id(member)) { row in
            (team: try row.credits(0), member: try row.credits(1))
        }
        return try limits.flatMap { owner, limits in
            try limits.map { limit in
                let days = limit.window.days(at: now)
                return SpendingStatus(
                    owner: owner,
                    limit: limit,
                    spent: try spent(by: owner, in: days, sql),
                    held: (owner == .team ? held?.team : held?.member) ?? .zero,
                    resetsAt: days?.upperBound.start
                )
            }
        }
    }

    private static func spent(
        by owner: SpendingOwner,
        in days: Range<CalendarDay>?,
        _ sql: Connection
    ) throws -> Credits {
        try sql.first(
            """
            SELECT coalesce(sum(charged - refunded), 0) FROM spending_day
            WHERE owner = ? AND day >= ? AND day < ?
            """,
            .id(owner.id),
            .int(days.map { Int64($0.lowerBound.number) } ?? .min),
            .int(days.map { Int64($0.upperBound.number) } ?? .max)
        ) { try $0.credits(0) } ?? .zero
    }

    /// Days on which the kept sums are not those of usage (rule L27).
    static func wrongDays(_ sql: Connection) throws -> [String] {
        try sql.all(
            """
            SELECT owner, day FROM (
                SELECT member_id AS owner, day, charged, refunded FROM usage_day
                UNION ALL SELECT zeroblob(16), day, charged, refunded FROM usage_day
                UNION ALL SELECT owner, day, -charged, -refunded FROM spending_day)
            GROUP BY owner, day HAVING sum(charged) <> 0 OR sum(refunded) <> 0
            """
        ) { row in
            let id = try row.id(0, of: Member.self)
            let who = id == SpendingOwner.team.id ? "the team" : "member \(id)"
            return "spending of \(who) on \(CalendarDay(number: Int(row.int(1))))"
        }
    }
}
