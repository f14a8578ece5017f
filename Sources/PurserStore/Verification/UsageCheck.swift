import PurserCore

/// Recomputes the kept sums from attempts and entries (rules L16 and L26).
///
/// Its memory grows with the sums, not with the entries.
struct UsageCheck {
    struct Work: Hashable {
        let account: AccountID
        let member: MemberID
        let model: ModelID
    }

    private struct Day: Hashable {
        let day: Int
        let work: Work
    }

    private struct Person: Hashable {
        let account: AccountID
        let member: MemberID
    }

    private struct Sum: Equatable {
        var videos: Int64 = 0
        var charged: Int64 = 0
        var refunded: Int64 = 0
    }

    private var days: [Day: Sum] = [:]
    /// Videos of accounts whose balance was never read: no entry tells their day.
    private var undated: [Work: Int64] = [:]
    private var charged: [Person: Int64] = [:]
    /// Few different ones stand in many attempts.
    private var parsed: [String: [ClaimedElement]] = [:]

    mutating func add(_ attempt: AttemptEnding) throws {
        guard attempt.state == .settled || attempt.state == .charged else { return }
        let person = Person(account: attempt.accountID, member: attempt.memberID)
        charged[person, default: 0] &+= attempt.charged
        let elements = try elements(attempt.elements)
        for share in try elements.shares(of: Credits(attempt.charged) ?? .zero) {
            let work = Work(
                account: attempt.accountID,
                member: attempt.memberID,
                model: share.model
            )
            guard let endedAt = attempt.endedAt else {
                undated[work, default: 0] += Int64(share.videos)
                continue
            }
            let day = Day(day: CalendarDay(endedAt).number, work: work)
            days[day, default: Sum()].videos += Int64(share.videos)
            days[day, default: Sum()].charged &+= share.credits.amount
        }
    }

    mutating func addRefund(_ amount: Int64, on day: CalendarDay, _ work: Work) {
        days[Day(day: day.number, work: work), default: Sum()].refunded &+= amount
    }

    private mutating func elements(_ text: String) throws -> [ClaimedElement] {
        if let known = parsed[text] { return known }
        if parsed.count > 10_000 { parsed.removeAll() }
        let elements = try ClaimedElement.list(text)
        parsed[text] = elements
        return elements
    }

    /// What the kept sums say otherwise.
    mutating func compare(with sql: Connection) throws -> [Finding] {
        var findings: [Finding] = []
        func report(_ rule: String, _ place: String, _ message: String) {
            findings.append(
                Finding(rule: rule, isViolation: true, place: place, message: message)
            )
        }
        try sql.walk(
            """
            SELECT day, account_id, member_id, model_id, videos, charged, refunded FROM usage_day
            """,
            []
        ) { row in
            let work = Work(
                account: try row.id(1),
                member: try row.id(2),
                model: ModelID(row.text(3))
            )
            let kept = Sum(videos: row.int(4), charged: row.int(5), refunded: row.int(6))
            let counted = days.removeValue(forKey: Day(day: Int(row.int(0)), work: work)) ?? Sum()
            charged[Person(account: work.account, member: work.member), default: 0] &-= kept.charged
            undated[work, default: 0] -= kept.videos - counted.videos
            if kept.charged != counted.charged || kept.refunded != counted.refunded
                || kept.videos < counted.videos
            {
                let place = Self.place(work, on: Int(row.int(0)))
                report("L26", place, "kept \(Self.words(kept)), counted \(Self.words(counted))")
            }
            return true
        }
        for (day, sum) in days where sum != Sum() {
            report("L26", Self.place(day.work, on: day.day), "not kept: \(Self.words(sum))")
        }
        for (work, videos) in undated where videos != 0 {
            report("L26", Self.place(work, on: nil), "\(videos) videos more were made than kept")
        }
        for (person, difference) in charged where difference != 0 {
            let place = "account \(person.account), member \(person.member)"
            report("L16", place, "\(difference) more were charged than usage says")
        }
        for place in try Self.wrongMonths(sql) {
            report("L26", place, "the month is not the sum of its days")
        }
        return findings.sorted { ($0.rule, $0.place) < ($1.rule, $1.place) }
    }

    private static func wrongMonths(_ sql: Connection) throws -> [String] {
        try sql.all(
            """
            SELECT month, lower(hex(account_id)), model_id FROM (
                SELECT strftime('%s', day * 86400, 'unixepoch', 'start of month') / 86400 AS month,
                    account_id, member_id, model_id, videos, charged, refunded FROM usage_day
                UNION ALL
                SELECT month, account_id, member_id, model_id, -videos, -charged, -refunded
                FROM usage_month)
            GROUP BY month, account_id, member_id, model_id
            HAVING sum(videos) <> 0 OR sum(charged) <> 0 OR sum(refunded) <> 0
            """
        ) { row in
            let month = CalendarDay(number: Int(row.int(0)))
            return "usage of account \(row.text(1)) for \(row.text(2)) in the month from \(month)"
        }
    }

    private static func place(_ work: Work, on day: Int?) -> String {
        let when = day.map { " on \(CalendarDay(number: $0))" } ?? ""
        return "usage of account \(work.account) by member \(work.member) for "
            + "\(work.model.rawValue)\(when)"
    }

    private static func words(_ sum: Sum) -> String {
        "\(sum.videos) videos, \(sum.charged) charged, \(sum.refunded) refunded"
    }
}
