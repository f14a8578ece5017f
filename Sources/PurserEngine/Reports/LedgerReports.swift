package import PurserCore

// What the kept sums of movements and failures say; each is made of one `ReportSums`, so that several of them agree.

/// Differences that were booked, by account and cause.
package struct DriftReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        package let account: String
        package let cause: AdjustmentCause
        package let entries: Int
        /// Below 0 where credits went without us.
        package let amount: Credits
    }

    /// By account, then by cause.
    package let rows: [Row]
    package let total: Credits

    package init(_ sums: ReportSums) throws {
        var found: [Place: (account: String, entries: Int, amount: Credits)] = [:]
        var total = Credits.zero
        for movement in sums.movements {
            guard case .credits(let id) = movement.ledgerAccount, let cause = movement.cause else {
                continue
            }
            let place = Place(account: id, cause: cause)
            let before = found[place] ?? (movement.name, 0, .zero)
            let amount = try before.amount.plus(movement.amount)
            found[place] = (movement.name, before.entries + movement.entries, amount)
            total = try total.plus(movement.amount)
        }
        rows = found.map { place, sum in
            Row(
                account: sum.account,
                cause: place.cause,
                entries: sum.entries,
                amount: sum.amount
            )
        }.sorted { ($0.account, $0.cause.rawValue) < ($1.account, $1.cause.rawValue) }
        self.total = total
    }

    private struct Place: Hashable {
        let account: AccountID
        let cause: AdjustmentCause
    }
}

/// What renewals took away unused, and what that would have bought.
package struct WasteReport: Sendable, Equatable {
    /// A model at its price today, and how many videos of it.
    package struct Purchase: Sendable, Equatable {
        package let model: ModelID
        package let price: Credits
        package let videos: Int64
    }

    package struct Row: Sendable, Equatable {
        package let account: String
        package let renewals: Int
        /// What the renewals granted.
        package let granted: Credits
        package let lapsed: Credits
        /// Of the models that the account's tier can buy now and that cost something, the one of the lowest price;
        /// `nil`, its tier is not known any more or can buy none.
        package let cheapest: Purchase?
        /// Of those that cost something, the one that most videos were made of on the account in the span.
        package let mostUsed: Purchase?
    }

    /// What lapsed most comes first.
    package let rows: [Row]
    package let granted: Credits
    package let lapsed: Credits

    /// `usage` tells accounts and models apart.
    package init(
        _ sums: ReportSums,
        usage: [UsageRow],
        _ catalogue: Catalogue
    ) throws {
        var found: [AccountID: Renewals] = [:]
        for movement in sums.movements {
            guard case .credits(let id) = movement.ledgerAccount else { continue }
            var renewals = found[id] ?? Renewals(movement)
            switch movement.kind {
            case .refill: renewals.granted = try renewals.granted.plus(movement.amount)
            case .periodClose:
                renewals.count += movement.entries
                renewals.lapsed = try renewals.lapsed.minus(movement.amount)
            default: continue
            }
            found[id] = renewals
        }
        var most: [AccountID: (model: ModelID, price: Credits, videos: Int)] = [:]
        for row in usage {
            guard let id = row.accountID, let model = row.modelID, let tier = row.tier,
                let price = catalogue.price(of: model, for: tier), price > .zero,
                row.videos > most[id]?.videos ?? 0
            else { continue }
            most[id] = (model, price, row.videos)
        }
        rows = found.map { id, renewals in
            let cheapest = renewals.tier.flatMap { Self.cheapest(in: catalogue, for: $0) }
            return Row(
                account: renewals.account,
                renewals: renewals.count,
                granted: renewals.granted,
                lapsed: renewals.lapsed,
                cheapest: cheapest.map { Purchase($0.model, at: $0.price, for: renewals.lapsed) },
                mostUsed: most[id].map { Purchase($0.model, at: $0.price, for: renewals.lapsed) }
            )
        }.sorted { $0.lapsed == $1.lapsed ? $0.account < $1.account : $0.lapsed > $1.lapsed }
        granted = try rows.reduce(.zero) { try $0.plus($1.granted) }
        lapsed = try rows.reduce(.zero) { try $0.plus($1.lapsed) }
    }

    private struct Renewals {
        let account: String
        let tier: Tier?
        var count = 0
        var granted = Credits.zero
        var lapsed = Credits.zero

        init(_ movement: MovementSum) {
            account = movement.name
            tier = movement.tier
        }
    }

    private static func cheapest(
        in catalogue: Catalogue,
        for tier: Tier
    ) -> (model: ModelID, price: Credits)? {
        catalogue.models.compactMap { model in
            guard let offer = model.offers[tier], offer.status == .current, let price = offer.price,
                price > .zero
            else { return nil }
            return (model: model.id, price: price)
        }.min { ($0.price, $0.model) < ($1.price, $1.model) }
    }
}

extension WasteReport.Purchase {
    fileprivate init(_ model: ModelID, at price: Credits, for credits: Credits) {
        self.init(model: model, price: price, videos: max(0, credits.amount) / price.amount)
    }
}

/// Jobs that ended badly, what they cost, and what came back in the same span.
package struct FailureReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        package let label: String
        package fileprivate(set) var failed = 0
        package fileprivate(set) var filtered = 0
        package fileprivate(set) var canceled = 0
        /// What they were charged.
        package fileprivate(set) var price = Credits.zero
        /// What came back, for work that failed then or before.
        package fileprivate(set) var refunded = Credits.zero
        /// What has not come back: below 0 where more came back for earlier work.
        package var cost: Credits { Credits(unchecked: price.amount - refunded.amount) }
    }

    package let key: ReportKey
    /// The highest price first; time in order.
    package let rows: [Row]
    package let total: Row

    /// `usage` tells apart what `key` asks for.
    package init(_ sums: ReportSums, usage: [UsageRow], by key: ReportKey) throws {
        self.key = key
        var rows: [ReportLabel: Row] = [:]
        var total = Row(label: "total")
        for failure in sums.failures {
            let label = ReportLabel(failure, by: key)
            try rows[label, default: Row(label: label.text(key))].add(failure)
            try total.add(failure)
        }
        for row in usage where row.refunded > .zero {
            let label = ReportLabel(row, by: key)
            var changed = rows[label] ?? Row(label: label.text(key))
            changed.refunded = try changed.refunded.plus(row.refunded)
            rows[label] = changed
            total.refunded = try total.refunded.plus(row.refunded)
        }
        self.rows = rows.sorted { a, b in
            key.isTime || a.value.price == b.value.price
                ? a.key < b.key : a.value.price > b.value.price
        }.map(\.value)
        self.total = total
    }
}

extension FailureReport.Row {
    fileprivate mutating func add(_ failure: FailureSum) throws(CreditsOutOfRange) {
        switch failure.state {
        case .filtered: filtered += failure.jobs
        case .canceled: canceled += failure.jobs
        default: failed += failure.jobs
        }
        price = try price.plus(failure.price)
    }
}

extension Catalogue {
    /// What a video costs on an account of a tier; `nil`, the tier cannot buy it, or nobody has seen its price.
    func price(of model: ModelID, for tier: Tier) -> Credits? {
        self.model(forKey: model.rawValue)?.offers[tier]?.price
    }
}
