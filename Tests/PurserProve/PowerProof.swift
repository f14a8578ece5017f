import CStorageProbe
import PurserCore
import PurserStore

/// T8: the power fails at every event of the disk, and leaves what was not flushed in eight ways.
///
/// The same is done with a library that flushes as under `synchronous = NORMAL`: there, acknowledged operations
/// must be found missing, or the proof cannot see.
struct PowerProof {
    let findings: Findings

    func run() async throws {
        let wanted = try Tier.size("PURSER_T8_IMAGES", gate: 5000, night: 100_000, release: 500_000)
        guard probe_install() == 0 else { throw ProofError("the probe could not be installed") }
        Findings.figure("seed", Tier.seed)
        var sum = Tally()
        var seed = Tier.seed
        while sum.images < wanted {
            let rounds = min(12, 2 + (wanted - sum.images) / 1500)
            sum.add(
                try await cut(rounds: rounds, seed: seed, atMost: wanted - sum.images) {
                    findings.add($0)
                }
            )
            seed &+= 1
        }
        Findings.figure("images", sum.images)
        Findings.figure("events", sum.events)
        Findings.figure("corrupt", sum.corrupt)
        Findings.figure("partial", sum.partial)
        Findings.figure("acknowledged and lost", sum.lost)
        probe_swallow_synchronous(1)
        let control = try await cut(rounds: 2, seed: seed, atMost: 1000) { _ in }
        probe_swallow_synchronous(0)
        Findings.figure("control with NORMAL", "\(control.lost) of \(control.images) lost")
        if control.lost == 0 { findings.add("the control with NORMAL lost nothing") }
    }

    struct Tally {
        var images = 0
        var events = 0
        var corrupt = 0
        var partial = 0
        var lost = 0

        mutating func add(_ other: Tally) {
            images += other.images
            events += other.events
            corrupt += other.corrupt
            partial += other.partial
            lost += other.lost
        }

        mutating func count(_ damage: Damage) {
            switch damage {
            case .corrupt: corrupt += 1
            case .partial: partial += 1
            case .lost: lost += 1
            }
        }
    }

    /// Records a home's life, cuts the power everywhere, and looks at what is left.
    private func cut(
        rounds: Int,
        seed: UInt64,
        atMost limit: Int,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> Tally {
        let recording = try await Recording.make(rounds: rounds, seed: seed)
        guard recording.events > recording.states.count * 2 else {
            throw ProofError("the probe saw \(recording.events) events")
        }
        for folder in recording.unflushed { tell("\(folder) was not flushed") }
        let source = ImageSource(events: recording.events, seed: seed, limit: limit)
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            for _ in 0..<2 {
                group.addTask { try await look(at: source, of: recording, tell: tell) }
            }
            return try await group.reduce(into: Tally(events: recording.events)) { $0.add($1) }
        }
    }

    private func look(
        at source: ImageSource,
        of recording: Recording,
        tell: @Sendable (String) -> Void
    ) async throws -> Tally {
        let scratch = try Scratch(in: Scratch.memory)
        var tally = Tally()
        while let image = source.next() {
            let home = "\(scratch.path)/home"
            let verdict = try await judge(image, recording, in: home)
            Scratch.remove(home)
            tally.images += 1
            guard let verdict else { continue }
            tally.count(verdict.kind)
            tell("\(image.place): \(verdict.kind): \(verdict.message)")
        }
        return tally
    }

    enum Damage {
        case corrupt, partial, lost
    }

    private struct Verdict {
        let kind: Damage
        let message: String
    }

    /// What is wrong with a disk; `nil` when the store serves it and it holds what it must.
    private func judge(
        _ image: ImageSource.Image,
        _ recording: Recording,
        in home: String
    ) async throws -> Verdict? {
        try Scratch.copy(image.files, to: home)
        do {
            let store = try await SQLiteStore.open(home: home, options: Household.options())
            var faults: [String] = []
            if try await store.vaultImage() != nil {
                let household = try await Household(opening: store, key: recording.key, seed: 1)
                faults = try await household.faults()
            }
            try await store.close()
            guard faults.isEmpty else {
                return Verdict(kind: .corrupt, message: faults.joined(separator: "; "))
            }
        } catch let error as ProofError {
            throw error
        } catch {
            return Verdict(kind: .corrupt, message: "\(error)")
        }
        let content = try Content(of: home)
        guard let state = recording.states.lastIndex(of: content) else {
            return Verdict(kind: .partial, message: "a state that never was")
        }
        if state < image.acknowledged {
            return Verdict(
                kind: .lost,
                message: "operation \(image.acknowledged) was acknowledged, \(state) is there"
            )
        }
        if state > image.acknowledged + 1 {
            return Verdict(kind: .partial, message: "operation \(state) is there too early")
        }
        return nil
    }
}
