import PurserCore
import Testing

@testable import PurserEngine

/// What reports make of sums, whatever store kept them.
struct CreditReportTests {
    private static let ultra = AccountID(high: 1, low: 1)
    private static let other = AccountID(high: 1, low: 2)
    private static let fast = ModelID("veo_3_1_t2v_fast")
    private static let quality = ModelID("veo_3_1_t2v")

    private static func row(
        _ day: String,
        _ account: AccountID = ultra,
        _ model: ModelID = fast,
        member: String = "ana",
        videos: Int = 1,
        charged: Int64,
        refunded: Int64 = 0
    ) -> UsageRow {
        UsageRow(
            day: CalendarDay(day),
            accountID: account,
            accountName: account == ultra ? "u" : "o",
            tier: account == ultra ? .ultra : .tierOne,
            memberID: nil,
            memberName: member,
            modelID: model,
            videos: videos,
            charged: Credits(unchecked: charged),
            refunded: Credits(unchecked: refunded)
        )
    }

    private static func usage() -> [UsageRow] {
        [
            row("2026-10-31", videos: 2, charged: 20),
            row("2026-11-01", other, charged: 20, refunded: 20),
            row("2026-11-02", ultra, quality, member: "ben", charged: 100),
            row("2026-11-09", member: "ben", videos: 3, charged: 30, refunded: 10),
        ]
    }

    @Test func `every pair of keys adds up to the same`() throws {
        for rows in ReportKey.allCases {
            for columns in ReportKey.allCases where columns != rows {
                let report = try CreditReport(
                    Self.usage(),
                    by: ReportKeys(rows, across: columns)
                )
                let cells = report.rows.flatMap(\.cells)
                #expect(cells.count == report.rows.count * report.columns.count)
                #expect(report.total.videos == 7)
                #expect(report.total.charged.amount == 170)
                #expect(report.total.refunded.amount == 30)
                #expect(report.total.spent.amount == 140)
                #expect(cells.reduce(0) { $0 + $1.videos } == 7)
                #expect(cells.reduce(0) { $0 + $1.spent.amount } == 140)
                #expect(report.rows.reduce(0) { $0 + $1.spent.amount } == 140)
                #expect(report.columns.reduce(0) { $0 + $1.spent.amount } == 140)
                for (index, column) in report.columns.enumerated() {
                    let sum = report.rows.reduce(0) { $0 + $1.cells[index].spent.amount }
                    #expect(sum == column.spent.amount)
                }
            }
        }
    }

    @Test func `time comes in order, everything else by what was spent`() throws {
        func labels(_ key: ReportKey) throws -> [String] {
            try CreditReport(Self.usage(), by: ReportKeys(key)).rows.map(\.label)
        }
        #expect(try labels(.week) == ["2026-10-26", "2026-11-02", "2026-11-09"])
        #expect(try labels(.month) == ["2026-10", "2026-11"])
        #expect(try labels(.member) == ["ben", "ana"])
        #expect(try labels(.tier) == ["ultra", "tier-one"])
        #expect(try labels(.account) == ["u", "o"])
        #expect(try labels(.model) == ["veo_3_1_t2v", "veo_3_1_t2v_fast"])
    }

    @Test func `keys are one or two different ones`() throws {
        #expect(try ReportKeys("day") == ReportKeys(.day))
        #expect(try ReportKeys("day,model") == ReportKeys(.day, across: .model))
        let wrong: [(String, ReportKeyError)] = [
            ("", .unknown("")), ("colour", .unknown("colour")), ("day,", .unknown("")),
            ("day, model", .unknown(" model")), ("day,day", .repeated(.day)),
            ("day,model,tier", .tooMany(3)), ("DAY", .unknown("DAY")),
        ]
        for (text, error) in wrong {
            #expect(throws: error) { try ReportKeys(text) }
        }
    }

    @Test func `a price that changed is told with its day and the catalogue's`() throws {
        let catalogue = Catalogue.builtin
        let listed = try #require(catalogue.price(of: Self.fast, for: .ultra))
        let usage = [
            Self.row("2026-10-30", charged: 40),
            Self.row("2026-11-01", videos: 2, charged: 2 * 40),
            // Both prices within one day: their mean is nobody's price.
            Self.row("2026-11-03", videos: 2, charged: 41 + listed.amount * 2),
            Self.row("2026-11-04", videos: 3, charged: 3 * listed.amount),
            Self.row("2026-11-05", videos: 1, charged: listed.amount, refunded: listed.amount),
        ]
        let rows = PriceReport(usage, catalogue).rows
        let change = try #require(rows.last)
        #expect(change.day.description == "2026-11-04")
        #expect(change.before?.amount == 40 && change.price == listed)
        #expect(change.catalogue == listed && change.accounts == 1)
        #expect(rows.count == 1)

        let other = ["2026-11-01", "2026-11-02"].map { Self.row($0, charged: 77) }
        let differing = PriceReport(other, catalogue).rows
        #expect(differing.count == 1)
        #expect(differing.first?.before == nil && differing.first?.price.amount == 77)
        let usual = Self.row("2026-11-01", charged: listed.amount)
        #expect(PriceReport([usual], catalogue).rows.isEmpty)
    }

