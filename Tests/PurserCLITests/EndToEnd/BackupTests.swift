import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// Copies of a home, and what it takes to put one back.
struct BackupTests {
    private func restore(
        _ home: CommandHome,
        _ options: String = "",
        expecting status: Int32? = 0
    ) async throws -> CommandHome.Result {
        try await home.purser("vault restore ~/copy \(options)", expecting: status)
    }

    /// What the refusal says is to be accepted.
    private func header(_ result: CommandHome.Result) throws -> String {
        let words = result.messages.split(whereSeparator: { " ;\n".contains($0) })
        let index = try #require(words.firstIndex(of: "--accept-rollback"))
        return String(words[index + 1])
    }

    private func verbs(_ home: CommandHome) async throws -> [String] {
        let lines = try await home.json("audit list")["audit"] as? [[String: Any]]
        return try #require(lines).compactMap { $0["verb"] as? String }
    }

    @Test func `a copy is whole, private, and never written over`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt")
            let made = try await home.json("vault backup ~/copy --unlocked")
            #expect(made["accounts"] as? Int == 1)
            #expect(made["entries"] as? Int == 4)
            let mode = try FileManager.default.attributesOfItem(atPath: home.folder + "/copy")
            #expect(mode[.posixPermissions] as? Int == 0o600)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: home.folder + "/copy"))
            #expect(bytes.range(of: Data(CommandHome.ultraToken.utf8)) == nil)
            try await home.purser("vault backup ~/copy", expecting: 76)
            #expect(try Data(contentsOf: URL(fileURLWithPath: home.folder + "/copy")) == bytes)
            try await home.purser("vault backup ~/copy --force")
            #expect(try await verbs(home).suffix(2) == ["vault.backup", "vault.backup"])
            let left = try FileManager.default.contentsOfDirectory(atPath: home.folder)
            #expect(!left.contains { $0.contains(".partial") })
        }
    }

    @Test func `a copy never takes the place of the database, whatever it is called`() async throws
    {
        try await withCommandHome { home in
            try await home.addUltra()
            try FileManager.default.createSymbolicLink(
                atPath: home.folder + "/link",
                withDestinationPath: home.folder + "/home"
            )
            for name in ["link/purser.db", "home/./purser.db", "home/purser.db"] {
                try await home.purser("vault backup ~/\(name) --force", expecting: 76)
            }
            try await home.purser("ledger verify --unlocked")
        }
    }

    @Test func `two that write one file leave one that is whole`() async throws {
        try await withCommandHome { home in
            try home.write("somebody else's piece", to: "copy.partial")
            try await home.purser("vault backup ~/copy")
            let other = try Data(contentsOf: URL(fileURLWithPath: home.folder + "/copy.partial"))
            #expect(other == Data("somebody else's piece".utf8))
        }
    }

    @Test func `a copy of the present comes back without more words`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("vault backup ~/copy")
            _ = try await restore(home)
            #expect(try await verbs(home).last == "vault.restore")
            try await home.purser("send ~/capture.txt --wait")
            try await home.purser("ledger verify --unlocked")
            try await home.purser("audit verify --unlocked")
        }
    }

    @Test func `going back needs to be accepted, and then works on`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("vault backup ~/copy")
            try await home.purser("send ~/capture.txt --wait")
            try await home.addTierOne()
            let before = try Data(contentsOf: URL(fileURLWithPath: home.database))
            let refused = try await restore(home, expecting: 72)
            #expect(refused.messages.contains("entries that it lacks"))
            #expect(refused.messages.contains("its vault is at change"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: home.database)) == before)
            let wrong = String(repeating: "0", count: 64)
            _ = try await restore(home, "--accept-rollback \(wrong)", expecting: 72)
            _ = try await restore(home, "--accept-rollback \(try header(refused))")
            let accounts = try await home.json("accounts list")["accounts"] as? [Any]
            #expect(accounts?.count == 1)
            let lines = try await home.json("audit list --verb vault.restore")["audit"]
            let detail = (lines as? [[String: Any]])?.first?["detail"] as? String
            #expect(detail?.contains("accepted") == true)
            // The service charged what these books have forgotten.
            try await home.purser("ledger reconcile")
            let shown = try await home.json("accounts show ultra-1")
            #expect(shown["posted"] as? Int == home.realCredits("ultra"))
            try await home.purser("send ~/capture.txt --wait")
            try await home.purser("ledger verify --unlocked")
            let kept = try FileManager.default.contentsOfDirectory(atPath: home.folder + "/home")
            #expect(kept.contains { $0.contains("before-restore") })
            #expect(!kept.contains { $0.hasPrefix("restore-") })
        }
    }

    @Test func `a home that is damaged or gone is brought back`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("vault backup ~/copy")
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: home.database + suffix)
            }
            try Data(repeating: 7, count: 9000).write(to: URL(fileURLWithPath: home.database))
            let refused = try await restore(home, expecting: 72)
            #expect(refused.messages.contains("cannot be read"))
            _ = try await restore(home, "--accept-rollback \(try header(refused))")
            try await home.purser("send ~/capture.txt --wait")
            // Another machine, which has never seen this vault.
            let fresh = home.with([
                "PURSER_HOME": home.folder + "/fresh", "XDG_STATE_HOME": home.folder + "/other",
            ])
            _ = try await restore(fresh)
            try await fresh.purser("ledger verify --unlocked")
        }
    }

    @Test func `a foreign, damaged or unopenable copy changes nothing`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("vault backup ~/copy")
            let before = try Data(contentsOf: URL(fileURLWithPath: home.database))
            let copy = try Data(contentsOf: URL(fileURLWithPath: home.folder + "/copy"))
            try home.write("no database at all, but long enough to look like one", to: "copy")
            _ = try await restore(home, expecting: 66)
            var flipped = copy
            // No page is damaged by it: the books themselves tell.
            let place = try #require(flipped.range(of: Data("read from the service".utf8)))
            flipped[place.lowerBound] ^= 1
            try flipped.write(to: URL(fileURLWithPath: home.folder + "/copy"))
            let damaged = try await restore(home, expecting: nil)
            #expect(damaged.status != 0)
            let other = home.with([
                "PURSER_HOME": home.folder + "/other", "XDG_STATE_HOME": home.folder + "/state2",
            ])
            try await other.purser("init --passphrase-file ~/passphrase --key-file ~/other.key")
            try await other.purser("vault backup ~/theirs")
            try await home.purser("vault restore ~/theirs", expecting: 72)
            try copy.write(to: URL(fileURLWithPath: home.folder + "/copy"))
            _ = try await restore(home, "--key-file ~/other.key", expecting: 69)
            #expect(try Data(contentsOf: URL(fileURLWithPath: home.database)) == before)
            let left = try FileManager.default.contentsOfDirectory(atPath: home.folder + "/home")
            #expect(!left.contains { $0.hasPrefix("restore-") || $0.contains("before-restore") })
        }
    }

    @Test func `the refusal names keys that come back, and marks that are lost`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            let owner = "--passphrase-file ~/passphrase"
            try await home.purser("vault keys new ~/bob.key")
            try await home.purser("vault keys add bob --public-key ~/bob.key.pub --yes \(owner)")
            try await home.purser("vault backup ~/copy")
            try await home.purser("vault keys remove bob --yes \(owner)")
            try await home.purser("accounts remove pro-1 --yes")
            let refused = try await restore(home, expecting: 72)
            #expect(
                refused.messages.contains("keys that open the home's vault no more open it: bob;")
            )
            #expect(refused.messages.contains("it does not mark these tokens as exposed: ultra-1;"))
        }
    }

    @Test func `a key file in the home opens no copy either`() async throws {
        try await withCommandHome { home in
            try await home.purser("vault backup ~/copy")
            try FileManager.default.copyItem(
                atPath: home.folder + "/test.key",
                toPath: home.folder + "/home" + "/test.key"
            )
            let refused = try await restore(home, "--key-file ~/home/test.key", expecting: 78)
            #expect(refused.messages.contains("it lies in the database's directory"))
        }
    }
}
