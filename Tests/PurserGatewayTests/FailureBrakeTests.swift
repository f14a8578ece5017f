import PurserCore
import Synchronization
import Testing

@testable import PurserGateway

struct FailureBrakeTests {
    private let start = Timestamp(milliseconds: 1_795_262_400_000)

    private func pauses(
        _ brake: FailureBrake,
        _ count: Int,
        from address: String
    ) async throws
        -> [Duration]
    {
        var pauses: [Duration] = []
        for _ in 0..<count {
            let pause = Mutex(Duration.zero)
            _ = try await brake.failed(from: address, at: start) { span in
                pause.withLock { $0 = span }
            }
            pauses.append(pause.withLock { $0 })
        }
        return pauses
    }

    @Test func `each failure of an address waits longer, up to a limit`() async throws {
        let brake = FailureBrake()
        let waits = try await pauses(brake, 20, from: "10.0.0.1")
        #expect(waits.prefix(4) == [.zero, .zero, .zero, .milliseconds(100)])
        #expect(waits[5] == .milliseconds(400))
        #expect(waits.max() == FailureBrake.longestPause)
        #expect(try await pauses(brake, 1, from: "10.0.0.2") == [.zero])
        #expect(brake.total == 21)
    }

    @Test func `an address of IPv6 counts by its network, one of IPv4 by itself`() {
        let network = FailureBrake.network
        #expect(network("2001:db8:1:2::7") == network("2001:db8:1:2:ffff:1:2:3"))
        #expect(network("fe80::1%eth0") == network("fe80::2"))
        #expect(network("2001:db8:1:2::7") != network("2001:db8:1:3::7"))
        #expect(network("::ffff:10.0.0.1") != network("::ffff:10.0.0.2"))
        #expect(network("10.0.0.1") != network("10.0.0.2"))
    }

    @Test func `what is long past is forgotten`() async throws {
        let brake = FailureBrake()
        _ = try await pauses(brake, 10, from: "10.0.0.1")
        let later = start + FailureBrake.forgetAfter + .seconds(1)
        let slept = Mutex(false)
        _ = try await brake.failed(from: "10.0.0.1", at: later) { _ in slept.withLock { $0 = true }
        }
        #expect(!slept.withLock { $0 })
    }

    @Test func `addresses without end take no memory without end`() async throws {
        let brake = FailureBrake()
        for number in 0..<(FailureBrake.mostAddresses + 500) {
            _ = try await brake.failed(from: "10.\(number)", at: start) { _ in }
        }
        #expect(brake.remembered <= FailureBrake.mostAddresses)
    }
}
