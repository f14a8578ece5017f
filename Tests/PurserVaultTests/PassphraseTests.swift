import PurserCore
import Testing

@testable import PurserVault

/// What a passphrase must be, and what guessing one must cost.
struct PassphraseTests {
    private let low = PassphraseCost(logN: 15)

    @Test func `only scrypt between 2^15 and 2^20 with r 8 and p 1 is derived`() throws {
        var refused = 0
        for logN in UInt8(0)...63 {
            for r in [UInt32(0), 1, 7, 8, 9, 16, .max] {
                for p in [UInt32(0), 1, 2, .max] {
                    let bytes = [logN] + r.bytes + p.bytes + [UInt8](0..<32)
                    var reader = ByteReader(bytes)
                    let block = try PassphraseBlock(from: &reader)
                    let isFine = (15...20).contains(logN) && r == 8 && p == 1
                    let error = failure { try block.checkPolicy() }
                    #expect((error == nil) == isFine, "2^\(logN), r \(r), p \(p)")
                    if error != nil { refused += 1 }
                }
            }
        }
        #expect(refused == 64 * 7 * 4 - 6)
    }

    @Test func `composed and decomposed letters are one passphrase`() throws {
        let pairs = [
            ("caf\u{E9} noir", "cafe\u{301} noir"),
            ("\u{AC00}\u{AC01}", "\u{1100}\u{1161}\u{1100}\u{1161}\u{11A8}"),
        ]
        for (composed, decomposed) in pairs {
            let left = try PassphraseBlock.normalized(secret(Array(composed.utf8)))
            let right = try PassphraseBlock.normalized(secret(Array(decomposed.utf8)))
            let isEqual = Secret.equal(left, right)
            #expect(isEqual)
        }
    }

    @Test func `empty, endless and broken passphrases are refused`() throws {
        let wrong: [[UInt8]] = [
            [], [UInt8](repeating: 0x61, count: 1 << 20), [UInt8](repeating: 0x61, count: 4097),
            [0xC3, 0x28, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61],
        ]
        for bytes in wrong {
            let text = try secret(bytes)
            let error = failure {
                try PassphraseBlock(cost: low, salt: bytes.prefix(0) + []).key(from: text)
            }
            #expect(error?.kind == .invalidInput, "\(bytes.count) bytes")
        }
    }

    @Test func `a new passphrase has eight characters or more`() throws {
        for (text, isFine) in [
            ("1234567", false), ("12345678", true), ("p\u{E4}ssw\u{F6}rt", true),
            ("\u{1F511}\u{1F511}\u{1F511}", false),
        ] {
            let passphrase = try secret(text)
            #expect(
                (failure { try PassphraseBlock.checkNew(passphrase) } == nil) == isFine,
                "\(text)"
            )
        }
        let short = failure {
            try Vault.create(slots: [.passphrase(secret("short"), name: "a")], cost: low, now: noon)
        }
        #expect(short == .weakPassphrase(characters: 5))
        #expect(short?.hint?.contains("--generate-passphrase") == true)
    }

    @Test func `generated passphrases are long, readable, and never the same`() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<200 {
            let text = try Secret.generatedPassphrase().copied()
            #expect(text.count == 24)
            #expect(text.enumerated().allSatisfy { ($0 % 5 == 4) == ($1 == 0x2D) })
            #expect(!text.contains { [0x69, 0x6C, 0x6F, 0x30, 0x31].contains($0) })
            seen.insert(text)
        }
        #expect(seen.count == 200)
    }

    @Test func `a cheap slot is sealed again at its owner's next unlock, once`() throws {
        let made = try Vault.create(
            slots: [
                .passphrase(secret("alice's words"), name: "alice"),
                .passphrase(secret("robot's words"), name: "robot", role: .server),
                .passphrase(secret("bobby's words"), name: "bob", role: .member),
            ],
            cost: low,
            now: noon,
            random: .repeatable("raise")
        )
        var image = try VaultImage(made.change)
        let target = PassphraseCost(logN: 16)
        for (name, words, isRaised) in [
            ("bob", "bobby's words", true), ("robot", "robot's words", false),
        ] {
            let unlocking = try Unlocking.passphrase(secret(words), slot: name)
            let vault = try Vault.unlock(image, with: unlocking, pin: nil)
            let contents = try vault.contents(of: image)
            let raised = try contents.raisingCost(of: unlocking, to: target, now: noon)
            #expect((raised != nil) == isRaised, "\(name)")
            guard let raised else { continue }
            image = image.applying(raised.change)
            let again = try Vault.unlock(image, with: unlocking, pin: contents.pin)
            #expect(again.slots == vault.slots, "nothing public changes")
            let costs = try Vault.describe(image).costs
            #expect(costs[again.slot.id] == 16)
            #expect(costs.values.sorted() == [15, 15, 16])
            let once =
                try again.contents(of: image)
                .raisingCost(of: unlocking, to: target, now: noon) == nil
            #expect(once)
        }
    }
}
