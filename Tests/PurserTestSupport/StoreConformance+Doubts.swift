import PurserCore
import Testing

extension StoreConformance {
    private static func read(
        _ fixture: LedgerFixture,
        _ account: Account,
        _ tierName: String?,
        at now: Timestamp
    ) async throws -> Tier {
        _ = try await fixture.store.observe(
            account.id,
            reading: CreditsReading(
                credits: Credits(unchecked: 1000),
                tier: tierName.flatMap { Tier(wireName: $0) },
                tierName: tierName
            ),
            operation: fixture.id(),
            at: now
        )
        return try await fixture.overview(of: account).account.tier
    }

    static let doubtCases: [Case] = [
        Case("a lower tier counts at the second equal reading, a higher one at once") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", tier: .ultra)
            let (one, two) = (Tier.tierOne.wireName, Tier.ultra.wireName)
            var now = start
            func read(_ name: String?, after span: Duration) async throws -> Tier {
                now = now + span
                return try await Self.read(fixture, account, name, at: now)
            }
            #expect(try await read(one, after: .zero) == .ultra)
            #expect(try await read(one, after: quietAfter - .seconds(1)) == .ultra)
            // Another reading between takes the first one back; one that names no tier says nothing.
            #expect(try await read(two, after: .seconds(1)) == .ultra)
            #expect(try await read(one, after: quietAfter) == .ultra)
            #expect(try await read(nil, after: .seconds(1)) == .ultra)
            #expect(try await read(Tier.free.wireName, after: quietAfter) == .ultra)
            #expect(try await read(one, after: quietAfter) == .ultra)
            #expect(try await read(one, after: quietAfter) == .tierOne)
            #expect(try await read(two, after: .zero) == .ultra)
            let told = try await fixture.store.audit().map(\.record)
                .filter { $0.verb == "account.tier" }.map(\.detail)
            #expect(told == ["ultra → tier-one (\(one))", "tier-one → ultra (\(two))"])
        },
        Case("an unknown tier counts as the lowest, at the second reading, as it came") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", tier: .ultra)
            let name = "PAYGATE_TIER_THREE"
            #expect(try await read(fixture, account, name, at: start) == .ultra)
            #expect(try await read(fixture, account, name, at: start + quietAfter) == .free)
            let told = try await fixture.store.audit().last?.record.detail
            #expect(told == "ultra → free (PAYGATE_TIER_THREE)")
        },
        Case("a refused model and a reading of a lower tier are two words") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", tier: .ultra)
            let member = try await fixture.addMember("m")
            let one = Tier.tierOne.wireName
            for (age, tier) in [(Duration.seconds(7200), Tier.ultra), (.seconds(1), .tierOne)] {
                let claim = try await fixture.claim(fixture.order(member))
                let settlement = Settlement(
                    ending: .voided,
                    evidence: "403",
                    doubtsTier: true,
                    operation: fixture.id()
                )
                try await fixture.store.settle(claim, as: settlement, at: start)
                #expect(try await read(fixture, account, one, at: start + age) == tier)
            }
        },
        Case("an account is taken out of use at the second refused reading") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let version = account.credentialVersion
            let dead = AccountState.needsRotation(reason: "401")
            let barred = AccountState.paused(reason: "PUBLIC_ERROR_USER_MINOR")
            var now = start
            func suspect(
                _ state: AccountState,
                _ version: UInt64,
                after span: Duration
            ) async throws -> AccountState {
                now = now + span
                let isOut = try await fixture.store.suspect(
                    account.id,
                    state,
                    version: version,
                    by: LedgerFixture.actor,
                    at: now
                )
                let found = try await fixture.overview(of: account).account.state
                #expect(isOut == (found != .enabled))
                return found
            }
            #expect(try await suspect(dead, version, after: .zero) == .enabled)
            #expect(try await suspect(dead, version, after: .seconds(1)) == .enabled)
            // A reading that succeeds between takes the word back, and so does another word.
            _ = try await read(fixture, account, nil, at: now)
            #expect(try await suspect(dead, version, after: quietAfter) == .enabled)
            #expect(try await suspect(barred, version, after: quietAfter) == .enabled)
            #expect(try await suspect(dead, version, after: quietAfter) == .enabled)
            #expect(try await suspect(dead, version + 1, after: quietAfter) == .enabled)
            #expect(try await suspect(dead, version, after: quietAfter) == dead)
        },
        Case("the reasons of two refused readings may differ, the second one stays") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            for (age, reason) in [(Duration.zero, "request 17 denied"), (quietAfter, "request 18")]
            {
                _ = try await fixture.store.suspect(
                    account.id,
                    .paused(reason: reason),
                    version: account.credentialVersion,
                    by: LedgerFixture.actor,
                    at: start + age
                )
            }
            let state = try await fixture.overview(of: account).account.state
            #expect(state == .paused(reason: "request 18"))
        },
    ]
}
