import PurserCore
import PurserEngine
import PurserPages

// What the books say besides who spent what, as every form shows it.

extension ReportSection {
    static func drift(_ drift: DriftReport) -> ReportSection {
        ReportSection(
            heading: "Differences booked",
            report: Report(
                "drift",
                columns: [
                    .init("account", "ACCOUNT"), .init("cause", "CAUSE"),
                    .init("entries", "ENTRIES", .right), .init("amount", "AMOUNT", .right),
                ],
                rows: drift.rows.map {
                    [
                        .init($0.account), .init($0.cause.rawValue), .init($0.entries),
                        .init($0.amount, .bold),
                    ]
                },
                totals: drift.rows.isEmpty
                    ? nil
                    : [
                        .init("total", .bold), .empty,
                        .init(drift.rows.reduce(0) { $0 + $1.entries }),
                        .init(drift.total, .bold),
                    ],
                emptyText: "no difference was booked in this span"
            ),
            note: "below 0: credits that went without Purser"
        )
    }

    static func wasted(_ wasted: WasteReport) -> ReportSection {
        func bought(_ purchase: WasteReport.Purchase?) -> [Report.Cell] {
            [
                .init(purchase?.model.rawValue), .init(purchase?.price),
                .init(JSONOutput(purchase.map { Int($0.videos) })),
            ]
        }
        return ReportSection(
            heading: "Lost to renewals",
            report: Report(
                "wasted",
                columns: [
                    .init("account", "ACCOUNT"), .init("renewals", "RENEWALS", .right),
                    .init("granted", "GRANTED", .right), .init("lapsed", "LAPSED", .right),
                    .init("cheapest_model", "CHEAPEST"), .init("cheapest_price", "PRICE", .right),
                    .init("cheapest_videos", "VIDEOS", .right),
                    .init("most_used_model", "MOST USED"),
                    .init("most_used_price", "PRICE", .right),
                    .init("most_used_videos", "VIDEOS", .right),
                ],
                rows: wasted.rows.map {
                    [
                        .init($0.account), .init($0.renewals), .init($0.granted),
                        .init($0.lapsed, .bold),
                    ] + bought($0.cheapest) + bought($0.mostUsed)
                },
                totals: wasted.rows.isEmpty
                    ? nil
                    : [
                        .init("total", .bold), .init(wasted.rows.reduce(0) { $0 + $1.renewals }),
                        .init(wasted.granted, .bold), .init(wasted.lapsed, .bold), .empty, .empty,
                        .empty, .empty, .empty, .empty,
                    ],
                emptyText: "no renewal was seen in this span"
            ),
            note:
                "what lapsed would have bought so many videos, at the catalogue's prices of today",
            chart: .bars(
                title: "Credits lost to renewals",
                labels: wasted.rows.prefix(12).map(\.account),
                values: Chart.Series("lapsed", wasted.rows.prefix(12).map(\.lapsed.amount))
            )
        )
    }

    static func failures(_ failures: FailureReport) -> ReportSection {
        let key = failures.key.rawValue
        func cells(_ row: FailureReport.Row, _ style: Style?) -> [Report.Cell] {
            [
                .init(row.label, style), .init(row.failed), .init(row.filtered),
                .init(row.canceled), .init(row.price), .init(row.refunded), .init(row.cost, .bold),
            ]
        }
        return ReportSection(
            heading: "Failed jobs by \(key)",
            report: Report(
                "failures",
                columns: [
                    .init(key, key.uppercased()), .init("failed", "FAILED", .right),
                    .init("filtered", "FILTERED", .right), .init("canceled", "CANCELED", .right),
                    .init("price", "PRICE", .right), .init("refunded", "REFUNDED", .right),
                    .init("cost", "COST", .right),
                ],
                rows: failures.rows.map { cells($0, nil) },
                totals: failures.rows.isEmpty ? nil : cells(failures.total, .bold),
                emptyText: "no job failed in this span"
            ),
            note: "a refund counts where it came, which may be after the span of its job"
        )
    }

    static func budgets(_ budgets: BudgetReport) -> ReportSection {
        ReportSection(
            heading: "Budgets and limits now",
            report: Report(
                "budgets",
                columns: [
                    .init("member", "MEMBER"), .init("window", "OF"),
                    .init("limit", "LIMIT", .right), .init("spent", "SPENT", .right),
                    .init("held", "HELD", .right), .init("left", "LEFT", .right),
                    .init("percent", "USED", .right), .init("resets_at", "BEGINS AGAIN"),
                    .init("revoked", "", isOptional: true),
                ],
                rows: budgets.rows.map { row in
                    let isShort = row.left == .zero
                    return [
                        .init(
                            JSONOutput(row.member),
                            shown: (row.member ?? "the team") + (row.isRevoked ? " (revoked)" : "")
                        ),
                        .init(row.window?.rawValue ?? "budget"), .init(row.limit), .init(row.spent),
                        .init(row.held), .init(row.left, isShort ? .red : .bold),
                        .init(
                            row.percent.map { .integer($0) } ?? .null,
                            shown: row.percent.map { "\($0)%" },
                            isShort ? .red : nil
                        ),
                        .init(row.resetsAt), .init(.bool(row.isRevoked), shown: ""),
                    ]
                },
                emptyText: "nobody has a budget or a limit: purser members set"
            )
        )
    }

    static func prices(_ prices: PriceReport) -> ReportSection {
        ReportSection(
            heading: "Prices that changed",
            report: Report(
                "prices",
                columns: [
                    .init("day", "DAY"), .init("model", "MODEL"), .init("tier", "TIER"),
                    .init("before", "BEFORE", .right), .init("price", "PRICE", .right),
                    .init("catalogue", "CATALOGUE", .right), .init("accounts", "ACCOUNTS", .right),
                ],
                rows: prices.rows.map { row in
                    [
                        .init(row.day), .init(row.model.rawValue), .init(row.tier.rawValue),
                        .init(row.before), .init(row.price, .bold),
                        .init(row.catalogue, row.catalogue == row.price ? nil : .yellow),
                        .init(row.accounts),
                    ]
                },
                emptyText: "no price changed in this span, and all are the catalogue's"
            ),
            note: "credits a video; without BEFORE, the last price paid is not the catalogue's"
        )
    }

    static func balances(_ accounts: [AccountOverview], at now: Timestamp) -> ReportSection {
        ReportSection(
            heading: "Accounts now",
            report: AccountReport(now: now).report(accounts),
            chart: .bars(
                title: "Credits available now",
                labels: accounts.map(\.account.name),
                values: Chart.Series("available", accounts.map { $0.balance?.available.amount })
            )
        )
    }
}
