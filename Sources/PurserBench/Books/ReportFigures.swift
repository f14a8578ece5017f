import PurserCore
import PurserEngine
import PurserStore

/// Credit reports over long books, each beside the same sums in plain SQL where entries alone tell them.
struct ReportFigures {
    private static let runs = 5

    /// A report of every kind of question: in order, so that a figure can be compared with that of another run.
    private struct Question {
        let name: String
        let keys: ReportKeys
        let span: ReportSpan
        /// Its second column is what was `charged`.
        var plain: String?
    }

    let home: BooksHome
    let raw: RawDatabase
    private(set) var table = FigureTable(
        "books: milliseconds a credit report over a year, median of \(runs) runs "
            + "(aim: under 100 at 10 million entries)",
        columns: ["report", "entries", "purser", "plain SQL", "SQL to purser"]
    )

    init(home: BooksHome, raw: RawDatabase) {
        self.home = home
        self.raw = raw
    }

    /// Measures every question; the sums of those with a yardstick are the same to the credit.
    mutating func measure(_ size: Int) async throws {
        for question in questions {
            var report: CreditReport?
            let took = try await median {
                report = try await CreditReport(
                    home.store,
                    by: question.keys,
                    over: question.span
                )
            }
            guard let plain = question.plain, let report else {
                table.add(question.name, size.grouped, took.shown(1), "–", "–")
                continue
            }
            var groups = 0
            let yardstick = try await median(runs: 1) { groups = try raw.rows(plain).count }
            let counted = try raw.number("SELECT sum(charged) FROM (\(plain))")
            guard counted == report.total.charged.amount, groups == report.rows.count else {
                throw BenchmarkError(
                    "\(question.name): the report says \(report.total.charged), SQL \(counted)"
                )
            }
            let ratio = (yardstick / took).shown(1)
            table.add(question.name, size.grouped, took.shown(1), yardstick.shown(1), ratio)
        }
    }

    private var questions: [Question] {
        let all = ReportSpan.days(from: nil, before: nil)
        let end = CalendarDay(home.end).number
        let ragged = ReportSpan.days(
            from: CalendarDay(number: end - 350),
            before: CalendarDay(number: end - 3)
        )
        let charges = """
            FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
            WHERE l.kind = 'credits' AND e.kind IN ('settle', 'charge') GROUP BY 1
            """
        return [
            Question(
                name: "by account",
                keys: ReportKeys(.account),
                span: all,
                plain: "SELECT l.owner, -sum(e.d_posted) AS charged \(charges)"
            ),
            Question(
                name: "by day",
                keys: ReportKeys(.day),
                span: all,
                plain: "SELECT e.at_ms / 86400000, -sum(e.d_posted) AS charged \(charges)"
            ),
            Question(name: "by day and model", keys: .init(.day, across: .model), span: all),
            Question(name: "by day and account", keys: .init(.day, across: .account), span: all),
            Question(name: "by week and member", keys: .init(.week, across: .member), span: all),
            Question(name: "ragged span by account", keys: ReportKeys(.account), span: ragged),
            Question(
                name: "ragged span by account and member",
                keys: .init(.account, across: .member),
                span: ragged
            ),
            Question(
                name: "billing cycles by member and model",
                keys: .init(.member, across: .model),
                span: .cycles(on: CalendarDay(number: end - 1))
            ),
        ]
    }

    /// In milliseconds; the first of several runs only warms up.
    private func median(
        runs: Int = Self.runs,
        _ work: () async throws -> Void
    ) async throws -> Double {
        var times: [Double] = []
        for run in 0...runs {
            let begun = ContinuousClock.now
            try await work()
            if run > 0 || runs == 1 {
                times.append((ContinuousClock.now - begun).microseconds / 1000)
            }
            if runs == 1 { break }
        }
        return times.median
    }
}
