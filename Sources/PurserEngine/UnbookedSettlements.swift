import PurserCore
import Synchronization

/// How a claim ended, where the store has not taken it yet.
struct UnbookedSettlement: Sendable {
    let claim: Claim
    var settlement: Settlement
    /// In clear, to be sealed again where the vault key is rotated meanwhile.
    let answer: ProviderAnswer?
    /// When it ended.
    let at: Timestamp
}

/// Settlements that the store refused for longer than a request can wait.
///
/// Their holds stay, and while this process lives nobody else may decide them: so they are booked as soon as the store
/// takes them. A process that ends first leaves its holds to the sweep, as unknown.
package final class UnbookedSettlements: Sendable {
    private let waiting = Mutex<[UnbookedSettlement]>([])

    package init() {}

    package var count: Int { waiting.withLock(\.count) }

    func add(_ settlement: UnbookedSettlement) {
        waiting.withLock { $0.append(settlement) }
    }

    func takeAll() -> [UnbookedSettlement] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
