import PurserCore
import Testing

/// What every store must do.
///
/// An implementation's tests make an empty store and run each case on it.
package struct StoreConformance: Sendable {
    /// One behaviour, with a store of its own.
    package struct Case: Sendable, CustomTestStringConvertible {
        package let name: String
        package let run: @Sendable (LedgerFixture) async throws -> Void

        package init(
            _ name: String,
            run: @escaping @Sendable (LedgerFixture) async throws -> Void
        ) {
            self.name = name
            self.run = run
        }

        package var testDescription: String { name }
    }

    /// For stores whose options say `quietAfter` is this long.
    package static let quietAfter = Duration.seconds(120)

    package static let cases =
        accountCases + claimCases + endingCases + readingCases + repeatCases + stateCases
        + restCases + doubtCases + memberCases + spendingCases + jobCases + toldCases + alertCases
    static let start = LedgerFixture.start

    private static let accountCases: [Case] = [
        Case("a vault is what was put into it, and moves only from where it is") { fixture in
            #expect(try await fixture.store.vaultImage() == nil)
            try await fixture.createVault()
            let address = RecordAddress(
                table: "account",
                id: .init(repeating: 1, count: 16),
                field: "token",
                version: 1
            )
            let record = SealedRecord(address: address, epoch: 1, sealed: [4, 5])
            let change = fixture.vaultChange(put: [record])
            let audit = AuditRecord(actor: LedgerFixture.actor, verb: "test", subject: "vault")
            try await fixture.store.applyVaultChange(change, audit: audit, at: start)
            let image = try await fixture.store.vaultImage()
            #expect(image?.records == [record])
            #expect(image?.state == change.state)
            #expect(image?.log.count == 1)
            let stale = await failure {
                try await fixture.store.applyVaultChange(change, audit: audit, at: start)
            }
            #expect(stale == "the vault was changed by someone else at the same time")
            #expect(try await fixture.store.audit().map(\.record.verb) == ["vault.create", "test"])
        },
        Case("a name is taken once, and free again after removal") { fixture in
            try await fixture.createVault()
            let first = try await fixture.addAccount("a")
            #expect(await failure { _ = try await fixture.addAccount("a") } != nil)
            #expect(try await fixture.store.account(first.id) == first)
            let removal = VaultChange(
                baseSequence: 2,
                state: VaultState(sequence: 9, epoch: 1, recordCount: 0, mac: [])
            )
            try await fixture.store.removeAccount(
                first.id,
                vault: removal,
                by: LedgerFixture.actor,
                at: start
            )
            #expect(try await fixture.store.accounts().isEmpty)
            #expect(try await fixture.store.account(first.id) == nil)
            #expect(try await fixture.store.entries(EntryFilter()).count == 1)
        },
        Case("a change of an account touches what it names") { fixture in
            try await fixture.createVault()
            let account = try await fixture.addAccount("a")
            let audit = AuditRecord(actor: LedgerFixture.actor, verb: "account.set", subject: "a")
            try await fixture.store.updateAccount(
                account.id,
                AccountChange(state: .needsRotation(reason: "401")),
                audit: audit,
                at: start
            )
            #expect(
                try await fixture.overview(of: account).account.state
                    == .needsRotation(reason: "401")
            )
            try await fixture.store.placeCredential(
                account.id,
                version: 2,
                expiresAt: nil,
                hasCommand: false,
                vault: fixture.vaultChange(),
                audit: audit,
                at: start
            )
            let placed = try await fixture.overview(of: account).account
            #expect(placed.state == .enabled)
            #expect(placed.credentialVersion == 2)
            #expect(placed.settings == account.settings)
        },
        Case("budgets are granted, limited and never taken below what is held") { fixture in
            try await fixture.createVault()
            _ = try await fixture.addAccount("a")
            let member = try await fixture.addMember("m", budget: 15)
            _ = try await fixture.claim(fixture.order(member))
            let over = await failure { _ = try await fixture.claim(fixture.order(member)) }
            #expect(over == "m may still spend 5 credits, 10 are needed")
            let taken = await failure {
                try await fixture.store.adjustBudget(
                    of: member.id,
                    by: Credits(unchecked: -6),
                    operation: fixture.id(),
                    by: LedgerFixture.actor,
                    at: start
                )
            }
            #expect(taken != nil)
            let operation = fixture.id(LedgerEntry.self)
            for _ in 0..<2 {
                try await fixture.store.adjustBudget(
                    of: member.id,
                    by: Credits(unchecked: 5),
                    operation: operation,
                    by: LedgerFixture.actor,
                    at: start
                )
            }
            _ = try await fixture.claim(fixture.order(member))
            #expect(try await fixture.store.members().first?.budget?.available == .zero)
        },
    ]

    /// The message of the failure that `body` throws; `nil` when it does not.
    static func failure(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
