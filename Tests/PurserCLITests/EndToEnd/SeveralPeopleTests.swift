import Foundation
import PurserCore
import PurserSandbox
import Testing

@testable import PurserCLI
@testable import PurserVault

/// One vault, several people and machines; the whole story in order is `Transcripts/several-people.txt`.
struct SeveralPeopleTests {
    private let alice = "--passphrase-file ~/passphrase"

    @Test func `an old copy of the home is refused until a person accepts it`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try copy(home, "home", to: "old")
            try await home.purser("vault rotate-key \(alice)")
            try copy(home, "old", to: "home")

            let refused = try await home.json("accounts versions ultra-1", expecting: 72)
            let hint = try #require((refused["error"] as? [String: Any])?["hint"] as? String)
            let id = try #require(hint.firstMatch(of: #/[0-9a-f]{64}/#)?.output)
            #expect(hint.contains("purser vault accept-rollback \(id)"))
            #expect(hint.contains("\(home.folder)/state/purser/"))
            let verified = try await home.json("vault verify", expecting: 72)
            let rules = try #require(verified["rules"] as? [[String: Any]])
            let broken = rules.filter { $0["result"] as? String == "violation" }
            #expect(broken.map { $0["rule"] as? String } == ["V12"])
            #expect(try await home.json("vault status")["pin"] as? String == "later")

            let other = String(repeating: "0", count: 64)
            try await home.purser("vault accept-rollback \(other)", expecting: 72)
            try await home.purser("vault accept-rollback 00", expecting: 78)
            try await home.purser("vault accept-rollback \(id)")

