import PurserCore
import PurserEngine
import PurserPages

/// Views with something in every place; `text` makes each text of them, from what it is.
struct SampleViews: Sendable {
    let text: @Sendable (String) -> String

    /// Ordinary texts.
    static let plain = SampleViews { $0 }

    let now = Timestamp(milliseconds: 1_795_000_000_000)
    var today: CalendarDay { CalendarDay(now) }

    func credits(_ amount: Int64) -> Credits { Credits(unchecked: amount) }
    func id<Subject>(_ number: UInt64) -> Identifier<Subject> { Identifier(high: 7, low: number) }

    /// Every kind of page; some kinds more than once.
    var pages: [(name: String, page: Page)] {
        [
            ("sign-in", .signIn(SignInView(refusal: .notAKey, next: text("/page/jobs")))),
            ("overview", .overview(overview)),
            (
                "overview of nothing",
                .overview(OverviewView(now: now, accounts: [], own: nil))
            ),
            ("overview of one's own", .overview(own)),
            ("spend", .spend(spend)),
            (
                "spend of nothing",
                .spend(SpendView(from: today, to: today, key: .member, rows: []))
            ),
            ("jobs", .jobs(jobs)),
            ("no jobs", .jobs(JobsView(now: now, rows: [], openOnly: false))),
            ("members", .members(members)),
            ("route", .route(route)),
            (
                "route refused",
                .route(
                    RouteView(
                        request: text("{}"),
                        member: text("ana"),
                        answer: .refused(.said(text("no")), hint: text("yes"))
                    )
                )
            ),
            ("audit", .audit(audit)),
        ]
            + problems.enumerated().map { number, problem in
                (
                    "problem \(number)",
                    .problem(ProblemView(status: 404, problem: problem, hint: text("h")))
                )
            }
            + AccountAction.allCases.map { action in
                ("confirm \(action)", .confirm(confirm(action)))
            }
    }

    /// Each that there is.
    var problems: [PageProblem] {
        [
            .said(text("m")), .noSuchPage, .noSuchAccount, .noSuchMember,
            .otherMethod(text("POST")),
        ]
            + MemberRole.allCases.map { .roleForbids($0, [.readAudit, .changeAccounts]) }
            + [
                .tooOld, .foreign, .noForm, .unknownField, .unreadable(.reason), .tooLarge(16_384),
                .longReason, .unreadableExpiry, .tokenInClear,
            ].map(PageProblem.form)
            + [
                .unreadable, .unknown(text("colour")), .twice(text("from")), .backwards,
                .tooLong(366), .unfit(.to, text("x"), .day), .unfit(.open, text("x"), .trueOrFalse),
                .unfit(.cursor, text("x"), .cursor), .unfit(.by, text("x"), .spendKey),
            ].map(PageProblem.query)
            + [
                .requests(1), .ownRequests(2), .room, .ownRoom, .openPages, .failed, .vault,
                .books, .busyBooks,
            ].map(PageProblem.gateway)
    }

    func frame(_ role: MemberRole?, _ language: Language = .english) -> PageFrame {
        PageFrame(
            language: language,
            path: text("/page"),
            viewer: role.map { Viewer(name: text("vera"), role: $0) },
            formToken: text("form-token"),
            notice: .failed(text("failed"))
        )
    }

    // MARK: Accounts

    func account(_ number: UInt64, _ state: AccountState, balance: Balance?) -> AccountOverview {
        var settings = AccountSettings(
            projectID: text("project"),
            maxInFlight: 4,
            tags: [text("tag")]
        )
        settings.monthlyCredits = credits(25_000)
        settings.renewsOnDay = Int(number % 28) + 1
        let account = Account(
            id: id(number),
            createdAt: now - .seconds(86_400),
            name: text("account-\(number)"),
            tier: Tier.allCases[Int(number) % 3],
            state: state,
            settings: settings,
            tokenExpiresAt: now + .seconds(Int64(number) * 3600),
            tokenExposedAt: number == 2 ? now : nil
        )
        let rests = [
            Rest(
                accountID: account.id,
                modelID: ModelID(text("model")),
                until: now + .seconds(600),
                reason: .throttled,
                strikes: 1
            )
        ]
        return AccountOverview(
            candidate: Candidate(
                account: account,
                balance: balance,
                jobsInFlight: 2,
                rests: number == 1 ? rests : []
            ),
            lastObserved: nil,
            unknown: credits(number == 1 ? 20 : 0),
            refundsDue: .zero,
            drift: number == 3 ? credits(-7) : nil
        )
    }

