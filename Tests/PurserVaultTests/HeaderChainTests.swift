import PurserCore
import Testing

@testable import PurserVault

/// Signatures, pins, and changes of slots.
struct HeaderChainTests {
    private func pin(_ desk: Desk) throws -> Pin { try desk.contents().pin }

    private func unlock(_ desk: Desk, _ image: VaultImage, pin: Pin?) throws -> VaultError? {
        let key = try desk.key()
        return failure { try Vault.unlock(image, with: key, pin: pin) }
    }

    private func addMember(
        to desk: inout Desk,
        name: String = "mia",
        role: SlotRole = .member
    ) throws -> SlotSeed {
        let seed = try SlotSeed(random: .repeatable(name))
        let keys = try seed.publicKeys()
        desk.apply(
            try desk.contents().addSlot(.publicKeys(keys, name: name, role: role), now: noon)
        )
        return seed
    }

    @Test func `a change of slots is followed from the pin`() throws {
        var desk = try Desk()
        let first = try pin(desk)
        let seed = try addMember(to: &desk)
        #expect(try unlock(desk, desk.image, pin: first) == nil)
        let member = try Vault.unlock(desk.image, with: .key(seed), pin: first)
        #expect(member.slot.name == "mia")
        #expect(member.fingerprint == desk.vault.fingerprint)
        #expect(member.headerSequence == 2)
    }

