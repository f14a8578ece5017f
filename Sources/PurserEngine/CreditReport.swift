package import PurserCore

/// What the credit report is grouped by.
package enum ReportKey: String, Sendable, CaseIterable {
    case account
    case tier
    case member
    case model
    case day
}

/// What was spent in a span, grouped; its sums are those the store kept as entries were written.
package struct CreditReport: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        /// What people read: an account's name, `ultra`, `2026-11-21`.
        package let label: String
        package let videos: Int
        package let charged: Credits
        package let refunded: Credits
        /// Charged less refunded.
        package let spent: Credits
    }

    package let key: ReportKey
    package let rows: [Row]
    package let total: Row

    /// Reads the sums of a span and groups them; `member`: only what was spent for them.
    ///
    /// Days come in order, everything else by what was spent, most first.
    package init(
        _ store: any Store,
        by key: ReportKey,
        from: Timestamp?,
        to: Timestamp?,
        of member: MemberID? = nil
    ) async throws {
        self.key = key
        var groups: [String: Sum] = [:]
        var total = Sum()
        func add(_ label: String, _ videos: Int, _ charged: Credits, _ refunded: Credits) throws {
            try groups[label, default: Sum()].add(videos, charged, refunded)
            try total.add(videos, charged, refunded)
        }
        if key == .day {
            for day in try await store.usageByDay(from: from, to: to, of: member) {
                try add(day.day.description, day.videos, day.charged, day.refunded)
            }
        } else {
            for row in try await store.usage(from: from, to: to)
            where member.map({ $0 == row.memberID }) ?? true {
                try add(Self.label(of: row, by: key), row.videos, row.charged, row.refunded)
            }
        }
        rows = try groups.map { try $1.row($0) }.sorted {
            if key == .day || $0.spent == $1.spent { return $0.label < $1.label }
            return $0.spent > $1.spent
        }
        self.total = try total.row("total")
    }

    private struct Sum {
        var videos = 0
        var charged = Credits.zero
        var refunded = Credits.zero

        mutating func add(
            _ videos: Int,
            _ charged: Credits,
            _ refunded: Credits
        ) throws(CreditsOutOfRange) {
            self.videos += videos
            self.charged = try self.charged.plus(charged)
            self.refunded = try self.refunded.plus(refunded)
        }

        func row(_ label: String) throws(CreditsOutOfRange) -> Row {
            Row(
                label: label,
                videos: videos,
                charged: charged,
                refunded: refunded,
                spent: try charged.minus(refunded)
            )
        }
    }

    private static func label(of row: UsageRow, by key: ReportKey) -> String {
        switch key {
        case .account: row.accountName
        case .tier: row.tier.rawValue
        case .member: row.memberName
        case .model: row.modelID.rawValue
        case .day: ""
        }
    }
}

/// Every movement of an account in a span, between its opening and its closing balance.
package struct Statement: Sendable, Equatable {
    /// `nil`: the account had no balance yet when the span began.
    package let opening: Credits?
    package let movements: [LedgerEntry]
    package let closing: Credits?

    /// `entries`: all of the ledger account's, in order.
    ///
    /// Entries that move nothing posted (holds, observations) are left out: they are not the
    /// account's money.
    package init(_ entries: [LedgerEntry], from: Timestamp, to: Timestamp) {
        opening = entries.last { $0.at < from }?.posted
        movements = entries.filter { $0.at >= from && $0.at < to && $0.deltaPosted != .zero }
        closing = entries.last { $0.at < to }?.posted
    }
}
