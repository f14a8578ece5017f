import PurserCore
import Testing

@testable import PurserVault

/// Tokens that somebody knows who should not: the mark is sealed with the token, and only another token ends it.
struct ExposureTests {
    private static let later = noon + .seconds(60)

    private func desk() throws -> Desk {
        var desk = try Desk()
        try desk.add("token-of-ada", to: ada)
        try desk.add("token-of-ben", to: ben)
        return desk
    }

    private func exposed(_ desk: Desk) throws -> [AccountID] {
        try desk.contents().exposures().map(\.account).sorted()
    }

    private func replace(_ token: String, of account: AccountID, in desk: inout Desk) throws {
        let change = try desk.contents().stageAndPlace(draft(token), for: account, now: noon)
        desk.apply(change.change)
    }

    private func remove(_ name: String, from desk: inout Desk) throws -> HeaderChange {
        let slot = try #require(desk.vault.slots.first { $0.name == name })
        let change = try desk.contents().rotate(removing: [slot.id], now: Self.later)
        desk.apply(change)
        return change
    }

    @Test func `a removed slot marks every token, a mere rotation none`() throws {
        var desk = try desk()
        desk.apply(try desk.contents().rotate(now: noon))
        #expect(try exposed(desk).isEmpty)
        let change = try remove("recovery", from: &desk)
        #expect(try exposed(desk) == [ada, ben])
        #expect(Set(change.change.exposures.map(\.since)) == [Self.later])
        #expect(try desk.contents().recordFaults().isEmpty)
    }

    @Test func `another token ends the mark, the same one keeps it`() throws {
        var desk = try desk()
        _ = try remove("recovery", from: &desk)
        try replace("token-of-ada-2", of: ada, in: &desk)
        #expect(try exposed(desk) == [ben])
        try replace("token-of-ada", of: ada, in: &desk)
        #expect(try exposed(desk) == [ada, ben])
        try replace("token-of-ada-3", of: ada, in: &desk)
        desk.apply(try desk.contents().rollBack(ada).change)
        #expect(try exposed(desk) == [ada, ben])
        #expect(try desk.contents().versions(of: ada).compactMap(\.exposedAt).count == 2)
    }

    @Test func `a later removal does not make the mark younger`() throws {
        var desk = try desk()
        desk.apply(try desk.contents().rotate(exposing: true, now: noon))
        _ = try remove("recovery", from: &desk)
        #expect(try Set(desk.contents().exposures().map(\.since)) == [noon])
    }

    @Test func `a compromised passphrase, the key and the marks are one change`() throws {
        let cost = PassphraseCost(logN: 15)
        let made = try Vault.create(
            slots: [.passphrase(secret("old words"), name: "alice")],
            cost: cost,
            now: noon,
            random: .repeatable("compromised")
        )
        var image = try VaultImage(made.change)
        let contents = try made.vault.contents(of: image)
        image = image.applying(
            try contents.addCredential(draft("token-of-ada"), of: ada, now: noon).change
        )
        let change = try made.vault.contents(of: image).changePassphrase(
            to: secret("new words"),
            cost: cost,
            compromised: true,
            now: Self.later
        )
        image = image.applying(change.change)
        #expect(change.vault.epoch == 2)
        #expect(change.change.exposures == [Exposure(account: ada, since: Self.later)])
        let old = try Unlocking.passphrase(secret("old words"), slot: "alice")
        #expect(
            failure { try Vault.unlock(image, with: old, pin: nil) }
                == .wrongPassphrase(slot: "alice")
        )
        let new = try Unlocking.passphrase(secret("new words"), slot: "alice")
        let opened = try Vault.unlock(image, with: new, pin: nil).contents(of: image)
        #expect(try opened.exposures().map(\.account) == [ada])
        #expect(try change.vault.contents(of: image).recordFaults().isEmpty)
    }

    @Test func `changes carry the mark of the token they put in place`() throws {
        var desk = try desk()
        _ = try remove("recovery", from: &desk)
        let placed = try desk.contents().stageAndPlace(draft("new"), for: ada, now: noon).change
        #expect(placed.exposures == [Exposure(account: ada, since: nil)])
        desk.apply(placed)
        let back = try desk.contents().rollBack(ada).change
        #expect(back.exposures == [Exposure(account: ada, since: Self.later)])
        let staged = try desk.contents().stage(draft("newer"), for: ada, now: noon).change
        #expect(staged.exposures.isEmpty)
    }

    @Test func `a marked record has its own spelling, which is read strictly`() throws {
        let text = try CredentialRecord.encode(
            draft("t"),
            account: ada,
            addedAt: noon,
            exposedAt: Self.later
        ).copied()
        let string = String(decoding: text, as: UTF8.self)
        #expect(string.hasPrefix("{\"v\":2,"))
        #expect(try CredentialRecord(secret(text)).exposedAt == Self.later)
        let wiped = string.replacing(
            ",\"exposed_at_ms\":\(Self.later.milliseconds)",
            with: ""
        )
        for other in [wiped, string.replacing("\"v\":2", with: "\"v\":1")] {
            let plaintext = try secret(other)
            #expect(throws: CanonicalJSON.Misfit.self) {
                _ = try CredentialRecord(plaintext).addedAt
            }
        }
    }
}
