import PurserCore
import PurserPages

/// How long writing a page takes; the yardstick puts the same text together from its pieces, and does nothing else.
enum PageBenchmark {
    private static let rounds = 200
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)
    private static let accounts = 50

    static func run() throws {
        let pages = try Pages()
        var table = FigureTable(
            "page: ms to write a page, median of \(rounds) (aim: under 50 for the overview of "
                + "\(accounts) accounts and a year)",
            columns: ["page", "KiB", "ms", "pieces put together, ms", "times as long"]
        )
        for language in Language.allCases {
            let frame = PageFrame(
                language: language,
                path: PagePath.overview.rawValue,
                viewer: Viewer(name: "owner", role: .owner),
                formToken: String(repeating: "x", count: 43)
            )
            for (name, page) in [("overview", Page.overview(overview)), ("spend", .spend(spend))] {
                let html = pages.html(page, in: frame)
                let writing = milliseconds { pages.html(page, in: frame).utf8.count }
                let pieces = html.split(separator: " ", omittingEmptySubsequences: false)
                let joining = milliseconds {
                    pieces.reduce(into: "") { text, piece in
                        text += piece
                        text += " "
                    }.utf8.count
                }
                table.add(
                    "\(name), \(language.rawValue)",
                    (html.utf8.count / 1024).grouped,
                    writing.shown(2),
                    joining.shown(2),
                    (writing / joining).shown(1)
                )
            }
        }
        table.show()
    }

    private static func milliseconds(_ work: () -> Int) -> Double {
        let clock = ContinuousClock()
        // The first round only warms up.
        let times = (0...rounds).map { _ in
            clock.measure { precondition(work() > 0) }.microseconds / 1000
        }
        return times.dropFirst().map { $0 }.median
    }

    // MARK: What is shown

    private static func credits(_ amount: Int) -> Credits { Credits(unchecked: Int64(amount)) }

    private static var overview: OverviewView {
        var generator = SeededGenerator(seed: 2)
        let today = CalendarDay(now)
        return OverviewView(
            now: now,
            accounts: (0..<accounts).map { account($0, &generator) },
            history: (0..<365).map { day in
                DaySpent(
                    day: CalendarDay(number: today.number - day),
                    spent: credits(Int.random(in: 0...3000, using: &generator))
                )
            },
            forecast: ForecastView(
                at: now,
                rows: (0..<accounts).map { forecast(.account("account-\($0)"), from: today) }
                    + [forecast(.pool, from: today)]
            )
        )
    }

    private static func account(
        _ number: Int,
        _ generator: inout SeededGenerator
    )
        -> AccountOverview
    {
        let account = Account(
            id: AccountID(using: &generator),
            createdAt: now,
            name: "account-\(number)",
            tier: number.isMultiple(of: 3) ? .ultra : .tierOne,
            state: number % 20 == 7 ? .paused(reason: "benchmark") : .enabled,
            settings: AccountSettings(
                monthlyCredits: credits(12_500),
                renewsOnDay: number % 28 + 1
            ),
            tokenExpiresAt: now + .seconds(3600 * Int64(number))
        )
        let posted = credits(Int.random(in: 0...12_500, using: &generator))
        return AccountOverview(
            candidate: Candidate(account: account, balance: Balance(posted: posted, held: .zero)),
            lastObserved: nil,
            unknown: .zero,
            refundsDue: .zero,
            drift: nil
        )
    }

    private static func forecast(
        _ subject: CreditForecastView.Subject,
        from day: CalendarDay
    ) -> CreditForecastView {
        CreditForecastView(
            subject: subject,
            outcome: .known(
                runsOut: .init(earliest: day, middle: day, latest: nil),
                chance: 90,
                left: nil
            ),
            points: (0..<30).map { ahead in
                CreditForecastView.Point(
                    day: CalendarDay(number: day.number + ahead),
                    low: credits(2000 - ahead * 60),
                    middle: credits(2200 - ahead * 50),
                    high: credits(2400 - ahead * 40)
                )
            }
        )
    }

    private static var spend: SpendView {
        let today = CalendarDay(now)
        return SpendView(
            from: CalendarDay(number: today.number - 364),
            to: today,
            key: .member,
            rows: (0..<365 * 12).map { number in
                SpendView.Row(
                    day: CalendarDay(number: today.number - number / 12),
                    label: "member-\(number % 12)",
                    videos: 3,
                    charged: credits(number % 70 * 10),
                    refunded: .zero
                )
            }
        )
    }
}
