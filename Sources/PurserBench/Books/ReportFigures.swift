import PurserCore
import PurserEngine
import PurserStore

/// Credit reports over long books, each beside the same sums in plain SQL over the entries.
struct ReportFigures {
    private static let runs = 5

    /// A report of every kind of question: in order, so that a figure can be compared with that of another run.
    private struct Question {
        let name: String
        let keys: ReportKeys
        /// SQL's groups over ``charges``; a billing cycle is another span for each account, which no simple query tells.
        let groups: String?
        let span: ReportSpan
        /// SQL that says which charges lie in the span.
        let filter: String

        init(
            _ name: String,
            _ keys: ReportKeys,
            _ groups: String?,
            _ span: ReportSpan = .days(from: nil, before: nil),
            _ filter: String = ""
        ) {
            self.name = name
            self.keys = keys
            self.groups = groups
            self.span = span
            self.filter = filter
        }
    }

    /// Every charge with its submission, which tells whose it is and for which model: each asks for one video.
    private static let charges = """
        FROM ledger_entry e JOIN ledger_account l ON l.id = e.ledger_account
        JOIN submission s ON s.id = e.submission_id
        WHERE l.kind = 'credits' AND e.kind IN ('settle', 'charge')
        """

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

    /// Measures every question; each sum of those with a yardstick is the same to the credit.
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
            guard let groups = question.groups, let report else {
                table.add(question.name, size.grouped, took.shown(1), "–", "–")
                continue
            }
            var sums: [Int64] = []
            let yardstick = try await median(runs: 1) {
                sums = try raw.numbers(
                    "SELECT -sum(e.d_posted) \(Self.charges)\(question.filter) GROUP BY \(groups)"
                )
            }
            guard sums.sorted() == report.charges else {
                throw BenchmarkError("\(question.name): the report's sums are not those of SQL")
            }
            let ratio = (yardstick / took).shown(1)
            table.add(question.name, size.grouped, took.shown(1), yardstick.shown(1), ratio)
        }
    }

    private var questions: [Question] {
        let end = CalendarDay(home.end).number
        let (from, before) = (end - 350, end - 3)
        let ragged = ReportSpan.days(
            from: CalendarDay(number: from),
            before: CalendarDay(number: before)
        )
        let within = " AND e.at_ms / 86400000 >= \(from) AND e.at_ms / 86400000 < \(before)"
        let (day, account) = ("e.at_ms / 86400000", "l.owner")
        // 1970 began on a Thursday, weeks begin on Mondays.
        let week = "(e.at_ms / 86400000 + 3) / 7"
        let (member, model) = ("s.member_id", "s.model_keys")
        return [
            Question("by account", .init(.account), account),
            Question("by day", .init(.day), day),
            Question("by day and model", .init(.day, across: .model), "\(day), \(model)"),
            Question("by day and account", .init(.day, across: .account), "\(day), \(account)"),
            Question("by week and member", .init(.week, across: .member), "\(week), \(member)"),
            Question("by member and model", .memberAndModel, "\(member), \(model)"),
            Question("ragged span by account", .init(.account), account, ragged, within),
            Question(
                "ragged span by account and member",
                .init(.account, across: .member),
                "\(account), \(member)",
                ragged,
                within
            ),
            Question(
                "billing cycles by member and model",
                .memberAndModel,
                nil,
                .cycles(on: CalendarDay(number: end - 1))
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

extension ReportKeys {
    /// What hledger's journal tells apart, too.
    static let memberAndModel = ReportKeys(.member, across: .model)
}

extension CreditReport {
    /// What each group was charged, least first; groups without a charge are left out.
    var charges: [Int64] {
        let groups = rows.flatMap { keys.columns == nil ? [$0.amounts] : $0.cells }
        return groups.map(\.charged.amount).filter { $0 > 0 }.sorted()
    }
}