    @Test func `the mean of two prices is nobody's price, even where it is a whole number`() throws
    {
        let catalogue = Catalogue.builtin
        let listed = try #require(catalogue.price(of: Self.fast, for: .ultra)).amount
        let usage = [
            Self.row("2026-11-01", charged: listed + 10),
            Self.row("2026-11-02", charged: listed + 10),
            // One at the old price and one at the new, and a hold of which a reading left 3.
            Self.row("2026-11-03", videos: 2, charged: 2 * listed + 10),
            Self.row("2026-11-04", charged: listed),
            Self.row("2026-11-05", charged: 3),
            Self.row("2026-11-06", charged: listed),
        ]
        let rows = PriceReport(usage, catalogue).rows
        #expect(rows.map(\.day.description) == ["2026-11-04"])
        #expect(rows.map(\.before?.amount) == [listed + 10])
        #expect(rows.map(\.price.amount) == [listed])
    }

    @Test func `accounts of one name stay apart in every report`() throws {
        let day = try #require(CalendarDay("2026-11-01"))
        let usage = [Self.ultra, Self.other].map { account in
            UsageRow(
                day: day,
                accountID: account,
                accountName: "pro-1",
                tier: .ultra,
                memberID: nil,
                memberName: nil,
                modelID: Self.fast,
                videos: 1,
                charged: Credits(unchecked: 10),
                refunded: Credits(unchecked: 10)
            )
        }
        let sums = ReportSums(
            usage: [usage],
            movements: try [Self.ultra, Self.other].map {
                try movement(.adjust, -7, .externalSpend, of: $0)
            },
            failures: []
        )
        #expect(try CreditReport(usage, by: ReportKeys(.account)).rows.count == 2)
        #expect(try DriftReport(sums).rows.map(\.amount.amount) == [-7, -7])
        #expect(try FailureReport(sums, usage: usage, by: .account).rows.count == 2)
    }

    @Test func `what lapsed is told in videos of the cheapest and the most used model`() throws {
        let sums = ReportSums(
            usage: [],
            movements: [
                try movement(.refill, 1000), try movement(.periodClose, -205),
                try movement(.adjust, -7, .externalSpend), try movement(.refund, 10),
            ],
            failures: []
        )
        let catalogue = Catalogue.builtin
        let usage = [
            Self.row("2026-11-01", videos: 3, charged: 30),
            Self.row("2026-11-01", Self.ultra, Self.quality, videos: 1, charged: 100),
        ]
        let report = try WasteReport(sums, usage: usage, catalogue)
        let row = try #require(report.rows.first)
        #expect(report.rows.count == 1 && row.renewals == 1)
        #expect(row.granted.amount == 1000 && row.lapsed.amount == 205)
        let price = try #require(catalogue.price(of: Self.fast, for: .ultra))
        #expect(row.mostUsed?.model == Self.fast)
        #expect(row.mostUsed?.videos == 205 / price.amount)
        let cheapest = try #require(row.cheapest)
        #expect(cheapest.price > .zero && cheapest.price <= price)
        #expect(cheapest.videos == 205 / cheapest.price.amount)
        let drift = try DriftReport(sums)
        #expect(drift.rows.map(\.cause) == [.externalSpend])
        #expect(drift.total.amount == -7)
    }

    @Test func `failures cost what did not come back`() throws {
        let day = try #require(CalendarDay("2026-11-09"))
        func failure(_ state: JobState, jobs: Int, price: Int64) -> FailureSum {
            FailureSum(
                day: day,
                accountID: Self.ultra,
                accountName: "u",
                tier: .ultra,
                memberName: "ben",
                modelID: Self.fast,
                state: state,
                jobs: jobs,
                price: Credits(unchecked: price)
            )
        }
        let sums = ReportSums(
            usage: [],
            movements: [],
            failures: [
                failure(.failed, jobs: 2, price: 20), failure(.canceled, jobs: 1, price: 10),
            ]
        )
        for key in ReportKey.allCases {
            let report = try FailureReport(sums, usage: Self.usage(), by: key)
            #expect(report.total.failed == 2 && report.total.canceled == 1)
            #expect(report.total.price.amount == 30 && report.total.refunded.amount == 30)
            #expect(report.total.cost == .zero)
            #expect(report.rows.reduce(0) { $0 + $1.cost.amount } == 0)
        }
        let members = try FailureReport(sums, usage: Self.usage(), by: .member).rows
        #expect(members.map(\.label) == ["ben", "ana"])
        #expect(members.map(\.cost.amount) == [20, -20])
    }

    private func movement(
        _ kind: EntryKind,
        _ amount: Int64,
        _ cause: AdjustmentCause? = nil,
        of account: AccountID = ultra
    ) throws -> MovementSum {
        MovementSum(
            day: try #require(CalendarDay("2026-11-05")),
            ledgerAccount: .credits(account),
            name: "u",
            tier: .ultra,
            kind: kind,
            cause: cause,
            entries: 1,
            amount: Credits(unchecked: amount)
        )
    }
}
