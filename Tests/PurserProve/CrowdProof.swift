import Glibc
import PurserCore
import PurserStore

/// T9: two, four and eight processes hold on one account with little credit, on several with members' budgets, and on
/// one under a limit of the team's.
///
/// Exactly as much is held as there is, to the credit, and every rule of the books holds afterwards.
struct CrowdProof {
    let findings: Findings

    func run() async throws {
        let holds = try Tier.size(
            "PURSER_T9_HOLDS",
            gate: 20_000,
            night: 1_000_000,
            release: 5_000_000
        )
        var chance = Chance(seed: Tier.seed)
        Findings.figure("seed", Tier.seed)
        var total = 0
        // Four members share what is there evenly.
        let share = (holds + 23) / 24 * 4
        for processes in [2, 4, 8] {
            total += try await one(processes, holds: share, seed: chance.next())
            total += try await several(processes, holds: share, seed: chance.next())
            // Open holds are walked at each claim under a limit, and nothing here settles them.
            let few = min(share, 500)
            total += try await limited(processes, holds: few, seed: chance.next())
        }
        Findings.figure("holds", total)
        Findings.figure("findings", findings.total)
        if total < holds { findings.add("\(total) of \(holds) holds were taken") }
    }

    /// One account for all; tries are a quarter more than it has credit for.
    private func one(_ processes: Int, holds: Int, seed: UInt64) async throws -> Int {
        try await round(
            "\(processes) on one account",
            processes,
            accounts: [Int64(holds) * 10],
            budgets: [nil],
            tries: holds * 5 / 4,
            wanted: holds,
            seed: seed
        )
    }

    /// Eight accounts with more than enough, and four members with budgets that end before.
    private func several(_ processes: Int, holds: Int, seed: UInt64) async throws -> Int {
        let members = min(processes, 4)
        let each = holds / members
        return try await round(
            "\(processes) on eight accounts with budgets",
            processes,
            accounts: Array(repeating: Int64(holds) * 2, count: 8),
            budgets: Array(repeating: Int64(each) * 10, count: members),
            tries: each * members * 5 / 4,
            wanted: each * members,
            seed: seed
        )
    }

    /// An account with more than enough, and a limit on what the team may spend a day.
    private func limited(_ processes: Int, holds: Int, seed: UInt64) async throws -> Int {
        try await round(
            "\(processes) under a limit of the team's",
            processes,
            accounts: [Int64(holds) * 20],
            budgets: Array(repeating: nil, count: processes),
            teamLimit: Int64(holds) * 10,
            tries: holds * 5 / 4,
            wanted: holds,
            seed: seed
        )
    }

    private func round(
        _ name: String,
        _ processes: Int,
        accounts: [Int64],
        budgets: [Int64?],
        teamLimit: Int64? = nil,
        tries: Int,
        wanted: Int,
        seed: UInt64
    ) async throws -> Int {
        let scratch = try Scratch(in: Scratch.disk)
        var store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        var (household, key) = try await Household.create(in: store, seed: seed)
        for (index, credits) in accounts.enumerated() {
            try await household.addAccount("account-\(index)", credits: credits)
        }
        for (index, budget) in budgets.enumerated() {
            try await household.addMember("member-\(index)", budget: budget)
        }
        if let teamLimit { try await household.limitTeam(to: teamLimit) }
        try await store.close()
        try Scratch.write(key, to: "\(scratch.path)/key")
        let children = try (0..<processes).map { number in
            try Child([
                "crowd-member", scratch.path, "member-\(number % budgets.count)",
                "\(tries / processes)", "\(seed &+ UInt64(number))",
            ])
        }
        let latencies = latencies(of: children, name)
        let held = latencies.count
        store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        household = try await Household(opening: store, key: key, seed: 1)
        for fault in try await household.faults() { findings.add("\(name): \(fault)") }
        let balances = try await store.accounts().compactMap(\.balance)
        let budgeted = try await store.members().compactMap(\.budget)
        try await store.close()
        let booked = balances.reduce(0) { $0 + Int($1.held.amount) } / 10
        if booked != held { findings.add("\(name): \(held) were answered, \(booked) are booked") }
        if held != wanted { findings.add("\(name): \(held) holds, there was credit for \(wanted)") }
        for balance in balances + budgeted where balance.available < .zero {
            findings.add("\(name): overspent by \(balance.available)")
        }
        if held > 0 {
            Findings.figure("p99 of \(name)", "\(latencies[held * 99 / 100] / 1000) ms")
        }
        return held
    }

    /// How long each hold took (in µs), the shortest first.
    private func latencies(of children: [Child], _ name: String) -> [Int] {
        var latencies: [Int] = []
        for child in children {
            for line in child.rest() {
                let words = line.split(separator: " ")
                if words.first == "held" { latencies += words.dropFirst().compactMap { Int($0) } }
            }
            if child.wait() != 0 { findings.add("\(name): a process did not end well") }
        }
        return latencies.sorted()
    }
}

/// One of the processes: tries so many holds, eight at a time, and says how long each took (in µs).
struct CrowdMember {
    private let home: String
    private let member: String
    private let tries: Int
    private let seed: UInt64

    init(_ words: [String]) throws {
        guard words.count == 4, let tries = Int(words[2]), let seed = UInt64(words[3]) else {
            throw ProofError("crowd-member HOME MEMBER TRIES SEED")
        }
        (home, member, self.tries, self.seed) = (words[0], words[1], tries, seed)
    }

    func run() async throws {
        // A process that waits for another that waits for it would never end by itself.
        alarm(UInt32(120 + tries / 100))
        let store = try await SQLiteStore.open(
            home: home,
            options: Household.options { $0.lockTimeout = .seconds(60) }
        )
        let household = try await Household(
            opening: store,
            key: Scratch.read("\(home)/key"),
            seed: seed
        )
        let latencies = try await withThrowingTaskGroup(of: [Int].self) { group in
            for caller in 0..<8 {
                group.addTask { try await spend(household, caller) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for start in stride(from: 0, to: latencies.count, by: 500) {
            let part = latencies[start..<min(start + 500, latencies.count)]
            Findings.tell("held " + part.map { "\($0)" }.joined(separator: " "))
        }
        try await store.close()
    }

    private func spend(_ household: Household, _ caller: Int) async throws -> [Int] {
        var household = household
        household.chance = Chance(seed: seed &* 31 &+ UInt64(caller))
        guard let member = household.members.first(where: { $0.name == member }) else {
            throw ProofError("no member \(member)")
        }
        var latencies: [Int] = []
        for _ in stride(from: caller, to: tries, by: 8) {
            let order = household.order(member)
            let begun = ContinuousClock.now
            do {
                _ = try await household.claim(order)
            } catch StoreError.overBudget, StoreError.overSpending {
                continue
            } catch is RoutingRefusal {
                continue
            }
            let took = (ContinuousClock.now - begun).components
            latencies.append(Int(took.seconds * 1_000_000 + took.attoseconds / 1_000_000_000_000))
        }
        return latencies
    }
}
