package import PurserCore

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
