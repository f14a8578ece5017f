import CStorageProbe
import PurserCore
import PurserStore

/// T8c: the k-th call of the disk fails, for every k until an operation needs no more of them.
///
/// After each failure the books are as before the operation or as after it, the error is one that a caller can act
/// on, nothing is written after a failed flush, and a disk that was full is written to again.
struct FaultProof {
    let findings: Findings

    private struct Operation {
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

    /// How the disk fails.
    private enum Manner: CaseIterable {
        case error, errorFromThen, full, fullFromThen, short, shortFromThen

        var isLasting: Bool { [.errorFromThen, .fullFromThen, .shortFromThen].contains(self) }
        var isFull: Bool { self != .error && self != .errorFromThen }

        func begin(at count: Int64) {
            let manner: probe_manner =
                switch self {
                case .error, .errorFromThen: PROBE_IOERR
                case .full, .fullFromThen: PROBE_FULL
                case .short, .shortFromThen: PROBE_SHORT
                }
            let operations = isFull ? PROBE_ON_WRITE : PROBE_ON_ALL
            probe_fail(
                Int32(operations.rawValue),
                Int32(manner.rawValue),
                count,
                isLasting ? 1 : 0
            )
        }
    }

    func run() async throws {
        guard probe_install() == 0 else { throw ProofError("the probe could not be installed") }
        let template = try await Template.make(seed: Tier.seed)
        let operations = operations(order: template.order)
        var tries = 0
        for operation in operations {
            for manner in Manner.allCases {
                tries += try await exhaust(operation, manner, template)
            }
        }
        Findings.figure("seed", Tier.seed)
        Findings.figure("operations", operations.count)
        Findings.figure("failures", tries)
        Findings.figure("findings", findings.total)
        if tries < operations.count * Manner.allCases.count {
            findings.add("the probe failed too little")
        }
    }

    private func operations(order: ClaimOrder) -> [Operation] {
        let few = [
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
        guard Tier.current != .gate else { return few }
        return few + [
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

    /// Fails every call in turn; how many failures there were.
    private func exhaust(
        _ operation: Operation,
        _ manner: Manner,
        _ template: Template
    ) async throws -> Int {
        let scratch = try Scratch(in: Scratch.memory)
        let home = "\(scratch.path)/home"
        probe_watch(home)
        defer { probe_watch(nil) }
        let (before, after) = try await contents(of: operation, template, in: home)
        var count: Int64 = 1
        while true {
            let place = "\(operation.name), \(manner), call \(count)"
            let failed = try await attempt(operation, manner, count, template, home) { found in
                Expectation(before: before, after: after).check(found).map { "\(place): \($0)" }
                    .forEach(findings.add)
            }
            guard failed else { return Int(count) - 1 }
            count += 1
            guard count < 1000 else { throw ProofError("\(place): there is no end") }
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
        var outcome = Outcome(isFull: manner.isFull)
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

/// What became of one try.
struct Outcome {
    let isFull: Bool
    var isAcknowledged = false
    var error: (any Error)?
    var failedToFlush = false
    /// What readers saw after it.
    var live: Content?
    /// Whether the same store could write once the disk was well again, and what readers saw then.
    var canWrite = false
    var later: Content?
    /// What was found when the home was opened again.
    var found: Content?
    var faults: [String] = []

    init(isFull: Bool) {
        self.isFull = isFull
    }
}

/// What may become of a try.
struct Expectation {
    let before: Content
    let after: Content

    func check(_ outcome: Outcome) -> [String] {
        var findings = outcome.faults
        if let error = outcome.error, !isTyped(error) {
            findings.append("an error without a type: \(error)")
        }
        if outcome.isAcknowledged, outcome.live != after {
            findings.append("acknowledged, and not there")
        }
        if outcome.live != before, outcome.live != after {
            findings.append("between before and after")
        }
        if outcome.canWrite {
            if outcome.found != outcome.later {
                findings.append("what was written later is not there")
            }
            if outcome.failedToFlush { findings.append("written to after a failed flush") }
        } else {
            if outcome.found != before, outcome.found != after {
                findings.append("between before and after once it was opened again")
            }
            if outcome.isAcknowledged, outcome.found != after {
                findings.append("acknowledged, and gone once it was opened again")
            }
            if outcome.isFull { findings.append("not written to although there is room again") }
        }
        return findings
    }

    private func isTyped(_ error: any Error) -> Bool {
        guard let failure = error as? any Failure else { return false }
        return [.io, .damaged, .locked].contains(failure.kind)
    }
}

extension Household {
    func canWrite() async -> Bool {
        do {
            try await note()
            return true
        } catch {
            return false
        }
    }
}
