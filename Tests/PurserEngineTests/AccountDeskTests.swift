import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Testing

struct AccountDeskTests {
    @Test func `a tier that differs from what was said is refused and names both`() async throws {
        try await withEngine { home in
            let error = await #expect(throws: EngineError.self) {
                try await home.addAsking("pro-1", said: .ultra, reads: .tierOne, credits: 700)
            }
            #expect(error?.message.contains("ultra") == true)
            #expect(error?.message.contains("PAYGATE_TIER_ONE") == true)
            let accounts = try await home.engine.store.accounts()
            #expect(accounts.isEmpty)
        }
    }

    @Test func `tier and opening balance come from the service`() async throws {
        try await withEngine { home in
            try await home.addAsking("ultra-1", said: nil, reads: .ultra, credits: 690)
            let account = try await home.account("ultra-1")
            #expect(account.tier == .ultra)
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
        }
    }

    @Test func `a zero balance is zero, and a balance that was not read is unknown`() async throws {
        try await withEngine { home in
            try await home.addAsking("empty", said: nil, reads: .ultra, credits: 0)
            try await home.add("untold", .ultra, credits: nil)
            #expect(try await home.balance("empty") == .init(posted: 0, held: 0))
            #expect(try await home.balance("untold") == nil)
        }
    }

    @Test
    func `a token that is in place is told so, though what was read with it could not be noted`()
        async throws
    {
        try await withEngine { home in
            try await home.addAsking("ultra-1", said: nil, reads: .ultra, credits: 690)
            try await home.add("untold", .ultra, credits: nil)
            let old = home.engine
            // Every operation has the same name, and the books refuse the second.
            let engine = Engine(
                store: old.store,
                provider: old.provider,
                keyring: old.keyring,
                catalogue: old.catalogue,
                settings: old.settings,
                actor: old.actor,
                ambient: Ambient(
                    now: old.ambient.now,
                    sleep: old.ambient.sleep,
                    randomWords: { (7, 7) }
                ),
                logger: old.logger
            )
            let desk = AccountDesk(engine)
            let untold = try await home.account("untold")
            let first = await desk.refresh([untold]).first
            _ = try first?.result.get()
            let rotated = try await desk.rotate(
                try await home.account("ultra-1"),
                to: try home.draft("fresh-token"),
                probing: true,
                expiresAt: nil
            )
            #expect(rotated.account.credentialVersion == 2)
            #expect(try await home.token("ultra-1") == "fresh-token")
            await #expect(throws: StoreError.self) {
                let again = await desk.refresh([rotated.account]).first
                _ = try again?.result.get()
            }
        }
    }

    @Test func `a token that another account has is refused`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690, token: "same-token")
            await #expect(throws: EngineError.self) {
                try await home.add("ultra-2", .ultra, credits: 690, token: "same-token")
            }
            #expect(try await home.engine.store.accounts().count == 1)
        }
    }

    @Test func `a token that another account got meanwhile is refused by that account's name`()
        async throws
    {
        try await withEngine { home in
            home.provider.whileReading {
                _ = try? await home.add("ultra-1", .ultra, credits: 690, token: "token-of-ultra-2")
            }
            let error = await #expect(throws: EngineError.self) {
                try await home.addAsking("ultra-2", said: nil, reads: .ultra, credits: 690)
            }
            #expect(error?.message == "the account ultra-1 already has this token")
        }
    }

    @Test func `a probe that fails leaves the token in place`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.credits(
                of: id,
                .failure(.refused(.scripted(.tokenDead, status: 401)))
            )
            await #expect(throws: ProviderFailure.self) {
                try await home.rotate("ultra-1", to: "dead-token")
            }
            let versions = try await AccountDesk(home.engine)
                .versions(of: try await home.account("ultra-1"))
            #expect(versions.map(\.version) == [1])
        }
    }

    @Test func `a rotation can be rolled back, and forward again`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690, token: "token-one")
            home.provider.credits(
                of: id,
                .success(CreditsReading(credits: .init(unchecked: 690), tier: .ultra))
            )
            try await home.rotate("ultra-1", to: "token-two")
            #expect(try await home.token("ultra-1") == "token-two")

            _ = try await AccountDesk(home.engine).rollBack(try await home.account("ultra-1"))
            #expect(try await home.token("ultra-1") == "token-one")
            #expect(try await home.account("ultra-1").credentialVersion == 1)
        }
    }

    @Test func `a token with a line break is refused before anything is asked`() async throws {
        try await withEngine { home in
            await #expect(throws: VaultError.self) {
                try await home.add("ultra-1", .ultra, credits: 1, token: "abc\r\nX-Evil: 1")
            }
        }
    }

    @Test(arguments: ["", "a b", "-x", "a/b", String(repeating: "a", count: 65), "é"])
    func `a name that is no name is refused`(_ name: String) async throws {
        try await withEngine { home in
            await #expect(throws: EngineError.self) {
                try await home.add(name, .ultra, credits: 1, token: "a-token")
            }
        }
    }

    @Test func `a refresh books what was spent elsewhere, after two equal readings`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.clock.advance(by: .seconds(60))
            home.provider.credits(of: id, .success(CreditsReading(credits: .init(unchecked: 600))))
            let desk = AccountDesk(home.engine)
            let account = try await home.account("ultra-1")
            _ = await desk.refresh([account])
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
            home.clock.advance(by: .seconds(31))
            _ = await desk.refresh([account])
            #expect(try await home.balance("ultra-1") == .init(posted: 600, held: 0))
            let causes = try await home.entries("ultra-1").compactMap(\.cause)
            #expect(causes == [.externalSpend])
        }
    }

    @Test func `a refresh that fails writes nothing`() async throws {
        try await withEngine { home in
            let id = try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.credits(of: id, .failure(.unreadable("html")))
            let before = try await home.entries("ultra-1").count
            _ = await AccountDesk(home.engine).refresh([try await home.account("ultra-1")])
            #expect(try await home.entries("ultra-1").count == before)
            #expect(try await home.balance("ultra-1") == .init(posted: 690, held: 0))
        }
    }

    @Test func `revealing a token is in the audit trail`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690, token: "token-one")
            _ = try await home.token("ultra-1")
            #expect(try await home.engine.store.audit().last?.record.verb == "token.reveal")
        }
    }

    @Test func `an account with work under way is not removed`() async throws {
        try await withEngine { home in
            try await home.add("ultra-1", .ultra, credits: 690)
            home.provider.answer(.accepted("op-1", remaining: 680))
            _ = try await home.send(.capture)
            await #expect(throws: StoreError.self) {
                try await AccountDesk(home.engine).remove(try await home.account("ultra-1"))
            }
        }
    }
}
