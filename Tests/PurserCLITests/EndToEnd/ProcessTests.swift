import Foundation
import PurserSandbox
import Testing

/// What only real processes can show: two at once, a kill in the middle, what `/proc` tells of one.
struct ProcessTests {
    @Test func `processes at once never spend more than there is`() async throws {
        try await withCommandHome(.twoAccounts(ultraCredits: 50)) { home in
            try await home.addUltra()
            try await home.purser("accounts set ultra-1 --max-in-flight 100")
            let processes = try (0..<8).map { _ in try home.process("send ~/capture.txt") }
            let statuses = try await run(processes)

            #expect(statuses.filter { $0 == 0 }.count == 5)
            #expect(statuses.filter { $0 == 81 }.count == 3)
            #expect(home.seenSubmissions().count == 5)
            #expect(home.realCredits("ultra") == 0)
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["posted"] as? Int == 0)
            #expect(shown["held"] as? Int == 0)
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test(arguments: ["delay", "cutAfterCharge"])
    func `a process killed while it sends leaves a hold that a check decides`(
        _ kind: String
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(
                SandboxFault(kind == "delay" ? .delay : .cutAfterCharge, delaySeconds: 5)
            )
            let process = try home.process("send ~/capture.txt")
            try process.run()
            try await home.untilSending(process)
            kill(process.processIdentifier, SIGKILL)
            try await process.untilEnded()

            let before = try await home.json("accounts show ultra-1")
            #expect(before["held"] as? Int == 10)
            try await home.purser("jobs check")

            let after = try await home.json("accounts show ultra-1")
            #expect(after["held"] as? Int == 0)
            #expect(after["posted"] as? Int == home.realCredits("ultra"))
            try await home.purser("ledger verify --unlocked")
        }
    }

    private func run(_ processes: [Process]) async throws -> [Int32] {
        for process in processes { try process.run() }
        for process in processes { try await process.untilEnded() }
        return processes.map(\.terminationStatus)
    }
}
