/// A whole number of credits; the service sells no fraction of one.
///
/// Arithmetic is checked: a sum outside ±2^53 (the numbers JSON carries exactly) throws, so that a
/// damaged row or a hostile answer cannot wrap a balance round.
package struct Credits: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let limit: Int64 = 1 << 53
    package static let zero = Credits(unchecked: 0)

    package let amount: Int64

    /// Fails outside ±2^53.
    package init?(_ amount: Int64) {
        guard (-Self.limit...Self.limit).contains(amount) else { return nil }
        self.amount = amount
    }

    /// For literals and values a check has already passed.
    package init(unchecked amount: Int64) {
        self.amount = amount
    }

    /// By amount.
    package static func < (a: Credits, b: Credits) -> Bool { a.amount < b.amount }

    /// The sum.
    ///
    /// - Throws: when it lies outside ±2^53.
    package func plus(_ other: Credits) throws(CreditsOutOfRange) -> Credits {
        // Both lie within ±2^53, so the sum cannot overflow Int64.
        guard let sum = Credits(amount + other.amount) else { throw CreditsOutOfRange() }
        return sum
    }

    /// The difference; throws like `plus`.
    package func minus(_ other: Credits) throws(CreditsOutOfRange) -> Credits {
        try plus(other.negated)
    }

    /// `count` times the amount; throws like `plus`.
    package func times(_ count: Int) throws(CreditsOutOfRange) -> Credits {
        let (product, overflow) = amount.multipliedReportingOverflow(by: Int64(count))
        guard !overflow, let credits = Credits(product) else { throw CreditsOutOfRange() }
        return credits
    }

    package var negated: Credits { Credits(unchecked: -amount) }

    package var description: String { String(amount) }
}

/// A sum of credits that no account can have.
package struct CreditsOutOfRange: Failure {
    package init() {}
    package var kind: FailureKind { .damaged }
    package var message: String { "a sum of credits lies outside ±2^53" }
    package var hint: String? { "run purser ledger verify" }
}
