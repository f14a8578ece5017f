import PurserCore

/// What counts against limits: sums that are kept by day, and holds that are not decided.
///
/// A hold counts in every window until it is decided, and then where its charge is booked: so no order of claims,
/// settlements and midnights spends more than a limit.
enum Spending {
    /// Of everybody, and of one member; the index alone answers it.
    static let open: StaticString = """
        SELECT coalesce(sum(price), 0), coalesce(sum(iif(member_id = ?, price, 0)), 0)
        FROM attempt INDEXED BY attempt_open WHERE state IN ('held', 'unknown')
        """

    /// What `member` may still spend; where neither they nor the team have limits nothing is read for it.
    static func allowance(
        of member: Member,
        budget: Credits?,
        team: [SpendingLimit],
        at now: Timestamp,
        _ sql: Connection
    ) throws -> Allowance {
        let own = member.limits.spending
        guard !own.isEmpty || !team.isEmpty else {
            return Allowance(member: member.name, budget: budget, limits: [])
        }
        let held = try held(by: member.id, sql)
        let limits =
            try own.map { try status(of: $0, .member(member.id), held.member, at: now, sql) }
            + team.map { try status(of: $0, .team, held.team, at: now, sql) }
        return Allowance(member: member.name, budget: budget, limits: limits)
    }

    /// How far the limits of a member, or of the team, are used up.
    static func statuses(
        of owner: SpendingOwner,
        at now: Timestamp,
        _ sql: Connection
    ) throws -> [SpendingStatus] {
        let held = try held(by: owner.id, sql)
        return try MemberRows.limits(of: owner, sql).map { limit in
            let held = owner == .team ? held.team : held.member
            return try status(of: limit, owner, held, at: now, sql)
        }
    }

    /// How far every limit is used up, of members who were not revoked and of the team.
    static func ofEverybody(
        at now: Timestamp,
        _ sql: Connection
    ) throws -> [AlertSituation.Spent] {
        let members = try MemberRows.members(sql)
            .filter { $0.revokedAt == nil && !$0.limits.spending.isEmpty }
        let team = try MemberRows.limits(of: .team, sql)
        guard !members.isEmpty || !team.isEmpty else { return [] }
        // One walk over what is open: one for each member would be a walk for each.
        var held: [MemberID: Credits] = [:]
        var heldByAll = Credits.zero
        try sql.walk(
            """
            SELECT member_id, sum(price) FROM attempt INDEXED BY attempt_open
            WHERE state IN ('held', 'unknown') GROUP BY member_id
            """,
            []
        ) { row in
            held[try row.id(0)] = try row.credits(1)
            heldByAll = try heldByAll.plus(try row.credits(1))
            return true
        }
        var spent: [AlertSituation.Spent] = []
        for member in members {
            for limit in member.limits.spending {
                let open = held[member.id] ?? .zero
                let status = try status(of: limit, .member(member.id), open, at: now, sql)
                spent.append(AlertSituation.Spent(name: member.name, status: status))
            }
        }
        for limit in team {
            let status = try status(of: limit, .team, heldByAll, at: now, sql)
            spent.append(AlertSituation.Spent(name: "", status: status))
        }
        return spent
    }

    private static func status(
        of limit: SpendingLimit,
        _ owner: SpendingOwner,
        _ held: Credits,
        at now: Timestamp,
        _ sql: Connection
    ) throws -> SpendingStatus {
        let days = limit.window.days(at: now)
        return SpendingStatus(
            owner: owner,
            limit: limit,
            spent: try spent(by: owner, in: days, sql),
            held: held,
            resetsAt: days?.upperBound.start
        )
    }

    private static func held(
        by member: MemberID,
        _ sql: Connection
    ) throws -> (team: Credits, member: Credits) {
        try sql.first(open, .id(member)) { (team: try $0.credits(0), member: try $0.credits(1)) }
            ?? (.zero, .zero)
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
