import CStorageProbe
import Glibc
import PurserCore
import PurserStore

/// T8b: processes write and checkpoint at once.
///
/// libsqlite3 before 3.51.3 can damage the log then; under Purser's lock it does not.
///
/// The control does without the lock what SQLite's documentation warns of, and must damage its own database; it
/// needs minutes, so it belongs to the night.
struct ResetProof {
    let findings: Findings
    private static let mended: Int32 = 3_051_003

    func run() async throws {
        let seconds = try Tier.size("PURSER_T8B_SECONDS", gate: 20, night: 600, release: 3600)
        let control = try Tier.size(
            "PURSER_T8B_CONTROL",
            gate: 0,
            night: 600,
            release: 600,
            least: 0
        )
        Findings.figure("seed", Tier.seed)
        Findings.figure("seconds", seconds)
        try await locked(seconds: seconds)
        if probe_sqlite_version() >= Self.mended {
            Findings.figure("control:", "this library has no such fault")
        } else if control == 0 {
            Findings.figure("control:", "not run")
        } else {
            try unlocked(seconds: control)
        }
    }

    private func locked(seconds: Int) async throws {
        let scratch = try Scratch(in: Scratch.disk)
        var store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        var (household, key) = try await Household.create(in: store, seed: Tier.seed)
        try await household.addAccount("one", credits: 1_000_000_000)
        try await store.close()
        try Scratch.write(key, to: "\(scratch.path)/key")
        let children = try (0..<3).map {
            try Child(["reset-part", "store", scratch.path, "\(seconds)", "\($0)"])
        }
        var acknowledged = 0
        for child in children {
            acknowledged += child.rest().compactMap { Int($0) }.reduce(0, +)
            if child.wait() != 0 { findings.add("a process did not end well") }
        }
        store = try await SQLiteStore.open(home: scratch.path, options: Household.options())
        household = try await Household(opening: store, key: key, seed: 1)
        for fault in try await household.faults() { findings.add(fault) }
        let present = try await store.entries(EntryFilter()).count { $0.kind == .hold }
        try await store.close()
        Findings.figure("holds, each with a checkpoint", acknowledged)
        Findings.figure("damaged or lost", findings.total)
        if acknowledged < seconds { findings.add("the processes hardly wrote") }
        if present != acknowledged {
            findings.add("\(acknowledged) were acknowledged, \(present) are there")
        }
    }

    /// Runs of ten seconds until the database is damaged.
    private func unlocked(seconds: Int) throws {
        let begun = ContinuousClock.now
        while ContinuousClock.now - begun < .seconds(seconds) {
            // No flush is waited for there, so that the race is run as often as can be.
            let scratch = try Scratch(in: Scratch.memory)
            let database = "\(scratch.path)/race.db"
            guard probe_race_prepare(database) == 0 else { throw ProofError("no database") }
            let checkpoints = try Child(["reset-part", "checkpoint", database, "10", "0"])
            let writers = try (0..<2).map {
                try Child(["reset-part", "write", database, "10", "\($0)"])
            }
            var isWhole = true
            let commits = writers.map { writer in
                defer { if writer.wait() != 0 { isWhole = false } }
                return writer.rest().compactMap { Int64($0) }.first ?? 0
            }
            _ = checkpoints.rest()
            for (writer, count) in commits.enumerated() where isWhole {
                isWhole = probe_race_check(database, Int32(writer), count) == 0
            }
            if !isWhole {
                let took = (ContinuousClock.now - begun).components.seconds
                return Findings.figure("control:", "damaged within \(took) s")
            }
        }
        findings.add("the control was not damaged within \(seconds) s")
    }
}

/// One of the processes of a race.
struct ResetPart {
    private let role: String
    private let path: String
    private let seconds: Int
    private let number: Int

    init(_ words: [String]) throws {
        guard words.count == 4, let seconds = Int(words[2]), let number = Int(words[3]) else {
            throw ProofError("reset-part ROLE PATH SECONDS NUMBER")
        }
        (role, path, self.seconds, self.number) = (words[0], words[1], seconds, number)
    }

    func run() async throws {
        alarm(UInt32(seconds + 60))
        switch role {
        case "store": try await store()
        case "checkpoint": _ = probe_race_checkpoint(path, Int32(seconds))
        default:
            var commits: Int64 = 0
            let code = probe_race_write(path, Int32(number), Int32(seconds), &commits)
            Findings.tell("\(commits)")
            if code != 0 { throw ProofError("code \(code)") }
        }
    }

    private func store() async throws {
        let store = try await SQLiteStore.open(
            home: path,
            options: Household.options {
                $0.checkpointAbove = 0
                $0.checkpointPause = .zero
            }
        )
        var household = try await Household(
            opening: store,
            key: Scratch.read("\(path)/key"),
            seed: Tier.seed &+ UInt64(number)
        )
        let end = ContinuousClock.now + .seconds(seconds)
        var count = 0
        while ContinuousClock.now < end {
            _ = try await household.hold()
            count += 1
        }
        try await store.close()
        Findings.tell("\(count)")
    }
}