    var accounts: [AccountOverview] {
        [
            account(1, .enabled, balance: Balance(posted: credits(12_345), held: credits(300))),
            account(2, .paused(reason: text("why")), balance: nil),
            account(
                3,
                .needsRotation(reason: text("dead")),
                balance: Balance(posted: .zero, held: .zero)
            ),
        ]
    }

    func confirm(_ action: AccountAction) -> ConfirmView {
        ConfirmView(
            now: now,
            action: action,
            account: accounts[1],
            mayPasteToken: true,
            failure: .said(text("did not work")),
            hint: text("try again")
        )
    }

    // MARK: Overview

    var limits: [SpendingStatus] {
        [.day, .cycle(day: 5)].map { window in
            SpendingStatus(
                owner: .team,
                limit: SpendingLimit(window: window, credits: credits(500), warnAt: 80),
                spent: credits(300),
                held: credits(100),
                resetsAt: now + .seconds(7200)
            )
        }
    }

    var own: OverviewView {
        OverviewView(
            now: now,
            accounts: nil,
            history: [DaySpent(day: today, spent: credits(9))],
            own: OwnSpending(budget: Balance(posted: credits(50), held: .zero), limits: limits)
        )
    }

    var overview: OverviewView {
        OverviewView(
            now: now,
            accounts: accounts,
            alerts: AlertKind.allCases.map { kind in
                Alert(
                    key: AlertKey(
                        kind: kind,
                        subject: id(1),
                        threshold: 80,
                        occasion: text("occasion")
                    ),
                    name: text("name"),
                    amount: credits(1234),
                    limit: credits(2000),
                    until: now,
                    detail: text("detail")
                )
            },
            queue: QueueView(
                waiting: 3,
                limit: 1000,
                underWay: 2,
                forecast: QueueForecast(
                    waiting: 3,
                    freeSlots: 1,
                    ages: [.seconds(30)],
                    durations: (1...20).map { .seconds($0 * 10) }
                )
            ),
            history: (0..<40).map { day in
                DaySpent(
                    day: CalendarDay(number: today.number - day),
                    spent: credits(Int64(day * 13 % 90))
                )
            },
            forecast: ForecastView(
                at: now - .seconds(420),
                rows: [
                    forecast(.pool), forecast(.account(text("account-1"))),
                    CreditForecastView(subject: .tier(.ultra), outcome: .notEnoughData),
                    CreditForecastView(subject: .tier(.tierOne), outcome: .unknownBalance),
                    CreditForecastView(subject: .tier(.free), outcome: .stopped),
                ]
            ),
            own: OwnSpending(budget: nil, limits: limits)
        )
    }

    func forecast(_ subject: CreditForecastView.Subject) -> CreditForecastView {
        CreditForecastView(
            subject: subject,
            outcome: .known(
                runsOut: .init(
                    earliest: CalendarDay(number: today.number + 27),
                    middle: nil,
                    latest: nil
                ),
                chance: 40,
                left: .init(on: today, credits: credits(0)...credits(700))
            ),
            points: (0..<30).map { day in
                let middle = Int64(3000 - day * 90)
                return CreditForecastView.Point(
                    day: CalendarDay(number: today.number + day),
                    low: credits(max(0, middle - Int64(day * 10))),
                    middle: credits(middle),
                    high: credits(middle + Int64(day * 10))
                )
            }
        )
    }

    // MARK: Lists

    var spend: SpendView {
        SpendView(
            from: CalendarDay(number: today.number - 20),
            to: today,
            key: .model,
            rows: (0..<60).map { number in
                SpendView.Row(
                    day: CalendarDay(number: today.number - number % 20),
                    label: text("label-\(number % 12)"),
                    videos: number,
                    charged: credits(Int64(number) * 20),
                    refunded: credits(Int64(number % 3) * 20)
                )
            },
            refusal: .query(.unfit(.from, text("refused"), .day))
        )
    }

    var jobs: JobsView {
        let states: [JobState] = [
            .scheduled, .pending, .active, .successful, .failed, .canceled, .filtered, .lost,
            .other(text("NEW")),
        ]
        return JobsView(
            now: now,
            rows: states.enumerated().map { number, state in
                JobsView.Row(
                    job: job(UInt64(number), state),
                    account: text("account"),
                    member: text("ana")
                )
            },
            openOnly: true,
            next: text("cursor")
        )
    }

    private func job(_ number: UInt64, _ state: JobState) -> Job {
        Job(
            id: id(number),
            operationName: text("operation"),
            alias: text("alias"),
            shape: .operations,
            sceneID: text("scene"),
            projectID: text("project"),
            accountID: id(1),
            memberID: id(2),
            submissionID: id(3),
            credentialVersion: 1,
            modelID: ModelID(text("model")),
            modelKey: text("key"),
            price: credits(20),
            createdAt: now,
            state: state,
            endedAt: state.hasEnded ? now : nil,
            failure: text("failure"),
            mediaIDs: [text("medium")],
            refund: state.isRefunded ? .due : .none
        )
    }

