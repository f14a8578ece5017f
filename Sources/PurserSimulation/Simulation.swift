import FoundationEssentials
import PurserCore
import PurserEngine
import PurserStore
import PurserVault

/// One seed: a world is made, lived in for so many steps, left to become quiet, and audited.
struct Simulation {
    struct Outcome: Sendable {
        let seed: UInt64
        let steps: Int
        let hash: UInt64
        let trace: [String]
        let findings: [String]
        let counts: Auditor.Counts
    }

    private static let start = Timestamp(milliseconds: 1_795_262_400_000)

    let seed: UInt64
    let steps: Int
    /// Where the home is made, and removed again; a folder in memory is fastest.
    let folder: String
    var keepsTrace = false

    func run() async throws -> Outcome {
        let executor = OneThread()
        return try await withTaskExecutorPreference(executor) { try await run(on: executor) }
    }

    private func run(on executor: OneThread) async throws -> Outcome {
        let home = "\(folder)/purser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: home) }
        var chance = Chance(seed: seed)
        let plan = Plan(&chance)
        let upstream = Upstream(plan: plan, chance: chance.branch())
        let scheduler = Scheduler(
            start: Self.start,
            keepsTrace: keepsTrace,
            executor: executor
        )
        let world = try await Founding(plan: plan, home: home, upstream: upstream)
            .world(scheduler, &chance)
        let auditor = Auditor(
            file: try BooksFile(path: "\(home)/\(SQLiteStore.databaseName)"),
            upstream: upstream,
            plan: plan
        )
        var driver = Driver(world: world, auditor: auditor, chance: chance.branch())
        try await driver.live(for: steps, &chance)
        if auditor.findings.isEmpty { try await driver.becomeQuiet(&chance) }
        let trace = scheduler.trace
        return Outcome(
            seed: seed,
            steps: driver.steps,
            hash: trace.hash,
            trace: trace.lines,
            findings: auditor.findings,
            counts: auditor.counts
        )
    }
}

/// Chooses whose turn it is, what goes wrong, and what others do meanwhile.
struct Driver {
    let world: World
    let auditor: Auditor
    var chance: Chance
    private(set) var steps = 0
    private var isHarsh = true

    init(world: World, auditor: Auditor, chance: Chance) {
        self.world = world
        self.auditor = auditor
        self.chance = chance
    }

    private var scheduler: Scheduler { world.scheduler }

    /// Goes on until so many steps were made, or something was found.
    mutating func live(for limit: Int, _ seeds: inout Chance) async throws {
        for number in 0..<world.plan.processes {
            let process = SimulatedProcess(number: number, world: world, chance: seeds.branch())
            await begin(process)
        }
        while steps < limit, auditor.findings.isEmpty {
            if chance.happens(10) { interfere() } else { try await step() }
        }
        isHarsh = false
        try await drain()
    }

    private func begin(_ process: SimulatedProcess) async {
        await scheduler.begin {
            var process = process
            await process.run()
        }
    }

    /// Lets everybody finish what they began, without further faults, and then end.
    private mutating func drain() async throws {
        while !scheduler.candidates().isEmpty { try await step() }
    }

    private mutating func step() async throws {
        steps += 1
        let candidates = scheduler.candidates()
        guard !candidates.isEmpty else { return }
        let chosen = chance.one(of: candidates)
        world.upstream.pass(to: scheduler.now)
        await scheduler.resume(chosen, as: verdict(on: chosen.effect))
        world.brief(auditor)
        if chosen.effect.isWrite { try auditor.look(at: scheduler.now) }
        scheduler.advance(by: .milliseconds(chance.int(in: 1..<1500)))
    }

    private mutating func verdict(on effect: Effect) -> Verdict {
        guard isHarsh else { return effect.kind == .idle ? .ends : .done }
        let plan = world.plan
        if chance.happens(effect.kind == .sleep ? plan.deaths / 4 : plan.deaths) {
            return effect.kind != .idle && chance.happens(500) ? .diesAfter : .diesBefore
        }
        guard effect.isWrite else { return .done }
        if chance.happens(plan.storeFaults) {
            return chance.one(of: [.busy, .busy, .failsBefore, .failsAfter])
        }
        return effect.kind == .repeatableWrite && chance.happens(plan.repeats) ? .twice : .done
    }

    /// What happens besides the processes' own work.
    private mutating func interfere() {
        steps += 1
        let now = scheduler.now
        world.upstream.pass(to: now)
        if world.plan.hasClockJumps, chance.happens(150) {
            let jump = chance.span(upTo: .seconds(172_800))
            let error = chance.one(of: [.zero, jump, .zero - jump])
            scheduler.setClock(error: error)
            auditor.clockMovedAt = now
            scheduler.note("the clock is wrong by \(error)")
        } else if chance.happens(30) {
            let pause = Duration.seconds(chance.int(in: 1..<25) * 86_400)
            scheduler.advance(by: pause)
            scheduler.note("nothing happens for \(pause)")
        } else {
            scheduler.note(world.upstream.disturb(at: now))
        }
    }

    // MARK: The end

    private static let rounds = 12

    /// Everything that is to come comes, readings are made until nothing is left to decide, and the auditor concludes.
    mutating func becomeQuiet(_ seeds: inout Chance) async throws {
        world.upstream.calm()
        scheduler.setClock(error: .zero)
        // Beyond the farthest time that a wrong clock wrote, and the latest refund.
        scheduler.advance(by: .seconds(4 * 86_400))
        while !world.upstream.isSettled {
            world.upstream.pass(to: scheduler.now)
            scheduler.advance(by: .seconds(3600))
        }
        auditor.clockMovedAt = nil
        try auditor.giveUpLostJobs(at: scheduler.now)
        var settler = Settler(world: world, number: world.plan.processes, chance: seeds.branch())
        for _ in 0..<Self.rounds where auditor.findings.isEmpty {
            settler.chance = seeds.branch()
            let settler = settler
            await scheduler.begin { await settler.round() }
            try await drain()
            if auditor.isQuiet { break }
            scheduler.advance(by: .seconds(3600))
        }
        guard auditor.findings.isEmpty else { return }
        try auditor.conclude()
        for finding in try await settler.verify() { auditor.report(finding) }
    }
}

extension Effect {
    fileprivate var isWrite: Bool { kind == .write || kind == .repeatableWrite }
}

extension Auditor {
    /// Whether the books say what the service says, with nothing left to decide.
    var isQuiet: Bool {
        views.allSatisfy { book, view in
            guard book.isCredits else { return view.held == 0 }
            let real = AccountID(bytes: book.owner).flatMap { upstream.books(of: $0)?.credits }
            return view.held == 0 && view.posted == real
                && view.holds.values.allSatisfy(\.isEnded)
        }
    }
}
