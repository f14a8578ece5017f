package import PurserCore

/// Where the price of a video changed from one day to another, and where it is not the catalogue's.
package struct PriceReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        package let model: ModelID
        /// The accounts' tier today.
        package let tier: Tier
        /// The first day at the new price; where it never changed, the last day of work.
        package let day: CalendarDay
        /// `nil`: it did not change, and is not the catalogue's.
        package let before: Credits?
        package let price: Credits
        /// What the catalogue says today.
        package let catalogue: Credits?
        /// How many accounts it was seen on.
        package let accounts: Int
    }

    /// By day, then by model and tier.
    package let rows: [Row]

    /// `usage` tells days, accounts and models apart, and comes by day.
    ///
    /// What was charged on a day is divided by the videos of that day; a day whose share is no whole number, because the
    /// price changed within it, is passed over.
    package init(_ usage: [UsageRow], _ catalogue: Catalogue) {
        var last: [Line: (price: Credits, day: CalendarDay)] = [:]
        var changed: [Change: Int] = [:]
        var hasChanged: Set<Line> = []
        for row in usage {
            guard let day = row.day, let account = row.accountID, let model = row.modelID,
                let tier = row.tier, row.videos > 0,
                row.charged.amount % Int64(row.videos) == 0,
                let price = Credits(row.charged.amount / Int64(row.videos))
            else { continue }
            let line = Line(account: account, model: model, tier: tier)
            if let before = last[line]?.price, before != price {
                let change = Change(
                    day: day,
                    model: model,
                    tier: tier,
                    before: before,
                    price: price
                )
                changed[change, default: 0] += 1
                hasChanged.insert(line)
            }
            last[line] = (price, day)
        }
        var differing: [Change: Int] = [:]
        for (line, paid) in last where !hasChanged.contains(line) {
            guard let listed = catalogue.price(of: line.model, for: line.tier), listed != paid.price
            else { continue }
            let change = Change(
                day: paid.day,
                model: line.model,
                tier: line.tier,
                before: nil,
                price: paid.price
            )
            differing[change, default: 0] += 1
        }
        rows = changed.merging(differing) { $0 + $1 }.map { change, accounts in
            Row(
                model: change.model,
                tier: change.tier,
                day: change.day,
                before: change.before,
                price: change.price,
                catalogue: catalogue.price(of: change.model, for: change.tier),
                accounts: accounts
            )
        }.sorted { ($0.day, $0.model, $0.tier, $0.price) < ($1.day, $1.model, $1.tier, $1.price) }
    }

    private struct Line: Hashable {
        let account: AccountID
        let model: ModelID
        let tier: Tier
    }

    private struct Change: Hashable {
        let day: CalendarDay
        let model: ModelID
        let tier: Tier
        let before: Credits?
        let price: Credits
    }
}
