import CStorageProbe
import PurserCore
import PurserStore

/// T8c: the k-th call of the disk fails, for every k until an operation needs no more of them.
///
/// T8e: the same with the memory that SQLite asks for.
///
/// After each failure the books are as before the operation or as after it, the error is one that a caller can act
/// on, nothing is written after a failed flush, and what was full or short of memory is written to again.
struct FaultProof {
    let findings: Findings

    /// What fails, and how.
    enum Manner: CaseIterable {
        case error, errorFromThen, full, fullFromThen, short, shortFromThen
        case memory, memoryFromThen

        static let ofDisk: [Manner] = [
            .error, .errorFromThen, .full, .fullFromThen, .short, .shortFromThen,
        ]
        static let ofMemory: [Manner] = [.memory, .memoryFromThen]

        private var isLasting: Bool {
            [.errorFromThen, .fullFromThen, .shortFromThen, .memoryFromThen].contains(self)
        }
        /// Whether the same store must write again as soon as nothing fails any more.
        var passes: Bool { self != .error && self != .errorFromThen }

        func begin(at count: Int64) {
            let (operations, manner): (probe_operation, probe_manner) =
                switch self {
                case .error, .errorFromThen: (PROBE_ON_ALL, PROBE_IOERR)
                case .full, .fullFromThen: (PROBE_ON_WRITE, PROBE_FULL)
                case .short, .shortFromThen: (PROBE_ON_WRITE, PROBE_SHORT)
                case .memory, .memoryFromThen: (PROBE_ON_MEMORY, PROBE_IOERR)
                }
            probe_fail(
                Int32(operations.rawValue),
                Int32(manner.rawValue),
                count,
                isLasting ? 1 : 0
            )
        }
    }

    func runDisk() async throws {
        guard probe_install() == 0 else { throw ProofError("the probe could not be installed") }
        try await run(Manner.ofDisk, every: 1)
    }

    func runMemory() async throws {
        // An operation asks for memory a thousand times and more.
        let every = try Tier.size("PURSER_T8E_EVERY", gate: 97, night: 5, release: 1)
        guard probe_install_memory() == 0 else {
            throw ProofError("the allocator could not be installed")
        }
        try await run(Manner.ofMemory, every: every)
    }

    private func run(_ manners: [Manner], every: Int) async throws {
        let template = try await Template.make(seed: Tier.seed)
        var operations = Self.everyday(template.order)
        if Tier.current != .gate { operations += Self.seldom(template.order) }
        var tries = 0
        for operation in operations {
            for manner in manners {
                tries += try await exhaust(operation, manner, every, template)
            }
        }
        Findings.figure("seed", Tier.seed)
        Findings.figure("operations", operations.count)
        Findings.figure("failures", tries)
        Findings.figure("findings", findings.total)
        if tries < operations.count * manners.count { findings.add("the probe failed too little") }
    }

    /// Fails every call in turn, or one in `every`; how many failures there were.
    private func exhaust(
        _ operation: Operation,
        _ manner: Manner,
        _ every: Int,
        _ template: Template
    ) async throws -> Int {
        let scratch = try Scratch(in: Scratch.memory)
        let home = "\(scratch.path)/home"
        probe_watch(home)
        defer { probe_watch(nil) }
        let (before, after) = try await contents(of: operation, template, in: home)
        // Other calls under another seed.
        var count = 1 + Int64(Tier.seed % UInt64(every))
        var failures = 0
        while true {
            let place = "\(operation.name), \(manner), call \(count)"
            let failed = try await attempt(operation, manner, count, template, home) { found in
                Expectation(before: before, after: after).check(found).map { "\(place): \($0)" }
                    .forEach(findings.add)
            }
            guard failed else { return failures }
            failures += 1
            count += Int64(every)
            guard count < 100_000 else { throw ProofError("\(place): there is no end") }
        }
    }

    /// What the books hold before an operation and after it, without any failure.
    private func contents(
        of operation: Operation,
        _ template: Template,
        in home: String
    ) async throws -> (before: Content, after: Content) {
        var household = try await opened(template, home)
        let claim = try await operation.prepare(household)
        let before = try Content(of: home, blobs: false)
        try await operation.perform(&household, claim)
        let after = try Content(of: home, blobs: false)
        try await household.store.close()
        guard before != after else { throw ProofError("\(operation.name) changes nothing") }
        return (before, after)
    }

    private func opened(_ template: Template, _ home: String) async throws -> Household {
        // So small a limit that every operation is followed by a checkpoint.
        try await template.open(in: home, seed: 7) {
            $0.checkpointAbove = 1
            $0.checkpointPause = .zero
        }
    }

    /// One try; whether a call failed in it.
    private func attempt(
        _ operation: Operation,
        _ manner: Manner,
        _ count: Int64,
        _ template: Template,
        _ home: String,
        judge: (Outcome) -> Void
    ) async throws -> Bool {
        var household = try await opened(template, home)
        let claim = try await operation.prepare(household)
        var outcome = Outcome(passes: manner.passes)
        manner.begin(at: count)
        do {
            try await operation.perform(&household, claim)
            outcome.isAcknowledged = true
            // The checkpoint comes after the answer. What is asked next waits for it; a repeat writes nothing.
            _ = try? await household.claim(template.order)
        } catch {
            outcome.error = error
        }
        let failed = probe_heal() > 0
        outcome.failedToFlush = probe_failed_operations() & Int32(PROBE_ON_SYNC.rawValue) != 0
        outcome.live = try Content(of: home, blobs: false)
        outcome.canWrite = await household.canWrite()
        outcome.later = try Content(of: home, blobs: false)
        // A store that refuses to write may refuse its last checkpoint, too.
        try? await household.store.close()
        let again = try await template.reopen(home)
        outcome.found = try Content(of: home, blobs: false)
        outcome.faults = try await again.faults()
        try await again.store.close()
        judge(outcome)
        return failed
    }
}
