package import PurserCore
import Synchronization

/// Time that passes only when a test, or code under test that sleeps, says so.
package final class ManualClock: Sendable {
    private let instant: Mutex<Timestamp>

    /// Starts at noon UTC of 2026-11-21.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_795_262_400_000)) {
        instant = Mutex(start)
    }

    package var now: Timestamp { instant.withLock { $0 } }

    package func advance(by span: Duration) {
        instant.withLock { $0 = $0 + span }
    }
}
