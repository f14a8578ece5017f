import Foundation
import PurserCore
import PurserVault
import Testing

@testable import PurserCLI

/// A home is made whole or not at all, and its secrets end up where they were meant to.
struct InitTests {
    @Test func `an init that failed can be repeated`() async throws {
        try await withCommandHome(isMade: false) { home in
            try await home.purser("init --passphrase-file ~/missing", expecting: 74)
            #expect(!FileManager.default.fileExists(atPath: home.database))
            try await home.purser("init --passphrase-file ~/passphrase")
        }
    }

    @Test func `a database without a vault is no home yet`() async throws {
        try await withCommandHome(isMade: false) { home in
            try home.write("in the way", to: "state")
            try await home.purser("init --passphrase-file ~/passphrase", expecting: nil)
            try FileManager.default.createDirectory(
                atPath: home.folder + "/home",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try home.write("", to: "home/" + "purser.db")
            try FileManager.default.removeItem(atPath: home.folder + "/state")
            try await home.purser("init --passphrase-file ~/passphrase")
            try await home.purser("init --passphrase-file ~/passphrase", expecting: 76)
        }
    }

    @Test func `a failed init takes its key file away`() async throws {
        try await withCommandHome(isMade: false) { home in
            // "recovery" is the name of the slot that every vault has.
            try await home.purser(
                "init --passphrase-file ~/passphrase --key-file ~/test.key --as recovery",
                expecting: nil
            )
            #expect(!FileManager.default.fileExists(atPath: home.folder + "/test.key"))
            try await home.purser("init --passphrase-file ~/passphrase --key-file ~/test.key")
        }
    }

    @Test func `a key file that was there stays as it was`() async throws {
        try await withCommandHome(isMade: false) { home in
            try home.write("mine", to: "test.key")
            try await home.purser(
                "init --passphrase-file ~/passphrase --key-file ~/test.key",
                expecting: 76
            )
            let text = try String(contentsOfFile: home.folder + "/test.key", encoding: .utf8)
            #expect(text == "mine")
        }
    }

    @Test(arguments: ["~/home/test.key", "~/home/below/test.key", "~/x/../home/test.key"])
    func `a key file beside the database is refused before anything is made`(
        _ path: String
    ) async throws {
        try await withCommandHome(isMade: false) { home in
            try FileManager.default.createDirectory(
                atPath: home.folder + "/x",
                withIntermediateDirectories: false
            )
            let result = try await home.purser(
                "init --passphrase-file ~/passphrase --key-file \(path)",
                expecting: nil
            )
            #expect(result.status != 0)
            #expect(result.messages.contains("database's directory"))
            #expect(!FileManager.default.fileExists(atPath: home.database))
        }
    }

    @Test func `the key file's slot is a server's`() async throws {
        try await withCommandHome(isMade: false) { home in
            try await home.purser("init --passphrase-file ~/passphrase --key-file ~/test.key")
            let slots = try await home.inContext { context in
                try Vault.describe(try #require(try await context.store.vaultImage())).slots
            }
            let roles = Dictionary(uniqueKeysWithValues: slots.map { ($0.name, $0.role) })
            #expect(roles == ["owner": .admin, "key-file": .server, "recovery": .admin])
        }
    }

    @Test func `the passphrase comes from where unlocking takes it`() async throws {
        for variables in [
            ["PURSER_PASSPHRASE_FILE": "~/passphrase"],
            ["PURSER_PASSPHRASE_COMMAND": "echo correct horse battery staple"],
        ] {
            try await withCommandHome(isMade: false) { home in
                let home = home.with(variables)
                try await home.purser("init")
                try await home.addUltra()
            }
        }
    }

    @Test func `the recovery key is shown before the vault is kept`() async throws {
        try await withCommandHome(isMade: false) { home in
            let text = try await home.purser("init --passphrase-file ~/passphrase").output
            let key = try #require(text.range(of: "recovery key"))
            let done = try #require(text.range(of: "made a home"))
            #expect(key.lowerBound < done.lowerBound)
        }
    }

    @Test func `an account that fails leaves one document and the others in place`() async throws {
        try await withCommandHome(isMade: false) { home in
            try home.write(CommandHome.ultraToken, to: "ultra.token")
            try home.write(
                """
                [[accounts]]
                name = "gone"
                tier = "ultra"
                token-file = "no-such-token"

                [[accounts]]
                name = "ultra-1"
                tier = "ultra"
                token-file = "ultra.token"
                """,
                to: "team.toml"
            )
            let made = try await home.json(
                "init --passphrase-file ~/passphrase --config ~/team.toml",
                expecting: 74
            )
            #expect(made["recovery_key"] is String)
            let accounts = try #require(made["accounts"] as? [[String: Any]])
            #expect(accounts.map { $0["name"] as? String } == ["gone", "ultra-1"])
            #expect(accounts.first?["error"] as? String != nil)
            #expect(accounts.last?["error"] is NSNull)
        }
    }
}
