/// How a store is at work: what its writer runs with, and what processes that are gone left behind.
package struct StoreCondition: Sendable, Equatable {
    /// Settings that are not what they must be: `synchronous is 1, not 2`.
    package let deviations: [String]
    /// Holds of processes that are gone; a sweep makes them unknown.
    package let abandoned: [OpenHold]

    package init(deviations: [String], abandoned: [OpenHold]) {
        self.deviations = deviations
        self.abandoned = abandoned
    }
}
