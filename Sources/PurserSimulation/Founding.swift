import PurserCore
import PurserStore
import PurserVault

/// Makes a home with a vault, members and accounts.
struct Founding {
    let plan: Plan
    let home: String
    let upstream: Upstream

    func world(_ scheduler: Scheduler, _ chance: inout Chance) async throws -> World {
        let now = scheduler.now
        let created = try Vault.create(
            slots: [.key(try SlotSeed(), kind: .keyFile, name: "simulated", role: .admin)],
            now: now
        )
        let members = (0..<3).map { number in
            Member(
                id: MemberID(using: &chance),
                name: number == 0 ? Member.ownerName : "member-\(number)",
                createdAt: now,
                hasBudget: number == 1
            )
        }
        let world = World(
            plan: plan,
            home: home,
            scheduler: scheduler,
            upstream: upstream,
            vault: created.vault,
            members: members.map(\.id)
        )
        let store = try await SQLiteStore.open(home: home, options: world.options())
        let actor = Actor("simulated")
        try await store.createVault(created.change, owner: members[0], by: actor, at: now)
        for member in members.dropFirst() {
            let budget = Credits(unchecked: Int64(chance.int(in: 100..<2000)))
            try await store.addMember(
                member,
                budget: member.hasBudget ? budget : nil,
                operation: OperationID(using: &chance),
                by: actor,
                at: now
            )
        }
        for number in 0..<plan.accounts {
            try await add(number, world, store, &chance)
        }
        try await store.close()
        return world
    }

    private func add(
        _ number: Int,
        _ world: World,
        _ store: SQLiteStore,
        _ chance: inout Chance
    ) async throws {
        let now = world.scheduler.now
        let tier = chance.one(of: [Tier.tierOne, .ultra])
        let credits = Int64(chance.int(in: 0..<1500))
        let grant =
            plan.hasRenewals
            ? Upstream.Grant(
                monthly: chance.one(of: [500, 1000, 2500]),
                day: chance.int(in: 1..<32)
            ) : nil
        // Some operators tell what they know of the grant, others do not.
        let tells = chance.happens(700)
        let account = Account(
            id: AccountID(using: &chance),
            createdAt: now,
            name: "account-\(number)",
            tier: tier,
            settings: AccountSettings(
                maxInFlight: chance.one(of: [1, 2, 4, 20]),
                reserve: Credits(unchecked: chance.one(of: [0, 0, 50])),
                monthlyCredits: tells ? grant.map { Credits(unchecked: $0.monthly) } : nil,
                renewsOnDay: tells && chance.happens(700) ? grant?.day : nil
            )
        )
        upstream.add(account.id, tier: tier, credits: credits, grant: grant, at: now)
        let opening = Opening(
            credits: Credits(unchecked: credits),
            evidence: "read from the service",
            operation: OperationID(using: &chance)
        )
        let token = try world.newToken()
        // One account in five begins with a balance that nobody has read.
        let isRead = chance.happens(800)
        guard let image = try await store.vaultImage() else {
            throw SimulationError("the home has no vault")
        }
        let contents = try world.vault.contents(of: image)
        let added = try contents.addCredential(token, of: account.id, now: now)
        try await store.addAccount(
            account,
            opening: isRead ? opening : nil,
            vault: added.change,
            by: Actor("simulated"),
            at: now
        )
    }
}
