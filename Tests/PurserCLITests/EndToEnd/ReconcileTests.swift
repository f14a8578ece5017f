import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

struct ReconcileTests {
    private func accounts(
        _ home: CommandHome,
        _ line: String,
        expecting status: Int32 = 0
    )
        async throws -> [[String: Any]]
    {
        let rows = try await home.json("ledger reconcile \(line)", expecting: status)["accounts"]
        return try #require(rows as? [[String: Any]])
    }

    @Test func `differences are booked by their cause, and books and service agree`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            try home.sandbox.changeCredits(of: "ultra", by: -90)
            try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
            try await home.purser("send ~/capture.txt --account pro-1", expecting: 83)
            let rows = try await accounts(home, "")
            let booked = rows.compactMap { $0["booked"] as? [String] }
            #expect(booked == [["unknown was charged 20"], ["adjusted by -90 (external_spend)"]])
            #expect(rows.allSatisfy { $0["open"] is NSNull })
            #expect(rows.map { $0["credits"] as? Int } == [680, 600])
            let again = try await accounts(home, "")
            #expect(again.allSatisfy { ($0["booked"] as? [String])?.isEmpty == true })
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test func `what stays open is told with its reason`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.changeCredits(of: "ultra", by: -90)
            let once = try await accounts(home, "ultra-1 --no-wait")
            #expect((once[0]["open"] as? String)?.hasPrefix("no two equal readings") == true)
            #expect(once[0]["drift"] as? Int == -90)
            try home.sandbox.arm(SandboxFault(.answer, scope: .credits, count: nil, status: 503))
            let unread = try await accounts(home, "", expecting: 1)
            #expect(unread[0]["credits"] is NSNull)
            #expect(unread[0]["open"] is String)
            home.sandbox.clearFaults()
            let result = try await home.purser("ledger reconcile nobody", expecting: 73)
            #expect(result.messages.contains("no account nobody"))
        }
    }
}
