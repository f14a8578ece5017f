import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

struct AuditTrailTests {
    private func lines(_ home: CommandHome, _ options: String = "") async throws -> [[String: Any]]
    {
        let audit = try await home.json("audit list \(options)")["audit"]
        return try #require(audit as? [[String: Any]])
    }

    @Test func `everything that touches keys, money or settings is in the trail`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.setToken(of: "ultra", to: "ya29.second", keepOld: true)
            for line in [
                "accounts rotate ultra-1 --token-stdin", "accounts rollback ultra-1",
                "accounts reveal ultra-1 --yes", "accounts pause ultra-1 --reason audit",
                "accounts resume ultra-1", "accounts set ultra-1 --reserve 10",
                "members add ana --budget 10", "members set ana --add-budget 5",
                "accounts purge ultra-1", "vault backup ~/copy", "accounts remove ultra-1 --yes",
            ] {
                try await home.purser(line, input: "ya29.second\n")
            }
            let trail = try await lines(home)
            let done = trail.compactMap { "\($0["verb"] ?? "") \($0["subject"] ?? "")" }
            let expected = [
                "vault.create vault", "account.add ultra-1", "account.rotate ultra-1",
                "account.rollback ultra-1", "token.reveal ultra-1", "account.pause ultra-1",
                "account.resume ultra-1", "account.set ultra-1", "member.add ana",
                "member.budget ana", "account.purge ultra-1", "vault.backup vault",
                "account.remove ultra-1",
            ]
            #expect(done.filter(expected.contains) == expected)
            #expect(trail.allSatisfy { $0["actor"] as? String == "cli:test" })
            let text = "\(trail)"
            #expect(!text.contains("ya29"))
            let pauses = try await lines(home, "--verb account.pause --actor cli:test --limit 1")
            #expect(pauses.map { $0["detail"] as? String } == ["audit"])
            #expect(try await lines(home, "--actor cli:nobody").isEmpty)
            #expect(try await lines(home, "--to 2020-01-01").isEmpty)
            #expect(try await lines(home, "--verb account.").count == 8)
            let verified = try await home.json("audit verify --unlocked")
            #expect(verified["lines"] as? Int == trail.count)
            let exported = try await home.purser("audit export").output.split(separator: "\n")
            #expect(exported.count == trail.count)
            let csv = try await home.purser("audit export --format csv").output
            #expect(csv.split(separator: "\r\n").count == trail.count + 1)
        }
    }
}
