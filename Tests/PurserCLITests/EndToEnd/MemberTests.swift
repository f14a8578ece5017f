import Foundation
import PurserCore
import Testing

@testable import PurserCLI

struct MemberTests {
    private func keys(_ home: CommandHome, of name: String) async throws -> [[String: Any]] {
        try #require(try await home.json("members show \(name)")["keys"] as? [[String: Any]])
    }

    @Test func `a key is shown once and written nowhere`() async throws {
        try await withCommandHome { home in
            let shown = try await home.purser("members add ana --role operator").output
            let first = try #require(shown.firstMatch(of: /psr_\w{8}_\w{43}_\w{6}/)).output
            let rotated = try await home.json("members rotate ana --overlap 90m")
            let second = try #require(rotated["key"] as? String)
            #expect(MemberKeyText(first)?.id != MemberKeyText(second)?.id)
            #expect(try await keys(home, of: "ana").count == 2)
            let canary = Canary([String(first.split(separator: "_")[2]), second])
            for line in ["members list", "members show ana", "audit list --json"] {
                #expect(!canary.isIn(try await home.purser(line).output), "\(line)")
            }
            #expect(
                try canary.files(below: home.folder, besides: ["passphrase", "test.key"]) == []
            )
        }
    }

    @Test func `a dry run of a key makes none`() async throws {
        try await withCommandHome { home in
            let added = try await home.purser("members add ana --dry-run").output
            #expect(added == "would add ana: no limit\n")
            try await home.purser("members add ana")
            let rotated = try await home.json("members rotate ana --dry-run")
            #expect(rotated["key"] == nil)
            try await home.purser("members revoke ana --dry-run")
            #expect(try await keys(home, of: "ana").map { $0["revoked_at"] is NSNull } == [true])
        }
    }

    @Test func `a limit refuses with its own status, and warns before`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("members add ana --per-day 25 --warn-at 80")
            let first = try await home.purser("send ~/capture.txt --member ana")
            #expect(!first.messages.contains("warning"))
            let second = try await home.purser("send ~/capture.txt --member ana")
            #expect(second.messages.contains("the member's limit of 25 a day"))
            for option in ["--dry-run", ""] {
                let line = "send ~/capture.txt --member ana \(option)"
                let refused = try await home.purser(line, expecting: 85)
                #expect(refused.messages.contains("ana may spend 25 a day"), "\(line)")
                #expect(refused.messages.contains("it counts anew from "), "\(line)")
            }
            try await home.purser("members set ana --per-day 1000 --clear total")
            try await home.purser("members set --team --per-week 25")
            let team = try await home.purser("send ~/capture.txt --member ana", expecting: 85)
            #expect(team.messages.contains("the team may spend 25 a week"))
            try await home.purser("members set --team --clear week")
            try await home.purser("send ~/capture.txt --member ana")
            #expect(home.seenSubmissions().count == 3)
            try await home.purser("ledger verify")
        }
    }

    @Test func `a member's work goes where they may, and nowhere once they are revoked`()
        async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            try await home.purser("members add ana --tier tier-one")
            let sent = try await home.json("send ~/capture.txt --member ana")
            #expect(sent["account"] as? String == "pro-1")
            let route = try await home.purser("send ~/capture.txt --member ana --dry-run").output
            #expect(route.contains("the member may not use ultra"))
            let asked = try await home.purser("route ~/capture.txt --member ana").output
            #expect(asked.contains("the member may not use ultra"))
            try await home.purser("members set ana --clear tiers --model veo_3_0_r2v_fast_ultra")
            let models = try await home.json("members show ana")["models"] as? [String]
            #expect(models == ["veo_3_0_r2v_fast"])
            try await home.purser("members revoke ana")
            try await home.purser("send ~/capture.txt --member ana", expecting: 76)
            try await home.purser("route ~/capture.txt --member ana", expecting: 76)
            try await home.purser("members rotate ana", expecting: 76)
            try await home.purser("members set ana --restore")
            try await home.purser("members rotate ana")
            try await home.purser("send ~/capture.txt --member ana")
        }
    }

    @Test func `the roles of the documentation are those of the code`() throws {
        let rows = try Document("Members.md").rows(of: "roles")
        let roles: [MemberRole] = [.owner, .operator, .member, .auditor]
        #expect(Set(roles) == Set(MemberRole.allCases))
        #expect(rows.count == Permission.allCases.count)
        for (row, permission) in zip(rows, Permission.allCases) {
            #expect(row.first?.hasPrefix("\(permission.rawValue): ") == true)
            #expect(row.dropFirst().map { $0 == "yes" } == roles.map { $0.may(permission) })
        }
    }
}
