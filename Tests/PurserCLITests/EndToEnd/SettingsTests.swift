import Foundation
import PurserCore
import PurserSandbox
import Testing

@testable import PurserCLI

/// Settings and states change as they were told to, also when two people tell at once.
struct SettingsTests {
    @Test func `a change leaves what another one set in the meantime`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.inContext { context in
                let account = try #require(try await context.store.accounts().first).account
                try await home.purser("accounts set ultra-1 --reserve 7")
                var change = AccountChange()
                change.settings.tags = ["video"]
                try await context.store.updateAccount(
                    account.id,
                    change,
                    audit: AuditRecord(
                        actor: context.actor,
                        verb: "account.set",
                        subject: "ultra-1"
                    ),
                    at: context.now
                )
                let after = try #require(try await context.store.accounts().first).account
                #expect(after.settings.reserve == Credits(7))
                #expect(after.settings.tags == ["video"])
            }
        }
    }

    @Test func `settings can be taken away again`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser(
                "accounts set ultra-1 --project-id p --monthly-credits 900 --renews-on 5 --tag a"
            )
            try await home.purser(
                "accounts set ultra-1 --clear tags --clear monthly-credits --clear renews-on --clear project-id"
            )
            let shown = try await home.json("accounts show ultra-1")
            for key in ["project_id", "monthly_credits", "renews_on_day"] {
                #expect(shown[key] == nil || shown[key] is NSNull, "\(key)")
            }
            #expect((shown["tags"] as? [String] ?? []).isEmpty)
        }
    }

    @Test func `one setting cannot be given and taken away together`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let result = try await home.purser(
                "accounts set ultra-1 --tag a --clear tags",
                expecting: 64
            )
            #expect(result.messages.contains("--clear tags"))
        }
    }

    @Test func `an account that needs a fresh token is neither paused nor resumed`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.setToken(of: "ultra", to: "another", keepOld: false)
            // One refused reading proves nothing; a second one does.
            try await home.purser("accounts refresh", expecting: 1)
            let once = try await home.json("accounts show ultra-1")["state"] as? String
            #expect(once == "enabled")
            home.skipped.add(.seconds(31))
            try await home.purser("accounts refresh", expecting: 1)
            let before = try await home.json("accounts show ultra-1")["state"] as? String
            for line in ["accounts pause ultra-1", "accounts resume ultra-1"] {
                for line in [line + " --dry-run", line] {
                    let result = try await home.purser(line, expecting: 76)
                    #expect(result.messages.contains("fresh token"))
                }
            }
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["state"] as? String == before)
            #expect(shown["state"] as? String != "enabled")
        }
    }

    @Test(
        arguments: [
            ("accounts set ultra-1 --rename pro-1", Int32(76)),
            ("accounts set ultra-1 --rename a/b", 78),
            ("accounts set ultra-1 --max-in-flight 0", 78),
            ("accounts rollback ultra-1", nil), ("accounts purge ultra-1", 76),
            ("accounts remove ultra-1 --yes", 76), ("members set ana --add-budget -9", 81),
            ("send ~/capture.txt --member ana", 81),
        ] as [(String, Int32?)]
    )
    func `a dry run is refused where the run would be`(
        _ line: String,
        _ status: Int32?
    ) async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            try await home.purser("members add ana --budget 5")
            try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
            try await home.purser("send ~/capture.txt --account ultra-1", expecting: 83)
            let dry = try await home.purser(line + " --dry-run", expecting: status)
            let wet = try await home.purser(line, expecting: status)
            #expect(dry.status == wet.status)
            #expect(wet.status != 0)
            #expect(dry.messages == wet.messages)
        }
    }

    @Test func `a dry run of rollback and purge changes nothing`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try home.sandbox.setToken(of: "ultra", to: "ya29.second", keepOld: true)
            try await home.purser("accounts rotate ultra-1 --token-stdin", input: "ya29.second")
            let before = try await home.purser("accounts versions ultra-1").output
            let back = try await home.purser("accounts rollback ultra-1 --dry-run")
            #expect(back.output.contains("would roll back"))
            let purged = try await home.purser("accounts purge ultra-1 --dry-run")
            #expect(purged.output.contains("would purge"))
            #expect(try await home.purser("accounts versions ultra-1").output == before)
        }
    }

    @Test func `the books of a removed account are still found by its name`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("accounts remove ultra-1 --yes")
            let statement = try await home.purser("credits statement ultra-1")
            #expect(statement.output.contains("690"))
            let list = try await home.purser("ledger list --account ultra-1")
            #expect(list.output.contains("ultra-1 (removed "))
        }
    }
}