    @Test func `an older vault is a rollback`() throws {
        var desk = try Desk()
        let old = desk.image
        try desk.add("token", to: ada)
        let state = try pin(desk)
        #expect(
            try unlock(desk, old, pin: state)
                == .rollback("the state's sequence", found: 1, pinned: 2)
        )
        _ = try addMember(to: &desk)
        #expect(
            try unlock(desk, old, pin: pin(desk))
                == .rollback("the header's sequence", found: 1, pinned: 2)
        )
    }

    @Test func `two histories of one vault are a fork`() throws {
        var desk = try Desk()
        var other = desk
        _ = try addMember(to: &desk, name: "mia")
        _ = try addMember(to: &other, name: "tom")
        #expect(
            try unlock(desk, other.image, pin: pin(desk))
                == .forked("two headers have the sequence 2")
        )

        var left = try Desk()
        var right = left
        try left.add("token-1", to: ada)
        try right.add("token-2", to: ada)
        #expect(
            try unlock(left, right.image, pin: pin(left))
                == .forked("two states have the sequence 2")
        )
    }

    /// Anyone can wrap a key of their own to a member's public key: only the chain notices.
    @Test func `a vault made by someone else for the same slots is refused`() throws {
        let desk = try Desk()
        let theft = Theft(desk: desk)
        let first = try theft.forged(sequence: 1, previous: [UInt8](repeating: 0, count: 32))
        #expect(try unlock(desk, first, pin: nil) == nil, "without a pin nobody could know")
        #expect(
            try unlock(desk, first, pin: pin(desk)) == .forked("two headers have the sequence 1")
        )
        let key = try desk.key()
        guard
            case .untrusted = failure({
                try Vault.unlock(
                    first,
                    with: key,
                    pin: nil,
                    expectingFingerprint: desk.vault.fingerprint
                )
            })
        else {
            Issue.record("the fingerprint was not compared")
            return
        }
        let second = try theft.forged(sequence: 2, previous: desk.vault.header.open.id)
        #expect(
            try unlock(desk, second, pin: pin(desk))
                == .untrusted("header 2 is signed by no slot of the one before")
        )
    }

    @Test func `a slot with the keys of another is not added`() throws {
        let desk = try Desk()
        let twin = SlotDraft.publicKeys(desk.vault.slot.keys, name: "twin")
        #expect(throws: VaultError.self) {
            try desk.contents().addSlot(twin, now: noon)
        }
    }

    /// Who writes the database cannot take the last header away while the log still tells of it.
    @Test func `a header that the log goes beyond was put back`() throws {
        var desk = try Desk()
        let before = desk.image
        _ = try addMember(to: &desk, name: "mia")
        let putBack = VaultImage(
            header: before.header,
            log: desk.image.log,
            state: before.state,
            records: before.records
        )
        guard case .rollback = try unlock(desk, putBack, pin: nil) else {
            Issue.record("an older header than the log's last was opened")
            return
        }
    }

    /// Both changes are signed by one who may: only the log tells which of them was made.
    @Test func `a header that the log does not end with is refused`() throws {
        var desk = try Desk()
        let start = try pin(desk)
        var other = desk
        _ = try addMember(to: &desk, name: "mia")
        _ = try addMember(to: &other, name: "tom")
        #expect(
            try unlock(desk, desk.image.with(log: other.image.log), pin: start)
                == .untrusted("the header is not the last line of the header log")
        )
    }

    @Test func `the log must reach from the pin to the header`() throws {
        var desk = try Desk()
        let start = try pin(desk)
        _ = try addMember(to: &desk, name: "mia")
        _ = try addMember(to: &desk, name: "tom")
        let log = desk.image.log
        for lost in log.indices {
            var rest = log
            rest.remove(at: lost)
            #expect(
                try unlock(desk, desk.image.with(log: rest), pin: start)
                    == .untrusted("the header log has no line \(lost + 1)")
            )
        }
        #expect(
            try unlock(desk, desk.image.with(log: log + [log[1]]), pin: start)
                == .untrusted("the header log has two lines 2")
        )
        for index in log[1].bytes.indices {
            var bytes = log[1].bytes
            bytes[index] ^= 1
            let line = HeaderLogEntry(
                sequence: 2,
                headerID: Digest.sha256(bytes),
                bytes: bytes
            )
            let image = desk.image.with(log: [log[0], line, log[2]])
            #expect(try unlock(desk, image, pin: start) != nil, "byte \(index)")
        }
    }

    @Test func `a member may change its own keys only, a server nothing`() throws {
        var desk = try Desk()
        let member = try addMember(to: &desk, name: "mia")
        let server = try addMember(to: &desk, name: "gate", role: .server)
        let old = desk.vault.header.open
        func signed(
            by name: String,
            seed: borrowing SlotSeed,
            _ change: (VaultHeader.Entry) throws -> VaultHeader.Entry
        ) throws -> PublicHeader {
            try HeaderDraft(
                after: desk.vault.header,
                entries: desk.vault.header.entries.map(change)
            ).signed(
                keys: desk.vault.keys,
                signerID: try #require(old.slots.first { $0.name == name }).id,
                seed: seed
            ).open
        }
        let fresh = try SlotSeed(random: .repeatable("fresh")).publicKeys()
        func rekey(
            _ name: String,
            role: SlotRole? = nil
        ) -> (VaultHeader.Entry) -> VaultHeader.Entry {
            { entry in
                guard entry.slot.name == name else { return entry }
                let slot = entry.slot
                return .init(
                    slot: KeySlot(
                        id: slot.id,
                        kind: slot.kind,
                        role: role ?? slot.role,
                        name: slot.name,
                        keys: fresh,
                        createdAt: slot.createdAt
                    ),
                    secrets: entry.secrets
                )
            }
        }
        let own = try signed(by: "mia", seed: member, rekey("mia"))
        #expect(failure { try HeaderChain.checkStep(from: old, to: own) } == nil)
        let promoted = try signed(by: "mia", seed: member, rekey("mia", role: .admin))
        let foreign = try signed(by: "mia", seed: member, rekey("desk"))
        for header in [promoted, foreign] {
            #expect(
                failure { try HeaderChain.checkStep(from: old, to: header) }
                    == .untrusted("header 4: a member changed more than its own keys")
            )
        }
        let served = try signed(by: "gate", seed: server, rekey("gate"))
        #expect(
            failure { try HeaderChain.checkStep(from: old, to: served) }
                == .untrusted("header 4 is signed by a server")
        )
        let mistaken = try signed(by: "desk", seed: member, rekey("mia"))
        #expect(
            failure { try HeaderChain.checkStep(from: old, to: mistaken) }
                == .untrusted("the signature of header 4 is wrong")
        )
    }

    @Test func `a rotation shuts the removed slot out and keeps the records`() throws {
        var desk = try Desk()
        let seed = try addMember(to: &desk)
        let key = Unlocking.key(seed)
        try desk.add("the-token", to: ada)
        let old = try Vault.unlock(desk.image, with: key, pin: nil)
        let slot = try #require(desk.vault.slots.first { $0.name == "mia" })
        let before = try pin(desk)
        desk.apply(try desk.contents().rotate(removing: [slot.id], now: noon))
        #expect(desk.vault.epoch == 2)
        #expect(failure { try Vault.unlock(desk.image, with: key, pin: nil) } == .wrongIdentity)
        #expect(failure { try old.following(desk.image) } == .slotRemoved("mia"))
        for record in desk.image.records {
            let shifted = SealedRecord(
                address: record.address,
                epoch: 1,
                sealed: record.sealed
            )
            #expect(failure { try old.open(shifted) } != nil)
        }
        #expect(try unlock(desk, desk.image, pin: before) == nil)
        #expect(try desk.contents().versions(of: ada).map(\.version) == [1])
    }

    @Test func `an open vault follows a rotation with its own slot`() throws {
        var desk = try Desk()
        try desk.add("the-token", to: ada)
        let running = desk.vault
        desk.apply(try desk.contents().rotate(now: noon))
        #expect(failure { try running.contents(of: desk.image) } == .headerChanged)
        let next = try running.following(desk.image)
        #expect(next.epoch == 2)
        #expect(try next.contents(of: desk.image).currentVersion(of: ada) == 1)
    }

    @Test func `a changed passphrase opens and the old one does not`() throws {
        let cost = PassphraseCost(logN: 15)
        let made = try Vault.create(
            slots: [.passphrase(secret("old words"), name: "alice")],
            cost: cost,
            now: noon,
            random: .repeatable("change")
        )
        var image = try VaultImage(made.change)
        let vault = made.vault
        let change = try vault.contents(of: image).changePassphrase(
            to: secret("new words"),
            cost: cost,
            now: noon
        )
        image = image.applying(change.change)
        let old = try Unlocking.passphrase(secret("old words"), slot: "alice")
        #expect(
            failure { try Vault.unlock(image, with: old, pin: nil) }
                == .wrongPassphrase(slot: "alice")
        )
        let new = try Unlocking.passphrase(secret("new words"), slot: nil)
        #expect(failure { try Vault.unlock(image, with: new, pin: nil) } == nil)
        let recovery = Unlocking.key(try SlotSeed(text: made.recoveryKey))
        #expect(try Vault.unlock(image, with: recovery, pin: nil).slot.kind == .recovery)
        let unknown = try Unlocking.passphrase(secret("new words"), slot: "bob")
        #expect(
            failure { try Vault.unlock(image, with: unknown, pin: nil) }
                == .noSuchSlot("bob", known: ["alice"])
        )
    }

    @Test func `only an admin changes slots`() throws {
        var desk = try Desk()
        let seed = try addMember(to: &desk)
        let member = try Vault.unlock(desk.image, with: .key(seed), pin: nil)
        let contents = try member.contents(of: desk.image)
        guard case .notPermitted = failure({ try contents.rotate(now: noon).change }) else {
            Issue.record("a member rotated the vault key")
            return
        }
        guard
            case .notPermitted = failure({
                try desk.contents().rotate(removing: [desk.vault.slot.id], now: noon).change
            })
        else {
            Issue.record("an admin removed the slot in use")
            return
        }
    }

    @Test func `a description needs no key`() throws {
        let desk = try Desk()
        let description = try Vault.describe(desk.image)
        #expect(description.vaultID == desk.vault.id)
        #expect(Set(description.slots.map(\.name)) == ["desk", "recovery"])
        #expect(description.fingerprint == desk.vault.fingerprint)
        #expect(description.fingerprint.split(separator: " ").count == 12)
    }
}
