/// An instant, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Rules take it as an argument and never read a clock themselves, so that they can be tested and replayed.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.milliseconds < b.milliseconds
    }

    /// Saturates instead of trapping: a clock may be set to anything.
    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        let (sum, overflow) = a.milliseconds.addingReportingOverflow(b.milliseconds)
        return Timestamp(
            milliseconds: overflow ? (b.milliseconds < 0 ? .min : .max) : sum
        )
    }

    package static func - (a: Timestamp, b: Duration) -> Timestamp {
        a + Duration.milliseconds(-b.milliseconds)
    }

    package static func - (a: Timestamp, b: Timestamp) -> Duration {
        let (difference, overflow) = a.milliseconds.subtractingReportingOverflow(b.milliseconds)
        return .milliseconds(overflow ? (a < b ? .min : .max) : difference)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }
}
