import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// `accounts import` and `accounts export`.
struct ImportTests {
    private static let team = """
        [[accounts]]
        name = "ultra-1"
        tier = "ultra"
        token-file = "ultra.token"
        monthly-credits = 12500
        renews-on = 21
        tags = ["video", "paid"]

        [[accounts]]
        name = "pro-1"
        tier = "tier-one"
        token-env = "PRO_TOKEN"
        reserve = 100

        """

    private func withTeam(_ body: (CommandHome) async throws -> Void) async throws {
        try await withCommandHome { home in
            let home = home.with(["PRO_TOKEN": CommandHome.tierOneToken])
            try home.write(CommandHome.ultraToken + "\n", to: "ultra.token")
            try home.write(Self.team, to: "team.toml")
            try await body(home)
        }
    }

    private func actions(
        _ home: CommandHome,
        _ line: String,
        expecting status: Int32 = 0
    )
        async throws -> [String: String]
    {
        let steps = try await home.json(line, expecting: status)["accounts"] as? [[String: Any]]
        return try #require(steps).reduce(into: [:]) { actions, step in
            if let name = step["name"] as? String { actions[name] = step["action"] as? String }
        }
    }

    @Test func `a token-command does not see the tokens of the file it is in`() async throws {
        try await withTeam { home in
            let command = "env > \(home.folder)/seen; cat \(home.folder)/ultra.token"
            let line = "token-file = \"ultra.token\""
            try home.write(
                Self.team.replacing(line, with: "token-command = '\(command)'"),
                to: "team.toml"
            )
            try await home.purser("accounts import ~/team.toml")
            let seen = try String(contentsOfFile: home.folder + "/seen", encoding: .utf8)
            #expect(seen.contains("HOME="))
            #expect(!seen.contains(CommandHome.tierOneToken))
        }
    }

    @Test func `a first import adds, and a second finds nothing to do`() async throws {
        try await withTeam { home in
            let planned = try await actions(home, "accounts import ~/team.toml --dry-run")
            #expect(planned == ["ultra-1": "add", "pro-1": "add"])
            #expect(try await home.json("accounts list")["accounts"] as? [String] == [])
            try await home.purser("accounts import ~/team.toml")
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["available"] as? Int == 690)
            #expect(shown["tags"] as? [String] == ["video", "paid"])
            let again = try await home.purser("accounts import ~/team.toml")
            #expect(again.output == "nothing to do: 2 unchanged\n")
            // A token is given once; the file is imported often.
            let later = home.with(["PRO_TOKEN": ""])
            try await later.purser("accounts import ~/team.toml")
        }
    }

    @Test func `settings that differ are shown and changed, each for itself`() async throws {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            let changed = Self.team.replacing("reserve = 100", with: "max-in-flight = 2")
                .replacing("12500", with: "25000")
            try home.write(changed, to: "team.toml")
            let plan = try await home.purser("accounts import ~/team.toml --dry-run").output
            #expect(plan.contains("max-in-flight 4 → 2, reserve 100 → 0"))
            #expect(plan.contains("monthly-credits 12500 → 25000"))
            #expect(plan.contains("2 to change"))
            #expect(try await home.json("accounts show pro-1")["reserve"] as? Int == 100)
            try await home.purser("accounts import ~/team.toml")
            #expect(try await home.json("accounts show pro-1")["reserve"] as? Int == 0)
            let again = try await home.purser("accounts import ~/team.toml").output
            #expect(again == "nothing to do: 2 unchanged\n")
        }
    }

    @Test func `a token that differs is rotated in, after it was tried`() async throws {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            try home.write("ya29.second", to: "ultra.token")
            let dead = try await home.purser("accounts import ~/team.toml", expecting: 1)
            #expect(dead.messages.contains("ultra-1: the service refused (401)"))
            try home.sandbox.setToken(of: "ultra", to: "ya29.second")
            let plan = try await home.purser("accounts import ~/team.toml --dry-run").output
            #expect(plan.contains("token "))
            #expect(!plan.contains("ya29"))
            try await home.purser("accounts import ~/team.toml")
            #expect(try await home.json("accounts show ultra-1")["credential_version"] as? Int == 2)
            let again = try await home.purser("accounts import ~/team.toml").output
            #expect(again == "nothing to do: 2 unchanged\n")
        }
    }

    @Test func `accounts that change are changed side by side`() async throws {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            try home.write(CommandHome.tierOneToken, to: "pro.token")
            // Each command waits for the other one to begin: one after the other, the first would fail.
            func command(_ own: String, waitingFor other: String) -> String {
                let (mine, theirs) = (
                    "\(home.folder)/\(own).began", "\(home.folder)/\(other).began"
                )
                return "touch \(mine); for i in $(seq 100); do [ -e \(theirs) ] && break; "
                    + "sleep 0.1; done; [ -e \(theirs) ] && cat \(home.folder)/\(own).token"
            }
            let team = Self.team.replacing(
                "token-file = \"ultra.token\"",
                with: "token-command = '\(command("ultra", waitingFor: "pro"))'"
            )
            .replacing(
                "token-env = \"PRO_TOKEN\"",
                with: "token-command = '\(command("pro", waitingFor: "ultra"))'"
            )
            try home.write(team, to: "team.toml")
            try await home.purser("accounts import ~/team.toml")
        }
    }

    @Test func `every problem of the file is told before anything is changed`() async throws {
        try await withTeam { home in
            let more = """
                [[accounts]]
                name = "no-source"
                tier = "ultra"

                [[accounts]]
                name = "twin"
                tier = "ultra"
                token-file = "ultra.token"

                [[accounts]]
                name = "unset"
                tier = "ultra"
                token-env = "NO_SUCH_VARIABLE"

                """
            try home.write(Self.team + more, to: "team.toml")
            let told = try await home.purser("accounts import ~/team.toml", expecting: 78).messages
            #expect(told.contains("team.toml:14: [[accounts]] \"no-source\": has no token-env"))
            #expect(
                told.contains("team.toml:18: [[accounts]] \"twin\": the account ultra-1 already")
            )
            #expect(told.contains("team.toml:23: [[accounts]] \"unset\": the environment variable"))
            #expect(try await home.purser("accounts list").output.contains("no account yet"))
        }
    }

    @Test func `a token in clear is refused by file, line and key, and not repeated`() async throws
    {
        try await withTeam { home in
            let clear = Self.team + "token = \"ya29.in-clear\"\n"
            try home.write(clear, to: "team.toml")
            let told = try await home.purser("accounts import ~/team.toml", expecting: 78).messages
            #expect(told.contains("team.toml:14: "))
            #expect(told.contains("\"token\": a token in clear is not accepted"))
            #expect(told.contains("hint: name its source: token-env, token-file or token-command"))
            #expect(!told.contains("in-clear\n") && !told.contains("ya29"))
        }
    }

    @Test func `one dead token does not stop the others`() async throws {
        try await withTeam { home in
            try home.write("ya29.dead", to: "ultra.token")
            let result = try await home.purser("accounts import ~/team.toml", expecting: 1)
            #expect(result.output.contains("1 added, 1 failed"))
            #expect(result.messages.contains("ultra-1: the service refused (401)"))
            #expect(try await home.json("accounts show pro-1")["available"] as? Int == 700)
        }
    }

    @Test func `what the file does not name goes only with --prune, and after asking`()
        async throws
    {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            let one = try #require(Self.team.components(separatedBy: "\n\n").first)
            try home.write(one, to: "team.toml")
            let kept = try await home.purser("accounts import ~/team.toml").output
            #expect(kept == "nothing to do: 1 unchanged, 1 not in the file\n")
            try await home.purser("accounts import ~/team.toml --prune", expecting: 64)
            try await home.purser(
                "accounts import ~/team.toml --prune",
                answers: ["no"],
                expecting: 1
            )
            #expect(
                try await actions(home, "accounts import ~/team.toml --prune --yes")
                    == ["ultra-1": "unchanged", "pro-1": "remove"]
            )
            try await home.purser("accounts show pro-1", expecting: 73)
        }
    }

    @Test func `the tier is the service's to say`() async throws {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            let other = Self.team.replacing("tier = \"tier-one\"", with: "tier = \"ultra\"")
            try home.write(other, to: "team.toml")
            let refused = try await home.purser("accounts import ~/team.toml", expecting: 1)
            #expect(refused.messages.contains("pro-1 was said to be"))
            try home.sandbox.setTier(of: "tier-one", to: "PAYGATE_TIER_TWO")
            try await home.purser("accounts import ~/team.toml")
            #expect(try await home.json("accounts show pro-1")["tier"] as? String == "ultra")
        }
    }

    @Test func `the import of an export changes nothing`() async throws {
        try await withTeam { home in
            try await home.purser("accounts import ~/team.toml")
            try await home.purser("accounts set pro-1 --project-id a\\b\"c --renews-on 31")
            // Without a token-command nothing is opened.
            let locked = home.with(["PURSER_KEY_FILE": "/no/such/key"])
            try await locked.purser("accounts export --output ~/export.toml")
            try await home.purser("accounts export --output ~/export.toml", expecting: 76)
            let text = try String(contentsOfFile: home.folder + "/export.toml", encoding: .utf8)
            #expect(!text.contains("ya29"))
            let again = try await home.purser("accounts import ~/export.toml").output
            #expect(again == "nothing to do: 2 unchanged\n")
        }
    }

    @Test func `a token-command is sealed, exported, and not run to be compared`() async throws {
        try await withTeam { home in
            try home.script(
                "echo run >> \(home.folder)/runs; cat \(home.folder)/ultra.token",
                named: "print token"
            )
            let command = #"token-command = "'\#(home.folder)/print token'""#
            let team = Self.team.replacing("token-file = \"ultra.token\"", with: command)
            try home.write(team, to: "team.toml")
            try await home.purser("accounts import ~/team.toml")
            let exported = try await home.purser("accounts export").output
            #expect(exported.contains(command))
            try home.write(exported, to: "export.toml")
            let again = try await home.purser("accounts import ~/export.toml").output
            #expect(again == "nothing to do: 2 unchanged\n")
            let locked = home.with(["PURSER_KEY_FILE": "/no/such/key"])
            #expect(try await locked.purser("accounts export", expecting: nil).status != 0)
            // The same token from a file: the command goes.
            try await home.purser("accounts import ~/team.toml")
            try home.write(Self.team, to: "team.toml")
            let plan = try await home.purser("accounts import ~/team.toml --dry-run").output
            #expect(plan.contains("token-command '\(home.folder)/print token' → –"))
            try await home.purser("accounts import ~/team.toml")
            #expect(!(try await locked.purser("accounts export").output.contains("command")))
            let runs = try String(contentsOfFile: home.folder + "/runs", encoding: .utf8)
            #expect(runs == "run\n")
        }
    }
}
