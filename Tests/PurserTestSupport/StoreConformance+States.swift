import PurserCore
import Testing

extension StoreConformance {
    static let stateCases: [Case] = [
        Case("a rest for every account keeps all of them out") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let other = try await fixture.addAccount("b", credits: 50)
            let pro = try await fixture.addAccount("c", tier: .tierOne, credits: 50)
            let member = try await fixture.addMember("m")
            let claim = try await fixture.claim(fixture.order(member))
            let rest = Rest(
                accountID: account.id,
                modelID: LedgerFixture.video.id,
                until: start + .seconds(60),
                reason: .networkRefused,
                strikes: 2
            )
            try await fixture.end(claim, .voided, rests: [rest], restsEveryAccount: true)
            // One of each tier comes back first.
            for (each, delay) in [(account, Duration.zero), (other, RestRule.wave), (pro, .zero)] {
                let expected = Rest(
                    accountID: each.id,
                    modelID: nil,
                    until: rest.until + delay,
                    reason: rest.reason,
                    strikes: 2
                )
                #expect(try await fixture.overview(of: each).candidate.rests == [expected])
            }
            #expect(await failure { _ = try await fixture.claim(fixture.order(member)) } != nil)
        },
        Case("a dead token stops the account that still uses it, and no other") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let version = account.credentialVersion
            func mark(_ version: UInt64) async throws -> AccountState {
                try await fixture.store.markTokenDead(
                    account.id,
                    version: version,
                    reason: "401",
                    by: LedgerFixture.actor,
                    at: start
                )
                return try await fixture.overview(of: account).account.state
            }
            #expect(try await mark(version + 1) == .enabled)
            #expect(try await mark(version) == .needsRotation(reason: "401"))
            _ = try await mark(version)
            let told = try await fixture.store.audit().map(\.record.verb)
            #expect(told.count { $0 == "account.token_dead" } == 1)
        },
        Case("an answer to an old token, or to a paused account, changes nothing") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let dead = AccountState.needsRotation(reason: "401")
            let paused = AccountState.paused(reason: "unusual")
            let claims = [
                try await fixture.claim(fixture.order(member)),
                try await fixture.claim(fixture.order(member)),
                try await fixture.claim(fixture.order(member)),
            ]
            try await fixture.rotate(account, to: 2)
            try await fixture.end(claims[0], .voided, state: dead)
            #expect(try await fixture.overview(of: account).account.state == .enabled)
            try await fixture.end(claims[1], .voided, state: paused)
            #expect(try await fixture.overview(of: account).account.state == paused)
            try await fixture.end(claims[2], .voided, state: dead)
            #expect(try await fixture.overview(of: account).account.state == paused)
            try await fixture.rotate(account, to: 3)
            #expect(try await fixture.overview(of: account).account.state == paused)
            let record = try await fixture.store.audit().map(\.record).first {
                $0.actor == Actor("service")
            }
            #expect(record?.verb == "account.pause")
            #expect(record?.detail == "unusual")
        },
        Case("an answer to a token that came after the claim concerns that one") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let dead = AccountState.needsRotation(reason: "401")
            let claim = try await fixture.claim(fixture.order(member))
            try await fixture.rotate(account, to: 2)
            try await fixture.end(claim, .voided, state: dead, credentialVersion: 2)
            #expect(try await fixture.overview(of: account).account.state == dead)
        },
        Case("a pause overrides a token that is dead") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let first = try await fixture.claim(fixture.order(member))
            let second = try await fixture.claim(fixture.order(member))
            try await fixture.end(first, .voided, state: .needsRotation(reason: "401"))
            try await fixture.end(second, .voided, state: .paused(reason: "unusual"))
            let state = try await fixture.overview(of: account).account.state
            #expect(state == .paused(reason: "unusual"))
        },
        Case("a refund due keeps an account from being removed") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m")
            let jobs = try await fixture.settle(try await fixture.claim(fixture.order(member)))
            try await fixture.record(jobs[0], .failed)
            let busy = await failure {
                try await fixture.store.removeAccount(
                    account.id,
                    vault: fixture.vaultChange(),
                    by: LedgerFixture.actor,
                    at: start
                )
            }
            #expect(busy == "a still has refunds due")
        },
        Case("a member without a limit gets one, and has nothing to take from") { fixture in
            try await fixture.createVault()
            let member = try await fixture.addMember("m")
            func adjust(_ amount: Int64) async throws {
                try await fixture.store.adjustBudget(
                    of: member.id,
                    by: Credits(unchecked: amount),
                    operation: fixture.id(),
                    by: LedgerFixture.actor,
                    at: start
                )
            }
            #expect(await failure { try await adjust(-5) } == "m has no budget to take from")
            #expect(try await fixture.store.members().first?.budget == nil)
            try await adjust(5)
            #expect(
                try await fixture.store.members().first?.budget?.available == Credits(unchecked: 5)
            )
        },
        Case("unknown work without a hold ends with a reading when nothing is under way") {
            fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: nil)
            let member = try await fixture.addMember("m", budget: 10)
            func free(_ key: String? = nil) async throws -> Claim {
                try await fixture.claim(fixture.order(member, videos: 0, key: key))
            }
            let claims = [try await free("k"), try await free(), try await free()]
            for claim in claims.prefix(2) { try await fixture.markUnknown(claim) }
            _ = try await fixture.observe(account, 70, at: start)
            #expect(try await fixture.store.unknownHolds(of: nil).isEmpty)
            // The key is free again.
            let again = try await free("k")
            try await fixture.void(again)
            // Marked unknown after the first reading, and decided by a later one.
            try await fixture.markUnknown(claims[2])
            #expect(try await fixture.store.unknownHolds(of: account.id).map(\.sequence) == [0])
            _ = try await fixture.observe(account, 70, at: start)
            #expect(try await fixture.store.unknownHolds(of: nil).isEmpty)
            #expect(try await fixture.findings() == [])
        },
        Case("a key whose work turned out free is free again") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a", credits: 100)
            let member = try await fixture.addMember("m")
            let late = try await fixture.claim(fixture.order(member, key: "late"))
            let read = try await fixture.claim(fixture.order(member, key: "read"))
            try await fixture.markUnknown(late)
            try await fixture.markUnknown(read)
            try await fixture.void(late)
            let fresh = try await fixture.claim(fixture.order(member, key: "late"))
            try await fixture.void(fresh)
            let later = start + .seconds(10)
            _ = try await fixture.observe(account, 100, at: later)
            _ = try await fixture.observe(account, 100, at: later + quietAfter)
            _ = try await fixture.claim(fixture.order(member, key: "read"), at: later)
        },
        Case("what needs more slots than are free waits") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a", settings: AccountSettings(maxInFlight: 3))
            let member = try await fixture.addMember("m")
            let large = try await fixture.claim(fixture.order(member, videos: 4))
            try await fixture.void(large)
            _ = try await fixture.claim(fixture.order(member, videos: 2))
            #expect(
                await failure { _ = try await fixture.claim(fixture.order(member, videos: 2)) }
                    != nil
            )
            _ = try await fixture.claim(fixture.order(member))
        },
    ]
}
