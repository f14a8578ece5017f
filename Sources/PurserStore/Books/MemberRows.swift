import PurserCore

/// Members, keys and limits as they lie in the database.
enum MemberRows {
    static let all: StaticString = """
        SELECT id, name, created_at_ms, has_budget, role, tiers, tags, models, revoked_at_ms
        FROM member ORDER BY name
        """
    static let one: StaticString = """
        SELECT id, name, created_at_ms, has_budget, role, tiers, tags, models, revoked_at_ms
        FROM member WHERE id = ?
        """

    /// Every member by name, with their budget and their keys.
    static func overviews(_ sql: Connection) throws -> [MemberOverview] {
        var budgets: [MemberID: Balance] = [:]
        try sql.walk(
            """
            SELECT l.owner, h.posted, h.held FROM ledger_account l
            JOIN ledger_head h ON h.ledger_account = l.id WHERE l.kind = 'budget'
            """,
            []
        ) { row in
            budgets[try row.id(0)] = Balance(
                posted: try row.credits(1),
                held: try row.credits(2)
            )
            return true
        }
        let keys = Dictionary(grouping: try MemberRows.keys(of: nil, sql), by: \.memberID)
        return try MemberRows.members(sql).map { member in
            MemberOverview(
                member: member,
                budget: budgets[member.id],
                keys: keys[member.id] ?? []
            )
        }
    }

    static func members(_ sql: Connection) throws -> [Member] {
        var limits: [MemberID: [SpendingLimit]] = [:]
        try sql.walk(
            "SELECT owner, kind, cycle_day, credits, warn_at FROM spending_limit",
            []
        ) { row in
            limits[try row.id(0), default: []].append(try limit(row))
            return true
        }
        return try sql.all(all) { try member($0) { limits[$0] ?? [] } }
    }

    static func member(_ id: MemberID, _ sql: Connection) throws -> Member? {
        let limits = try limits(of: .member(id), sql)
        return try sql.first(one, .id(id)) { try member($0) { _ in limits } }
    }

    static func limits(of owner: SpendingOwner, _ sql: Connection) throws -> [SpendingLimit] {
        try sql.all(
            """
            SELECT owner, kind, cycle_day, credits, warn_at FROM spending_limit WHERE owner = ?
            """,
            .id(owner.id),
            read: limit
        ).sorted { $0.window.kind < $1.window.kind }
    }

    /// Every key, or one member's, the newest first.
    static func keys(of member: MemberID?, _ sql: Connection) throws -> [MemberKey] {
        try sql.all(
            """
            SELECT id, member_id, digest, created_at_ms, expires_at_ms, revoked_at_ms
            FROM member_key WHERE ?1 IS NULL OR member_id = ?1 ORDER BY created_at_ms DESC, id
            """,
            .id(member)
        ) { row in
            MemberKey(
                id: row.text(0),
                memberID: try row.id(1),
                digest: row.blob(2),
                createdAt: row.time(3),
                expiresAt: row.optionalTime(4),
                revokedAt: row.optionalTime(5)
            )
        }
    }

    private static func member(
        _ row: Row,
        limits: (MemberID) -> [SpendingLimit]
    ) throws -> Member {
        let id = try row.id(0, of: Member.self)
        let tiers = try row.optionalText(5).map { text in
            Set(try Lines.split(text).map { try tier($0) })
        }
        return Member(
            id: id,
            name: row.text(1),
            createdAt: row.time(2),
            hasBudget: row.bool(3),
            role: try row.name(4),
            limits: MemberLimits(
                tiers: tiers,
                tags: row.optionalText(6).map { Set(Lines.split($0)) },
                models: row.optionalText(7).map { Set(Lines.split($0).map { ModelID($0) }) },
                spending: limits(id).sorted { $0.window.kind < $1.window.kind }
            ),
            revokedAt: row.optionalTime(8)
        )
    }

    private static func tier(_ name: String) throws -> Tier {
        guard let tier = Tier(rawValue: name) else {
            throw StoreError.damaged("'\(name)' is no tier")
        }
        return tier
    }

    private static func limit(_ row: Row) throws -> SpendingLimit {
        let window: SpendingWindow =
            switch try row.name(1, of: SpendingWindow.Kind.self) {
            case .day: .day
            case .week: .week
            case .month: .month
            case .cycle: .cycle(day: Int(row.int(2)))
            case .total: .total
            }
        return SpendingLimit(
            window: window,
            credits: try row.credits(3),
            warnAt: row.optionalInt(4).map(Int.init)
        )
    }
}
