import PurserCore
import Testing

@testable import PurserVault

struct CredentialTests {
    private func token(_ desk: Desk, version: UInt64? = nil) async throws -> String {
        try await desk.contents().withOpenCredential(of: ada, version: version) {
            $0.withTokenBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func states(_ desk: Desk) throws -> [CredentialVersion.State] {
        try desk.contents().versions(of: ada).map(\.state)
    }

    @Test func `a token comes back with what was sealed with it`() async throws {
        var desk = try Desk()
        let token = "ya29.\"quoted\\\"~" + String(repeating: "x", count: 4080)
        try desk.add(token, to: ada)
        let origin = Origin(scheme: "https", host: "upstream.test", port: 443)
        let lines = try await desk.contents().withOpenCredential(of: ada) {
            let header = try $0.header(for: origin)
            return ["\($0.accountID) \($0.version) \($0.kind)", header.name, header.value]
        }
        #expect(lines == ["\(ada) 1 bearer", "Authorization", "Bearer \(token)"])
    }

    @Test func `a rotation stages, places and rolls back`() async throws {
        var desk = try Desk()
        try desk.add("one", to: ada)
        let staged = try desk.contents().stage(
            draft("two", expiresAt: noon + .seconds(60)),
            for: ada,
            now: noon
        )
        #expect(staged.version == 2)
        desk.apply(staged.change)
        #expect(try states(desk) == [.current, .staged])
        #expect(try await token(desk) == "one")
        #expect(try await token(desk, version: 2) == "two")

        desk.apply(try desk.contents().place(ada).change)
        #expect(try states(desk) == [.previous, .current])
        #expect(try await token(desk) == "two")
        #expect(try await token(desk, version: 1) == "one")

        let back = try desk.contents().rollBack(ada)
        #expect(back.version == 1)
        desk.apply(back.change)
        #expect(try states(desk) == [.current, .previous])
        #expect(try await token(desk) == "one")
    }

    @Test func `no version number is given twice`() throws {
        var desk = try Desk()
        try desk.add("one", to: ada)
        desk.apply(
            try desk.contents().stage(draft("two"), for: ada, now: noon).change
        )
        desk.apply(try desk.contents().discardStaged(of: ada).change)
        #expect(try states(desk) == [.current])
        let third = try desk.contents().stageAndPlace(draft("three"), for: ada, now: noon)
        #expect(third.version == 3)
        desk.apply(third.change)
        let fourth = try desk.contents().stage(draft("four"), for: ada, now: noon)
        desk.apply(fourth.change)
        desk.apply(
            try desk.contents().stage(draft("five"), for: ada, now: noon).change
        )
        #expect(try desk.contents().versions(of: ada).map(\.version) == [1, 3, 5])
        desk.apply(try desk.contents().place(ada).change)
        #expect(try states(desk) == [.retired, .previous, .current])
    }

    @Test func `purging leaves what is in use`() throws {
        var desk = try Desk()
        try desk.add("one", to: ada)
        for token in ["two", "three"] {
            desk.apply(
                try desk.contents().stageAndPlace(draft(token), for: ada, now: noon).change
            )
        }
        let contents = try desk.contents()
        #expect(
            failure { try contents.purge([3], of: ada) }
                == .conflict("a current or staged credential cannot be purged")
        )
        #expect(
            failure { try contents.purge([9], of: ada) }
                == .noSuchCredential("the account has no such credential version")
        )
        desk.apply(try contents.purge([1, 2], of: ada))
        #expect(try states(desk) == [.current])
        #expect(
            failure { try desk.contents().rollBack(ada) }
                == .noSuchCredential("the account has no credential before this one")
        )
    }

    @Test func `removing an account leaves nothing of it`() throws {
        var desk = try Desk()
        try desk.add("one", to: ada)
        try desk.add("two", to: ben)
        desk.apply(try desk.contents().removeAccount(ada))
        #expect(!desk.image.records.contains { $0.address.id == ada.bytes })
        #expect(try desk.contents().currentVersion(of: ben) == 1)
        #expect(
            failure { try desk.contents().currentVersion(of: ada) }
                == .noSuchCredential("the account has no credential")
        )
    }

    @Test func `a token that another account has is found, old versions too`() throws {
        var desk = try Desk()
        try desk.add("shared", to: ada)
        desk.apply(
            try desk.contents().stageAndPlace(draft("newer"), for: ada, now: noon).change
        )
        let contents = try desk.contents()
        for (token, holder) in [("shared", ada), ("newer", ada), ("other", nil)] {
            let found = try contents.holders()[desk.vault.fingerprint(of: secret(token))]
            #expect(found == holder)
        }
        let fingerprints = try contents.versions(of: ada).map(\.fingerprint)
        let fingerprint = desk.vault.fingerprint(of: try secret("shared"))
        #expect(fingerprints[0] == fingerprint)
        #expect(fingerprints[0].count == 16)
    }

    @Test func `nothing of a token lies in the records`() throws {
        var desk = try Desk()
        let token = "canary-0123456789"
        try desk.add(token, to: ada)
        for record in desk.image.records {
            #expect(!record.sealed.contains(Array(token.utf8)))
        }
    }

    @Test(arguments: [
        "", "with space", "line\nbreak", "umlaut-ä", String(repeating: "x", count: 4097),
    ])
    func `a token that cannot stand in a header is refused`(token: String) {
        #expect(
            failure { try draft(token) }
                == .unusableToken
        )
    }

    @Test func `a header that is none is refused`() throws {
        let origin = Origin(scheme: "https", host: "upstream.test", port: 443)
        for (name, format) in [
            ("Author:ization", "{token}"), ("", "{token}"), ("X-Key", "none"),
            ("X-Key", "{token}{token}"), ("X-Key", "{token}\r\nX: y"),
        ] {
            let found = failure {
                try CredentialDraft(
                    token: secret("t"),
                    origins: [origin],
                    headerName: name,
                    headerFormat: format
                )
            }
            #expect(found?.kind == .invalidInput, "\(name) \(format)")
        }
        #expect(
            failure { try CredentialDraft(token: secret("t"), origins: []) }?.kind == .invalidInput
        )
    }
}
