import Glibc
import PurserCore
import Synchronization

/// Slows down whoever presents keys that are none, by address; of IPv6 by the first half of it, for the second is the
/// client's to choose (RFC 4291, 2.5.1).
///
/// A good key is never slowed down, whatever else comes from its address. The memory is bounded: of too many addresses,
/// some are forgotten.
package final class FailureBrake: Sendable {
    private struct Tally {
        var failures: Int
        var last: Timestamp
    }

    private struct State {
        var tallies: [String: Tally] = [:]
        var waiting = 0
        var total = 0

        mutating func count(_ address: String, _ now: Timestamp) -> Duration {
            total += 1
            var tally = tallies[address] ?? Tally(failures: 0, last: now)
            if tally.last + FailureBrake.forgetAfter < now { tally.failures = 0 }
            tally.failures += 1
            tally.last = now
            if tallies[address] == nil, tallies.count >= FailureBrake.mostAddresses {
                makeRoom(now)
            }
            tallies[address] = tally
            let beyond = tally.failures - FailureBrake.freeFailures
            guard beyond > 0 else { return .zero }
            // Doubled each time, from a tenth of a second; the exponent is kept where it cannot overflow.
            return min(FailureBrake.longestPause, .milliseconds(100 << min(beyond - 1, 10)))
        }

        private mutating func makeRoom(_ now: Timestamp) {
            tallies = tallies.filter { now <= $0.value.last + FailureBrake.forgetAfter }
            while tallies.count >= FailureBrake.mostAddresses {
                tallies.remove(at: tallies.startIndex)
            }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Failures since the gateway began.
    package var total: Int { state.withLock { $0.total } }

    /// Counts a failure and keeps its answer waiting; `sleep` is cancelled with the request.
    ///
    /// Returns whether it waited: with too many waiting already the connection is better ended at once.
    func failed(
        from address: String,
        at now: Timestamp,
        sleep: (Duration) async throws -> Void
    ) async throws -> Bool {
        let pause = state.withLock { $0.count(Self.network(of: address), now) }
        guard pause > .zero else { return true }
        let waits = state.withLock { state in
            guard state.waiting < Self.mostWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard waits else { return false }
        defer { state.withLock { $0.waiting -= 1 } }
        try await sleep(pause)
        return true
    }

    /// What the holder of an address cannot change at will.
    static func network(of address: String) -> String {
        var bytes = in6_addr()
        let plain = address.prefix { $0 != "%" }
        guard inet_pton(AF_INET6, String(plain), &bytes) == 1 else { return address }
        let (a, b, c, d) = bytes.__in6_u.__u6_addr32
        // An address of IPv4 within IPv6 (RFC 4291, 2.5.5.2): all of it tells clients apart.
        return a == 0 && b == 0 && c == UInt32(0xffff).bigEndian
            ? "::ffff:\(d.bigEndian)" : "\(a.bigEndian):\(b.bigEndian)"
    }

    static let forgetAfter = Duration.seconds(300)
    static let longestPause = Duration.seconds(5)
    static let mostAddresses = 4096
    static let mostWaiting = 256
    /// A typing error is nobody's attack.
    static let freeFailures = 3

    /// For tests: how many addresses are remembered.
    var remembered: Int { state.withLock { $0.tallies.count } }
}
