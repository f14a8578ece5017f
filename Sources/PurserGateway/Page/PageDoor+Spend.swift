import PurserCore
import PurserEngine
import PurserPages

extension PageDoor {
    /// Days that are shown at most, and unless a range is asked for.
    private static let longest = 366
    private static let usual = 30

    /// What was spent on each day of a range, stacked; without `all-credits` what was spent for oneself.
    ///
    /// A range that cannot be shown is refused on the page, which shows the usual one.
    func spend(_ query: Query, for member: Member) async throws -> SpendView {
        let today = CalendarDay(engine.ambient.now())
        let only = member.role.may(.allCredits) ? nil : member.id
        do {
            let key = try query.value(.by, .spendKey) { SpendKey(rawValue: $0) }
            let days = try Self.days(query, today)
            return try await spend(days, by: key ?? .model, of: only, refusal: nil)
        } catch let problem as Problem {
            let days = CalendarDay(number: today.number - Self.usual + 1)...today
            return try await spend(days, by: .model, of: only, refusal: problem.word)
        }
    }

    private static func days(
        _ query: Query,
        _ today: CalendarDay
    ) throws(Problem) -> ClosedRange<CalendarDay> {
        let (from, to) = try query.days()
        let last = to ?? max(today, from ?? today)
        let first = from ?? CalendarDay(number: last.number - usual + 1)
        guard last.number - first.number < longest else {
            throw Problem(.invalidRequest, .query(.tooLong(longest)))
        }
        return first...last
    }

    private func spend(
        _ days: ClosedRange<CalendarDay>,
        by key: SpendKey,
        of member: MemberID?,
        refusal: PageProblem?
    ) async throws -> SpendView {
        let span = ReportSpan.days(
            from: days.lowerBound,
            before: CalendarDay(number: days.upperBound.number + 1)
        )
        let usage = try await engine.store.usage(
            [.day, key.dimension],
            over: span,
            of: member
        )
        return SpendView(
            from: days.lowerBound,
            to: days.upperBound,
            key: key,
            rows: usage.compactMap { row in
                row.day.map { day in
                    SpendView.Row(
                        day: day,
                        label: key.label(of: row),
                        videos: row.videos,
                        charged: row.charged,
                        refunded: row.refunded
                    )
                }
            },
            refusal: refusal
        )
    }
}

extension SpendKey {
    fileprivate var dimension: UsageDimension {
        switch self {
        case .member: .member
        case .model: .model
        case .account: .account
        }
    }

    fileprivate func label(of row: UsageRow) -> String {
        switch self {
        case .member: row.memberName ?? ""
        case .model: row.modelID?.rawValue ?? ""
        case .account: row.accountName ?? ""
        }
    }
}
