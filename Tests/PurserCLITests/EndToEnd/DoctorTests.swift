import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// `purser doctor`: each thing that can be wrong is found, with its place and the way to mend it.
struct DoctorTests {
    private func findings(
        _ home: CommandHome,
        _ options: String = "",
        expecting status: Int32 = 1
    ) async throws -> [String] {
        let told = try await home.json("doctor \(options)", expecting: status)
        let findings = try #require(told["findings"] as? [[String: Any]])
        return findings.filter { $0["needs_hand"] as? Bool == true }.map { finding in
            ["check", "place", "message", "mend"].map { "\(finding[$0] ?? "")" }
                .joined(separator: " | ").replacing(home.folder, with: "~")
        }
    }

    @Test func `a home in order needs no hand, and nothing of it changes`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let before = try await home.purser("audit list").output
            let told = try await home.json("doctor")
            #expect((told["not_checked"] as? [String: Any])?.isEmpty == true)
            let versions = try #require(told["versions"] as? [String: String])
            #expect(versions.keys.sorted() == ["openssl", "purser", "sqlite"])
            let text = try await home.purser("doctor").output
            #expect(text.contains("nothing needs a hand"))
            #expect(try await home.purser("audit list").output == before)
        }
    }

    @Test func `what others may read is found, with the command that mends it`() async throws {
        try await withCommandHome { home in
            for (path, mode) in [
                ("home/purser.db", 0o644), ("test.key", 0o640), ("state/purser", 0o755),
            ] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode],
                    ofItemAtPath: home.folder + "/" + path
                )
            }
            let found = try await findings(home, "--no-unlock --offline")
            #expect(
                found == [
                    "files | ~/home/purser.db | others may read it (mode 644) | chmod 600 ~/home/purser.db",
                    "files | ~/state/purser | others may look into it (mode 755) | chmod 700 ~/state/purser",
                    "files | ~/test.key | others may read it (mode 640) | chmod 600 ~/test.key",
                ]
            )
        }
    }

    @Test func `a home that is none, and a file that does not load, are findings`() async throws {
        try await withCommandHome(isMade: false) { home in
            let found = try await findings(home)
            #expect(
                found.contains {
                    $0.contains("there is no purser home") && $0.contains("purser init")
                }
            )
            try home.write("[routing]\npolicy = \"best\"\nwait = 3\n", to: "accounts.toml")
            let problems = try await findings(home, "--offline")
            #expect(problems.count { $0.hasPrefix("configuration | accounts.toml | ~/") } == 2)
        }
    }

    @Test func `tokens that ended, end soon or are dead are found`() async throws {
        try await withCommandHome { home in
            try await home.purser(
                "accounts add ultra-1 --token-stdin --expires-at 2126-01-01",
                input: CommandHome.ultraToken
            )
            try await home.addTierOne()
            try home.sandbox.setToken(of: "tier-one", to: "ya29.other")
            try await home.purser("accounts refresh pro-1", expecting: 1)
            home.skipped.add(.seconds(31))
            try await home.purser("accounts refresh pro-1", expecting: 1)
            let dead = try await findings(home, "--offline")
            #expect(
                dead == [
                    "tokens | pro-1 | needs rotation: the service no longer accepts its token | purser accounts rotate pro-1"
                ]
            )
        }
    }

    @Test func `a token-command that fails is found`() async throws {
        try await withCommandHome { home in
            try home.script("cat \(home.folder)/token", named: "print-token")
            try home.write(CommandHome.ultraToken, to: "token")
            try await home.purser("accounts add ultra-1 --token-command ~/print-token")
            try FileManager.default.removeItem(atPath: home.folder + "/token")
            try home.sandbox.setToken(of: "ultra", to: "ya29.other")
            try await home.purser("accounts refresh", expecting: 1)
            let found = try await findings(home, "--offline")
            #expect(found.count == 1)
            #expect(found.first?.contains("the token-command ended with status 1") == true)
        }
    }

    @Test func `an unknown outcome, a refund long due and a drift are found`() async throws {
        try await withCommandHome { home in
            try await home.addTierOne()
            try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
            try await home.purser("send ~/capture.txt", expecting: 83)
            let found = try await findings(home, "--offline")
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("outcomes | pro-1 | submission ") == true)
            #expect(found.first?.hasSuffix("| purser jobs check") == true)
        }
    }

    @Test func `a clock that differs from the service's, and books from the future, are found`()
        async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            home.skipped.add(.seconds(3600))
            let ahead = try await findings(home)
            #expect(ahead.contains { $0.hasPrefix("clock | http://127.0.0.1") })
            home.skipped.add(.seconds(-7200))
            let behind = try await findings(home, "--offline")
            #expect(behind.contains { $0.hasPrefix("clock | the books") })
        }
    }

    @Test func `a service that does not answer is found, and a wrong key`() async throws {
        try await withCommandHome { home in
            let away = home.with(["PURSER_FLOW_BASE_URL": "http://127.0.0.1:9"])
            let found = try await findings(away)
            #expect(found.contains { $0.hasPrefix("service | http://127.0.0.1:9 | ") })
            let wrong = home.with([
                "PURSER_PASSPHRASE_FILE": home.folder + "/accounts.toml"
            ])
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600],
                ofItemAtPath: home.folder + "/accounts.toml"
            )
            let refused = try await findings(wrong, "--offline")
            #expect(refused.contains { $0.hasPrefix("vault | the vault | wrong passphrase") })
            let told = try await home.json("doctor --no-unlock --offline")
            #expect(
                told["not_checked"] as? [String: String]
                    == ["service": "--offline", "vault": "--no-unlock"]
            )
        }
    }

    @Test func `an exposed token is told once`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let owner = "--passphrase-file ~/passphrase"
            try await home.purser("vault keys remove key-file --yes \(owner)")
            let found = try await findings(home, "--offline \(owner)")
            #expect(found.count { $0.contains("ultra-1") } == 1)
            let told = try await home.json("doctor --offline \(owner)", expecting: 1)
            let all = try #require(told["findings"] as? [[String: Any]])
            #expect(all.count { "\($0)".contains("ultra-1") } == 1)
        }
    }
}
