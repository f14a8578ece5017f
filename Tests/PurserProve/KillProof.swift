import Glibc
import PurserCore
import PurserStore
import PurserVault

/// T7: three processes write ledger, vault and checkpoints of one home, and are killed at any moment.
///
/// What they were answered is there, and nothing is there that they had not begun.
struct KillProof {
    let findings: Findings
    private static let homeLife = 20

    private struct Tally {
        var acknowledged = 0
        var inFlight = 0
        var survived = 0
    }

    func run() async throws {
        let loops = try Tier.size("PURSER_T7_LOOPS", gate: 200, night: 5000, release: 20_000)
        var chance = Chance(seed: Tier.seed)
        var tally = Tally()
        var loop = 0
        Findings.figure("seed", Tier.seed)
        while loop < loops {
            let scratch = try Scratch(in: Scratch.disk)
            let key = try await makeHome(in: scratch, seed: chance.next())
            var begun: Set<String> = []
            var answered: Set<String> = []
            var survived = 0
            for _ in 0..<min(Self.homeLife, loops - loop) {
                let lines = try killed(in: scratch, using: &chance)
                begun.formUnion(lines.filter { $0.hasPrefix("i ") }.map { String($0.dropFirst(2)) })
                answered.formUnion(
                    lines.filter { $0.hasPrefix("a ") }.map { String($0.dropFirst(2)) }
                )
                survived = try await check("loop \(loop)", in: scratch, key, begun, answered)
                loop += 1
            }
            tally.acknowledged += answered.count
            tally.inFlight += begun.count - answered.count
            tally.survived += survived
        }
        Findings.figure("loops", loops)
        Findings.figure("kills", loops * 3)
        Findings.figure("acknowledged", tally.acknowledged)
        Findings.figure("in flight", "\(tally.inFlight), \(tally.survived) of them written")
        Findings.figure("lost or invented", findings.total)
        if tally.acknowledged < loops { findings.add("the processes hardly wrote") }
        if tally.inFlight == 0 { findings.add("no kill came in the middle of anything") }
    }

    private func makeHome(in scratch: Scratch, seed: UInt64) async throws -> [UInt8] {
        let store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        var (household, key) = try await Household.create(in: store, seed: seed)
        for name in ["one", "two", "three"] {
            try await household.addAccount(name, credits: 10_000_000)
        }
        try await store.close()
        try Scratch.write(key, to: "\(scratch.path)/key")
        return key
    }

    /// Starts three, lets them write for a while, kills them, and answers what they said.
    private func killed(in scratch: Scratch, using chance: inout Chance) throws -> [String] {
        let victims = try (0..<3).map { number in
            try Child(["kill-victim", scratch.path, "\(number)", "\(chance.next())"])
        }
        var lines: [String] = []
        for victim in victims {
            guard let first = victim.line(), first == "ready" else {
                throw ProofError("a victim did not begin: \(victim.rest())")
            }
        }
        usleep(UInt32.random(in: 1000...60_000, using: &chance))
        for victim in victims.shuffled(using: &chance) {
            victim.kill()
            if Bool.random(using: &chance) { usleep(UInt32.random(in: 0...5000, using: &chance)) }
        }
        for victim in victims {
            lines += victim.rest()
            if victim.wait() != -SIGKILL {
                findings.add("a victim ended by itself: \(lines.suffix(3))")
            }
        }
        return lines
    }

    /// How much of what was not answered is there all the same.
    private func check(
        _ place: String,
        in scratch: Scratch,
        _ key: [UInt8],
        _ begun: Set<String>,
        _ answered: Set<String>
    ) async throws -> Int {
        let store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        let household = try await Household(opening: store, key: key, seed: 1)
        for fault in try await household.faults() { findings.add("\(place): \(fault)") }
        var present = Set(
            try await store.entries(EntryFilter())
                .filter { [.hold, .settle, .void].contains($0.kind) }
                .map { "\($0.operationID)" }
        )
        for account in household.accounts {
            // Version 1 came with the account.
            for version in try await household.versions(of: account) where version > 1 {
                present.insert("\(account.name)-\(version)")
            }
        }
        present.formUnion(
            try await store.audit().map(\.record.subject).filter { $0.hasPrefix("note-") }
        )
        try await store.close()
        let lost = answered.subtracting(present)
        let invented = present.subtracting(begun)
        if !lost.isEmpty { findings.add("\(place): lost \(lost.sorted().prefix(3))") }
        if !invented.isEmpty { findings.add("\(place): invented \(invented.sorted().prefix(3))") }
        return present.subtracting(answered).count
    }
}

/// One of the three: says what it begins (`i`) and what it was answered (`a`), until it is killed.
struct KillVictim {
    private let home: String
    private let number: Int
    private let seed: UInt64

    init(_ words: [String]) throws {
        guard words.count == 3, let number = Int(words[1]), let seed = UInt64(words[2]) else {
            throw ProofError("kill-victim HOME NUMBER SEED")
        }
        (home, self.number, self.seed) = (words[0], number, seed)
    }

    func run() async throws {
        // Nobody waits for it longer than this, should its parent be gone.
        alarm(60)
        let store = try await SQLiteStore.open(
            home: home,
            options: Household.options { $0.checkpointAbove = 100_000 }
        )
        let household = try await Household(
            opening: store,
            key: Scratch.read("\(home)/key"),
            seed: seed
        )
        Findings.tell("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<3 {
                group.addTask { try await spend(household, caller) }
            }
            group.addTask { try await rotate(household) }
            group.addTask { try await note(household) }
            try await group.waitForAll()
        }
    }

    private func spend(_ household: Household, _ caller: Int) async throws {
        var household = household
        household.chance = Chance(seed: seed &+ UInt64(caller))
        while true {
            let order = household.order(household.members[0])
            Findings.tell("i \(order.operation)")
            let claim = try await household.claim(order)
            Findings.tell("a \(order.operation)")
            let ending = OperationID(using: &household.chance)
            Findings.tell("i \(ending)")
            try await household.end(claim, isSettled: ending.low % 3 > 0, operation: ending)
            Findings.tell("a \(ending)")
        }
    }

    /// Puts token after token in place, and now and then makes a new vault key.
    private func rotate(_ household: Household) async throws {
        var household = household
        let account = household.accounts[number]
        var turn = seed % 8
        while true {
            turn += 1
            let next =
                (try await household.retrying { try await $0.versions(of: account) }).max() ?? 0
            Findings.tell("i \(account.name)-\(next + 1)")
            _ = try await household.retrying { try await $0.rotate(account) }
            Findings.tell("a \(account.name)-\(next + 1)")
            if turn % 8 == 0 { try await household.retrying { try await $0.removeSlot("nobody") } }
        }
    }

    private func note(_ household: Household) async throws {
        var household = household
        var turn: Int64 = 0
        while true {
            turn += 1
            let subject = "note-\(number)-\(seed)-\(turn)"
            Findings.tell("i \(subject)")
            try await household.note(subject)
            Findings.tell("a \(subject)")
            let later = Household.start + .seconds(Int64(number + 1) * turn)
            try await household.retrying { try await $0.writeCheckpoint(at: later) }
        }
    }
}

extension Household {
    /// Repeats what another process came in the way of.
    mutating func retrying<Value>(
        _ body: (inout Household) async throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await body(&self)
            } catch StoreError.vaultMoved {
                try await follow()
            } catch VaultError.headerChanged {
                try await follow()
            }
        }
    }
}