    var members: MembersView {
        MembersView(
            now: now,
            rows: MemberRole.allCases.enumerated().map { number, role in
                MembersView.Row(
                    overview: MemberOverview(
                        member: Member(
                            id: id(UInt64(number)),
                            name: text("member-\(number)"),
                            createdAt: now,
                            hasBudget: number == 1,
                            role: role,
                            limits: MemberLimits(
                                tiers: [.ultra],
                                tags: [text("tag")],
                                models: [ModelID(text("model"))]
                            ),
                            revokedAt: number == 2 ? now : nil
                        ),
                        budget: number == 1 ? Balance(posted: credits(70), held: .zero) : nil,
                        keys: []
                    ),
                    limits: limits
                )
            },
            team: limits
        )
    }

    var audit: AuditView {
        AuditView(
            entries: [
                AuditEntry(
                    sequence: 1,
                    at: now,
                    record: AuditRecord(
                        actor: Actor(text("cli:alice")),
                        verb: text("account.pause"),
                        subject: text("subject"),
                        detail: text("detail")
                    ),
                    hash: []
                )
            ],
            filter: AuditFilter(from: now, to: now, actor: text("actor"), verb: text("verb")),
            next: text("cursor")
        )
    }

    // MARK: Route

    var route: RouteView {
        RouteView(
            request: text("{\"a\": 1}"),
            member: text("ana"),
            answer: .explained(
                RouteExplanation(
                    policy: .balanced,
                    lines: [
                        line(1, rank: 1, score: text("10 credits"), []),
                        line(2, rank: nil, reasons),
                    ]
                ),
                call: text("/v1/video:call"),
                models: [text("model")]
            )
        )
    }

    private func line(
        _ number: UInt64,
        rank: Int?,
        score: String? = nil,
        _ reasons: [Ineligibility]
    ) -> RouteExplanation.Line {
        RouteExplanation.Line(
            accountID: id(number),
            name: text("account-\(number)"),
            tier: .ultra,
            modelKeys: [text("model_key")],
            price: credits(20),
            available: rank == nil ? nil : credits(0),
            rank: rank,
            score: score,
            ineligibilities: reasons
        )
    }

    private var reasons: [Ineligibility] {
        let model = ModelID(text("model"))
        return [
            .notTheOneAskedFor, .alreadyTried, .paused(reason: text("why")),
            .needsRotation(reason: text("why")), .tokenExpired(at: now),
            .tierCannotUse(model: model, tier: .free), .priceUnknown(model: model, tier: .free),
            .otherTierAskedFor(.ultra), .resting(reason: .throttled, until: now, model: model),
            .balanceUnknown,
            .notEnoughCredits(available: credits(5), reserve: credits(1), price: credits(20)),
            .aboveMaximum(price: credits(20), maximum: credits(10)),
            .overBudget(price: credits(20), available: credits(3)),
            .notForThisMember(.tags([text("tag")])), .notForThisMember(.model(model)),
            .noFreeSlot(inFlight: 4, maximum: 4),
            .comingBack(reason: .throttled, inFlight: 1, width: 1), .mediaBelongTo([id(1)]),
        ]
    }

    // MARK: Report

    var report: ReportView {
        let labels = ["a", "b", "c"].map(text)
        let table = TableView(
            caption: text("caption"),
            columns: [.init(text("column")), .init(text("number"), isNumber: true)],
            rows: [
                [.text(text("cell")), .number(1234)], [.state(text("state"), .bad), .number(nil)],
                [.lines([.text(text("line"))]), .day(today)],
            ],
            total: [.text(text("total")), .time(now)]
        )
        let series = [Chart.Series(text("one"), [1, nil, 3]), .init(text("two"), [0, 5, -2])]
        let charts: [Chart] = [
            .stackedBars(title: text("title"), labels: labels, series: series),
            .bars(title: text("title"), labels: labels, values: series[0]),
            .line(title: text("title"), labels: labels, series: series),
            .range(
                title: text("title"),
                labels: labels,
                low: series[0],
                middle: series[0],
                high: series[1]
            ),
        ]
        return ReportView(
            title: text("title"),
            span: text("span"),
            madeAt: now,
            sections: charts.map { chart in
                .init(heading: text("heading"), note: text("note"), tables: [table], chart: chart)
            }
        )
    }
}

extension Pages {
    /// Templates are read once, and not for every test.
    static let shared = Result { try Pages() }
}
