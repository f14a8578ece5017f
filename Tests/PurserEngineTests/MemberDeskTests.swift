import PurserCore
import PurserStore
import PurserTestSupport
import PurserVault
import Testing

@testable import PurserEngine

struct MemberDeskTests {
    /// A home with a register that has random bytes from a seed, as the command line's is.
    private struct Office {
        let home: EngineHome
        let desk: MemberDesk
        let register: MemberRegister

        init(_ home: EngineHome) {
            self.home = home
            desk = MemberDesk(home.engine)
            register = MemberRegister(
                store: home.engine.store,
                actor: Actor("test"),
                ambient: home.engine.ambient
            )
        }

        func add(_ name: String, expiresAt: Timestamp? = nil) async throws -> String {
            let made = try await register.add(
                name,
                role: .member,
                limits: MemberLimits(),
                budget: nil,
                expiresAt: expiresAt
            )
            return try Self.text(made)
        }

        func rotate(_ name: String, overlap: Duration) async throws -> String {
            let member = try await register.member(named: name).member
            let made = try await register.rotate(member, overlap: overlap, expiresAt: nil)
            return try Self.text(made)
        }

        func revoke(_ name: String, key: String? = nil) async throws {
            try await register.revoke(try await register.member(named: name), key: key)
        }

        private static func text(_ made: consuming MemberRegister.NewKey?) throws -> String {
            guard let made else { throw TestFailure("no key was made") }
            return made.secret().withBytes { String(decoding: $0, as: UTF8.self) }
        }

        func name(_ key: String) async throws -> String? {
            home.clock.advance(by: MemberDesk.refreshEvery)
            return try await desk.authenticate(key)?.name
        }
    }

    private struct TestFailure: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    @Test func `a key opens for its member and nobody else`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let a = try await office.add("a")
            let b = try await office.add("b")
            #expect(try await office.name(a) == "a")
            #expect(try await office.name(b) == "b")
            // The id of one with the secret of the other, and its right checksum.
            let parts = b.split(separator: "_")
            let mixed = "psr_\(a.split(separator: "_")[1])_\(parts[2])_\(parts[3])"
            for wrong in [mixed, "", "psr_", a + "x", String(a.dropLast()), "Bearer \(a)"] {
                #expect(try await office.name(wrong) == nil, "\(wrong)")
            }
            let stranger = try #require(MemberKeyText(random: Array(0..<40)))
            let text = String(decoding: stranger.text, as: UTF8.self)
            #expect(try await office.name(text) == nil)
        }
    }

    @Test func `what another process changes counts within a second`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let key = try await office.add("a")
            #expect(try await office.desk.authenticate(key)?.name == "a")
            // Not looked at again yet; a quarter of a second later it is.
            try await office.revoke("a")
            #expect(try await office.desk.authenticate(key)?.name == "a")
            home.clock.advance(by: .milliseconds(250))
            #expect(try await office.desk.authenticate(key) == nil)
            var change = MemberChange()
            change.restores = true
            let member = try await office.register.member(named: "a")
            try await office.register.set(member, change, budget: nil, words: "restored")
            // The member works again, the key does not.
            #expect(try await office.name(key) == nil)
            #expect(try await office.name(try await office.rotate("a", overlap: .zero)) == "a")
        }
    }

    @Test func `after a rotation the old key works on for the overlap`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let old = try await office.add("a")
            let new = try await office.rotate("a", overlap: .seconds(3600))
            #expect(try await office.name(old) == "a")
            #expect(try await office.name(new) == "a")
            home.clock.advance(by: .seconds(3600))
            #expect(try await office.name(old) == nil)
            #expect(try await office.name(new) == "a")
            let last = try await office.rotate("a", overlap: .zero)
            #expect(try await office.name(new) == nil)
            #expect(try await office.name(last) == "a")
        }
    }

    @Test func `a key ends at its time, and one key alone can be revoked`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let key = try await office.add("a", expiresAt: home.clock.now + .seconds(60))
            #expect(try await office.name(key) == "a")
            home.clock.advance(by: .seconds(60))
            #expect(try await office.name(key) == nil)
            let next = try await office.rotate("a", overlap: .seconds(60))
            #expect(try await office.name(next) == "a")
            try await office.revoke("a", key: String(next.split(separator: "_")[1]))
            #expect(try await office.name(next) == nil)
            #expect(try await office.register.member(named: "a").member.revokedAt == nil)
        }
    }

    @Test func `the owner is neither revoked nor made less`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let owner = try await office.register.member(named: Member.ownerName)
            #expect(owner.member.role == .owner)
            await #expect(throws: EngineError.self) { try await office.revoke("owner") }
            var change = MemberChange()
            change.role = .auditor
            await #expect(throws: EngineError.self) {
                try await office.register.set(owner, change, budget: nil, words: "")
            }
        }
    }

    @Test func `no secret of a key is kept`() async throws {
        try await withEngine { home in
            let office = Office(home)
            let key = try await office.add("a")
            let text = try #require(MemberKeyText(key))
            let kept = try await office.register.member(named: "a").keys
            #expect(kept.map(\.id) == [text.id])
            #expect(kept.map(\.digest) == [Digest.sha256(text.secret)])
            let audit = try await home.engine.store.audit().map(\.record.detail)
            #expect(!audit.contains { $0.contains(key.split(separator: "_")[2]) })
        }
    }
}
