/// No policy can deliver more than this, not even one that knows the whole history beforehand.
///
/// Any prices of a credit, one for each account and span between two of its renewals, give such a bound: what all credits would
/// fetch at these prices, and for each request what it is worth above the cheapest account that can take it. Whoever serves
/// requests pays at least that cheapest price with each, and has no more than all credits to pay with. So a mistake in the search for
/// good prices makes the bound higher, and never wrong (`Documentation/Simulate.md`).
package struct HindsightBound: Sendable, Equatable {
    /// In whole credits at list prices; at most the value of the history.
    package let value: Int64
}

extension Replay {
    /// Searches for the prices that make the bound least.
    ///
    /// `pieces`: into how many each demand is cut for the search; more take longer and come nearer to the least.
    package func bound(pieces: Int = 24) -> HindsightBound {
        var search = PriceSearch(of: self)
        search.run(pieces: max(pieces, 1))
        return HindsightBound(value: search.least)
    }
}
