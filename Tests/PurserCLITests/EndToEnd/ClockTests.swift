import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// A clock that jumps: time releases nothing, rests end as they should, the books stay in order.
struct ClockTests {
    @Test(arguments: [-86_400, 365 * 86_400])
    func `a clock that jumps releases no hold and breaks no rule`(_ seconds: Int) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(SandboxFault(.cutAfterCharge))
            try await home.purser("send ~/capture.txt", expecting: 83)
            home.skipped.add(.seconds(seconds))
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["held"] as? Int == 10)
            // More may be sent, from the credits that are surely there.
            try await home.purser("send ~/capture.txt")
            try await home.purser("jobs check")
            let after = try await home.json("accounts show ultra-1")
            #expect(after["held"] as? Int == 0)
            #expect(after["posted"] as? Int == home.realCredits("ultra"))
            let verified = try await home.purser("ledger verify --unlocked")
            #expect(verified.output.contains("0 violations"), "\(verified.output)")
        }
    }

    @Test func `times in the books never run backwards unseen`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt")
            home.skipped.add(.seconds(-86_400))
            try await home.purser("send ~/capture.txt")
            let entries = try await home.json("ledger list")["entries"] as? [[String: Any]]
            let times = try #require(entries).compactMap { $0["at"] as? String }
            #expect(times.count > 2)
            let verified = try await home.purser("ledger verify")
            let isMonotone = times == times.sorted() || times == times.sorted(by: >)
            #expect(isMonotone || verified.output.contains("L18"), "\(verified.output)")
        }
    }

    @Test func `a rest ends by the clock, and never lasts longer than it was set for`()
        async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(SandboxFault(preset: "throttled"))
            try await home.purser("send ~/capture.txt", expecting: nil)
            home.skipped.add(.seconds(365 * 86_400))
            try await home.purser("send ~/capture.txt")
        }
    }
}
