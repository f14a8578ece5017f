import Foundation
import PurserSandbox
import Testing

struct MainJobTests {
    @Test func `the capture through an ultra account`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let receipt = try await home.json("send ~/capture.txt --wait")

            let seen = try #require(home.seenSubmissions().first)
            #expect(seen.path == "/v1/video:batchAsyncGenerateVideoReferenceImages")
            #expect(seen.body.contains(#""userPaygateTier": "PAYGATE_TIER_TWO""#))
            #expect(seen.body.contains(#""videoModelKey": "veo_3_0_r2v_fast_ultra""#))
            #expect(seen.body.contains("刚开是的镜头是一个关着的门。门打开之后，可以看到 两个女人向老人汇报工作。"))
            #expect(!seen.body.contains("//"))
            #expect(seen.userAgent?.hasPrefix("purser/") == true)
            #expect(receipt["remaining"] as? Int == 680)
            #expect(home.realCredits("ultra") == 680)

            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            #expect(accounts?.first?["available"] as? Int == 680)
            let totals = try await home.json("credits --by account")["totals"] as? [String: Any]
            #expect(totals?["spent"] as? Int == 10)
            #expect(totals?["videos"] as? Int == 1)
        }
    }

    @Test func `the capture through a tier-one account keeps its key`() async throws {
        try await withCommandHome { home in
            try await home.addTierOne()
            try await home.purser("send ~/capture.txt")

            let seen = try #require(home.seenSubmissions().first)
            #expect(seen.body.contains(#""userPaygateTier": "PAYGATE_TIER_ONE""#))
            #expect(seen.body.contains(#""videoModelKey": "veo_3_0_r2v_fast""#))
            #expect(home.realCredits("tier-one") == 680)
            let totals = try await home.json("credits --by tier")["totals"] as? [String: Any]
            #expect(totals?["spent"] as? Int == 20)
        }
    }

    @Test func `with both, the choice is explained for each`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            let explained = try await home.json("route ~/capture.txt")
            let lines = try #require(explained["accounts"] as? [[String: Any]])
            #expect(lines.map { $0["account"] as? String } == ["ultra-1", "pro-1"])
            #expect(lines.map { $0["price"] as? Int } == [10, 20])
            #expect(lines.allSatisfy { ($0["why"] as? String)?.isEmpty == false })
            #expect(home.seenSubmissions().isEmpty)
        }
    }

    @Test func `a failed job is refunded once`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(SandboxFault(preset: "fail-jobs"))
            try await home.purser("send ~/capture.txt --wait", expecting: 82)
            try await home.purser("jobs check")
            try await home.purser("jobs check")

            #expect(home.realCredits("ultra") == 690)
            let entries = try await home.json("ledger list --account ultra-1")["entries"]
            let kinds = (entries as? [[String: Any]])?.compactMap { $0["kind"] as? String }
            #expect(kinds?.filter { $0 == "refund" }.count == 1)
            let totals = try await home.json("credits --by day")["totals"] as? [String: Any]
            #expect(totals?["spent"] as? Int == 0)
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test(arguments: ["cut-after-charge", "cut", "cut-body", "malformed", "empty"])
    func `an unknown outcome keeps its hold until a check decides it`(_ fault: String) async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.arm(SandboxFault(preset: fault))
            try await home.purser("send ~/capture.txt", expecting: 83)
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["held"] as? Int == 10)

            try await home.purser("jobs check")

            let after = try await home.json("accounts show ultra-1")
            #expect(after["held"] as? Int == 0)
            #expect(after["posted"] as? Int == home.realCredits("ultra"))
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test func `the same idempotency key is charged once`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let first = try await home.json("send ~/capture.txt --idempotency-key shot-1")
            let second = try await home.json("send ~/capture.txt --idempotency-key shot-1")
            #expect(second["repeat"] as? Bool == true)
            #expect(first["answer"] as? String == second["answer"] as? String)
            #expect(home.realCredits("ultra") == 680)
        }
    }

    @Test(arguments: [SandboxScenario.ResponseShape.operations, .media, .both])
    func `every shape of answer is followed to its end`(
        _ shape: SandboxScenario.ResponseShape
    ) async throws {
        try await withCommandHome(.twoAccounts(shape: shape)) { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait")
            let jobs = try await home.json("jobs list")["jobs"] as? [[String: Any]]
            #expect(jobs?.compactMap { $0["state"] as? String } == ["SUCCESSFUL"])
        }
    }

    @Test func `a rotation is probed, and a refused token changes nothing`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser(
                "accounts rotate ultra-1 --token-stdin",
                input: "no-such-token\n",
                expecting: 82
            )
            try await home.purser("send ~/capture.txt")
            try home.sandbox.setToken(of: "ultra", to: "ya29.fresh", keepOld: false)
            try await home.purser("accounts rotate ultra-1 --token-stdin", input: "ya29.fresh\n")
            try await home.purser("send ~/capture.txt --wait")
            let versions = try await home.json("accounts versions ultra-1")["versions"]
            let states = (versions as? [[String: Any]])?.compactMap { $0["state"] as? String }
            #expect(states == ["previous", "current"])
        }
    }

    @Test func `a token may come from a file or a command`() async throws {
        try await withCommandHome { home in
            try home.write(CommandHome.ultraToken + "\n", to: "token")
            try await home.purser("accounts add ultra-1 --token-file ~/token")
            try home.script("printf %s " + CommandHome.tierOneToken, named: "run")
            try await home.purser("accounts add pro-1 --token-command ~/run")
            let accounts = try await home.json("accounts list")["accounts"] as? [[String: Any]]
            #expect(accounts?.count == 2)
        }
    }

    @Test func `a member's budget limits what is sent for them`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("members add ana --budget 15")
            try await home.purser("send ~/capture.txt --member ana")
            try await home.purser("send ~/capture.txt --member ana", expecting: 81)
            #expect(home.seenSubmissions().count == 1)
            let rows = try await home.json("credits --by member")["spending"] as? [[String: Any]]
            #expect(rows?.first?["member"] as? String == "ana")
        }
    }
}
