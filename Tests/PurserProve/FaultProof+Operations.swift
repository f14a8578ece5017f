import PurserCore
import PurserStore

extension FaultProof {
    /// One change of a home; `prepare` comes before anything fails.
    struct Operation {
        let name: String
        let prepare: @Sendable (Household) async throws -> Claim?
        let perform: @Sendable (inout Household, Claim?) async throws -> Void

        init(
            _ name: String,
            prepare: @escaping @Sendable (Household) async throws -> Claim? = { _ in nil },
            perform: @escaping @Sendable (inout Household, Claim?) async throws -> Void
        ) {
            self.name = name
            self.prepare = prepare
            self.perform = perform
        }
    }

    /// What is done every day; the gate leaves it at that.
    ///
    /// `order` is under way in the template.
    static func everyday(_ order: ClaimOrder) -> [Operation] {
        [
            Operation("add an account") { household, _ in
                try await household.addAccount("three", credits: 500)
            },
            Operation("rotate a token") { household, _ in
                try await household.rotate(household.accounts[0])
            },
            Operation("remove a person") { household, _ in
                try await household.removeSlot("guest")
            },
            Operation("hold") { household, _ in
                _ = try await household.claim(household.order(household.members[0]))
            },
            Operation(
                "settle",
                prepare: { try await $0.claim(order) },
                perform: { household, claim in if let claim { try await household.settle(claim) } }
            ),
            Operation("write a checkpoint") { household, _ in
                try await household.writeCheckpoint(at: Household.start + .seconds(3600))
            },
        ]
    }

    /// The rest.
    static func seldom(_ order: ClaimOrder) -> [Operation] {
        [
            Operation("add a person") { household, _ in try await household.addSlot("new") },
            Operation("add a member") { household, _ in
                try await household.addMember("ben", budget: 10)
            },
            Operation(
                "void",
                prepare: { try await $0.claim(order) },
                perform: { household, claim in if let claim { try await household.void(claim) } }
            ),
            Operation("sweep") { household, _ in
                _ = try await household.store.sweep(at: Household.start)
            },
            Operation("audit") { household, _ in try await household.note() },
            Operation("raise a budget") { household, _ in
                try await household.store.adjustBudget(
                    of: household.members[0].id,
                    by: Credits(unchecked: 5),
                    operation: OperationID(high: 1, low: 1),
                    by: Household.actor,
                    at: Household.start
                )
            },
            Operation("observe") { household, _ in
                _ = try await household.store.observe(
                    household.accounts[0].id,
                    reading: CreditsReading(credits: Credits(unchecked: 1000)),
                    operation: OperationID(high: 1, low: 2),
                    at: Household.start
                )
            },
            Operation("pause") { household, _ in
                try await household.store.updateAccount(
                    household.accounts[0].id,
                    AccountChange(state: .paused(reason: "test")),
                    audit: AuditRecord(
                        actor: Household.actor,
                        verb: "account.pause",
                        subject: "one"
                    ),
                    at: Household.start
                )
            },
        ]
    }
}
