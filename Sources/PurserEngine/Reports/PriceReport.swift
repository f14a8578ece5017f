package import PurserCore

/// Where the price of a video changed from one day to another, and where it is not the catalogue's.
package struct PriceReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        package let model: ModelID
        /// The accounts' tier today, which need not be the one that the price was paid on.
        package let tier: Tier
        /// The first day that was wholly at the new price; where it never changed, the last day of work.
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
    /// What was charged on a day, divided by the videos of that day, need not be a price that anybody paid: the price may
    /// have changed within the day, and a reading of the balance may have decided what was charged. So a share counts if it
    /// is the catalogue's, or that of the day of work before or after.
    package init(_ usage: [UsageRow], _ catalogue: Catalogue) {
        var changed: [Change: Int] = [:]
        var differing: [Change: Int] = [:]
        for (line, days) in Self.shares(usage) {
            let listed = catalogue.price(of: line.model, for: line.tier)
            let paid = days.indices.filter { index in
                let price = days[index].price
                return price == listed || index > 0 && days[index - 1].price == price
                    || index + 1 < days.count && days[index + 1].price == price
            }.compactMap { index in days[index].price.map { (day: days[index].day, price: $0) } }
            let changes = zip(paid, paid.dropFirst()).filter { $0.price != $1.price }
            for (before, after) in changes {
                changed[Change(line, after.day, before.price, after.price), default: 0] += 1
            }
            guard changes.isEmpty, let last = paid.last, let listed, listed != last.price else {
                continue
            }
            differing[Change(line, last.day, nil, last.price), default: 0] += 1
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

    /// Each line's days of work in order; `nil`, the share of a video is no whole number.
    private static func shares(
        _ usage: [UsageRow]
    ) -> [Line: [(day: CalendarDay, price: Credits?)]] {
        var days: [Line: [(day: CalendarDay, price: Credits?)]] = [:]
        for row in usage {
            guard let day = row.day, let account = row.accountID, let model = row.modelID,
                let tier = row.tier, row.videos > 0
            else { continue }
            let share = row.charged.amount.quotientAndRemainder(dividingBy: Int64(row.videos))
            let price = share.remainder == 0 ? Credits(share.quotient) : nil
            let line = Line(account: account, model: model, tier: tier)
            days[line, default: []].append((day, price))
        }
        return days
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

        init(_ line: Line, _ day: CalendarDay, _ before: Credits?, _ price: Credits) {
            self.day = day
            model = line.model
            tier = line.tier
            self.before = before
            self.price = price
        }
    }
}