            try await home.purser("accounts versions ultra-1")
            #expect(try await home.json("vault status")["pin"] as? String == "current")
            let trail = try await home.purser("audit list")
            #expect(trail.output.contains("vault.accept_rollback"))
        }
    }

    @Test func `each machine keeps a pin of its own, and follows`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let bob = home.with(["XDG_STATE_HOME": home.folder + "/bob-state"])
            let met = try await bob.purser("accounts versions ultra-1")
            #expect(met.messages.contains("for the first time"))
            try await home.purser("vault rotate-key \(alice)")
            #expect(try await bob.json("vault status")["pin"] as? String == "behind")
            #expect(try await bob.purser("accounts versions ultra-1").messages.isEmpty)
            #expect(try await bob.json("vault status")["pin"] as? String == "current")
        }
    }

    @Test func `keys of every kind open the vault they were added to`() async throws {
        try await withCommandHome { home in
            try await home.purser(
                "vault keys add robot --role server --new-key-file ~/robot.key \(alice)"
            )
            #expect(try mode(home.folder + "/robot.key") == 0o600)
            try home.write("shorter", to: "short")
            let short = try await home.purser(
                "vault keys add eve --new-passphrase-file ~/short \(alice)",
                expecting: 78
            )
            #expect(short.messages.contains("--generate-passphrase"))
            let made = try await home.json("vault keys add eve --generate-passphrase \(alice)")
            try home.write(try #require(made["passphrase"] as? String), to: "eve")
            let sheet = try await home.json("vault keys add sheet --recovery \(alice)")
            try home.write(try #require(sheet["recovery_key"] as? String), to: "sheet.key")
            for unlock in [
                "--key-file ~/robot.key", "--passphrase-file ~/eve --as eve",
                "--key-file ~/sheet.key",
            ] {
                try await home.purser("vault checkpoint \(unlock)")
            }
            try await home.purser(
                "vault keys remove robot --yes --key-file ~/robot.key",
                expecting: 78
            )
            let dry = try await home.json(
                "vault keys remove robot --dry-run --key-file ~/sheet.key"
            )
            #expect(dry["removed"] as? [String] == ["robot"])
            try await home.purser("vault keys remove robot --yes --key-file ~/sheet.key")
            try await home.purser("vault checkpoint --key-file ~/robot.key", expecting: 69)
            let names = try await home.json("vault keys list")["slots"] as? [[String: Any]]
            #expect(
                names?.compactMap { $0["name"] as? String } == [
                    "eve", "key-file", "owner", "recovery", "sheet",
                ]
            )
        }
    }

    private func state(_ home: CommandHome) async throws -> Int {
        try #require(try await home.json("vault status")["state_sequence"] as? Int)
    }

    @Test func `no other vault is accepted as an older one`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let own = try await home.inContext { try Vault.describe(try await $0.vaultImage()) }
            let keys = try #require(own.slots.first { $0.name == "key-file" }).keys
            // One of a thief's own: with another id, and with the right one, open to the key of this machine.
            for wanted in [nil, own.vaultID] {
                let random = Randomness { buffer in
                    let bytes = try Randomness.system.bytes(buffer.count)
                    buffer.copyBytes(from: buffer.count == 16 ? wanted ?? bytes : bytes)
                }
                let forged = try Vault.create(
                    slots: [
                        .key(SlotSeed(), kind: .identity, name: "thief", role: .admin),
                        .publicKeys(keys, kind: .keyFile, name: "key-file", role: .server),
                    ],
                    now: Timestamp.now,
                    random: random
                )
                let theirs = home.with(["PURSER_HOME": "\(home.folder)/\(wanted?.count ?? 0)"])
                let header = forged.vault.headerID.hexadecimal
                try await theirs.keep(forged.change)
                try await theirs.purser("vault backup ~/theirs --force")
                try await home.purser(
                    "vault restore ~/theirs --accept-rollback \(header)",
                    expecting: 72
                )
                try FileManager.default.removeItem(atPath: home.database)
                for suffix in ["-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: home.database + suffix)
                }
                try FileManager.default.copyItem(
                    atPath: home.folder + "/theirs",
                    toPath: home.database
                )
                try await home.purser("vault accept-rollback \(header)", expecting: 72)
            }
        }
    }

    @Test func `a changed passphrase replaces the old one`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            let before = try await state(home)
            let changed = try await home.json(
                "vault change-passphrase --generate-passphrase --compromised \(alice)"
            )
            #expect((changed["exposed"] as? [[String: Any]])?.count == 1)
            // Passphrase, vault key and marks: what stops half way has done nothing.
            #expect(try await state(home) == before + 1)
            try home.write(try #require(changed["passphrase"] as? String), to: "next")
            try await home.purser("accounts versions ultra-1 \(alice)", expecting: 69)
            try await home.purser("accounts versions ultra-1 --passphrase-file ~/next")
            try await home.purser("vault change-passphrase --generate-passphrase", expecting: 78)
        }
    }

    @Test func `a passphrase that others may read is told of`() async throws {
        try await withCommandHome { home in
            let path = home.folder + "/passphrase"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let told = try await home.purser("vault checkpoint \(alice)")
            #expect(told.messages.contains("others may read"))
        }
    }

    @Test func `a generated passphrase is shown once and opens the vault`() async throws {
        try await withCommandHome(isMade: false) { home in
            let made = try await home.json("init --generate-passphrase")
            let passphrase = try #require(made["passphrase"] as? String)
            #expect(passphrase.wholeMatch(of: #/([a-z2-9]{4}-){4}[a-z2-9]{4}/#) != nil)
            try home.write(passphrase, to: "generated")
            try await home.purser("vault checkpoint --passphrase-file ~/generated")
            try home.write(try #require(made["recovery_key"] as? String), to: "recovery.key")
            try await home.purser("vault checkpoint --key-file ~/recovery.key")
        }
    }

    @Test func `a key that gets no slot is neither shown nor left lying about`() async throws {
        try await withCommandHome { home in
            for means in ["--recovery", "--generate-passphrase", "--new-key-file ~/new.key"] {
                let refused = try await home.purser(
                    "vault keys add owner \(means) \(alice)",
                    expecting: nil
                )
                #expect(refused.status != 0)
                #expect(refused.output.isEmpty)
            }
            #expect(!FileManager.default.fileExists(atPath: home.folder + "/new.key"))
            try home.write("somebody else's", to: "new.key")
            try await home.purser(
                "vault keys add bob --new-key-file ~/new.key \(alice)",
                expecting: 76
            )
            let text = try String(contentsOfFile: home.folder + "/new.key", encoding: .utf8)
            #expect(text == "somebody else's")
        }
    }

    @Test func `whoever deletes an exposed token hears that its mark goes with it`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.addTierOne()
            try await home.purser("vault keys remove key-file --yes \(alice)")
            try home.sandbox.setToken(of: "ultra", to: "ya29.second")
            try await home.purser(
                "accounts rotate ultra-1 --token-stdin \(alice)",
                input: "ya29.second\n"
            )
            let dry = try await home.purser("accounts purge ultra-1 --dry-run \(alice)")
            #expect(!dry.messages.contains("exposed"))
            let purged = try await home.purser("accounts purge ultra-1 \(alice)")
            #expect(purged.messages.contains("change those of ultra-1 at the provider"))
            let removed = try await home.purser("accounts remove pro-1 --yes \(alice)")
            #expect(removed.messages.contains("change those of pro-1 at the provider"))
            let other = try await home.purser("accounts remove ultra-1 --yes \(alice)")
            #expect(!other.messages.contains("exposed"))
        }
    }

    @Test func `a private key given by mistake is named for what it is, and not repeated`()
        async throws
    {
        try await withCommandHome { home in
            let key = try String(contentsOfFile: home.folder + "/test.key", encoding: .utf8)
                .trimmingCharacters(in: .newlines)
            try await home.addUltra()
            for line in [
                "vault keys add bob --yes --public-key \(key)",
                "vault keys add bob --yes --public-key \(key.lowercased())",
                "vault keys add bob --yes --public-key ~/test.key",
                "accounts versions ultra-1 --key-file \(key)",
            ] {
                for option in ["", " --json"] {
                    let refused = try await home.purser(line + option, expecting: 78)
                    #expect(refused.messages.contains("private key"))
                    #expect(
                        !Canary([key, key.lowercased()]).isIn(refused.messages + refused.output)
                    )
                }
            }
        }
    }

    @Test func `a dry run leaves a passphrase as cheap as it is`() async throws {
        try await withCommandHome { home in
            let made = try Vault.create(
                slots: [.passphrase(Secret(copying: CommandHome.passphrase.utf8), name: "alice")],
                cost: PassphraseCost(logN: 15),
                now: Timestamp.now
            )
            let cheap = home.with([
                "PURSER_HOME": home.folder + "/cheap", "XDG_STATE_HOME": home.folder + "/cheaper",
            ])
            try await cheap.keep(made.change)
            func cost() async throws -> Int? {
                let slots = try await cheap.json("vault keys list")["slots"] as? [[String: Any]]
                return slots?.first { $0["name"] as? String == "alice" }?["cost"] as? Int
            }
            try await cheap.purser("vault rotate-key --dry-run \(alice)")
            #expect(try await cost() == 15)
            try await cheap.purser("vault checkpoint \(alice)")
            #expect(try await cost() == 17)
        }
    }

    private func copy(_ home: CommandHome, _ name: String, to other: String) throws {
        let manager = FileManager.default
        try? manager.removeItem(atPath: "\(home.folder)/\(other)")
        try manager.copyItem(atPath: "\(home.folder)/\(name)", toPath: "\(home.folder)/\(other)")
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
