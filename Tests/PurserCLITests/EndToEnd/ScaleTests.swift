import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// Many accounts at once; `PURSER_ACCOUNTS=500` is the size of a large team.
struct ScaleTests {
    private static let size =
        ProcessInfo.processInfo.environment["PURSER_ACCOUNTS"].flatMap(Int.init) ?? 70

    private func withTeam(_ body: (CommandHome) async throws -> Void) async throws {
        let accounts = (1...Self.size).map { number in
            SandboxScenario.Account(
                label: "account-\(number)",
                token: "ya29.of-account-\(number)",
                tier: "PAYGATE_TIER_ONE",
                credits: number
            )
        }
        try await withCommandHome(SandboxScenario(accounts: accounts)) { home in
            var team = ""
            for number in 1...Self.size {
                try home.write("ya29.of-account-\(number)", to: "token-\(number)")
                team += """
                    [[accounts]]
                    name = "account-\(number)"
                    tier = "tier-one"
                    token-file = "token-\(number)"

                    """
            }
            try home.write(team, to: "team.toml")
            try await body(home)
        }
    }

    @Test func `a large team is imported, refreshed and listed`() async throws {
        try await withTeam { home in
            let added = try await home.purser("accounts import ~/team.toml")
            #expect(added.output.hasSuffix("\(Self.size) added\n"))
            // Elsewhere than on a terminal a count is told now and then, not for each account.
            #expect(added.messages.split(separator: "\n").count < Self.size)
            let again = try await home.purser("accounts import ~/team.toml")
            #expect(again.output == "nothing to do: \(Self.size) unchanged\n")
            try home.sandbox.setToken(of: "account-3", to: nil)
            let refreshed = try await home.purser("accounts refresh", expecting: 1)
            #expect(refreshed.messages.split(separator: "\n").count < Self.size)
            #expect(refreshed.output.components(separatedBy: "agrees").count == Self.size)
            let listed = try await home.json("accounts list")
            #expect((listed["accounts"] as? [Any])?.count == Self.size)
            let total = (listed["totals"] as? [String: Any])?["available"] as? Int
            #expect(total == Self.size * (Self.size + 1) / 2)
            try await home.purser("ledger verify --unlocked")
        }
    }
}
