import Glibc
import PurserCore
import PurserStore

/// T5: a byte of the database or of its log is another one.
///
/// Whoever opens the home then gets an error that says so or what was there before: no other token, no crash, no
/// waiting. The work is done in processes of its own, so that a crash is found and not suffered.
struct FlipProof {
    let findings: Findings

    func run() async throws {
        let step = try Tier.size("PURSER_T5_STEP", gate: 16, night: 1, release: 1)
        let masks: [UInt8] = Tier.current == .release ? [0x01, 0x80, 0xFF] : [0xFF]
        let template = try await Template.make(seed: Tier.seed)
        let scratch = try Scratch(in: Scratch.memory)
        try Scratch.copy(template.files, to: scratch.path)
        try Scratch.write(template.key, to: "\(scratch.path)/key")
        let size = template.files.values.reduce(0) { $0 + $1.count }
        Findings.figure("seed", Tier.seed)
        Findings.figure("bytes", size)
        // Other bytes in every run, the same under one seed.
        var starts = masks.map { (mask: $0, begin: Int(Tier.seed % UInt64(step))) }
        var sums: [String: Int] = [:]
        while let (mask, begin) = starts.popLast() {
            let half = begin + (size - begin) / 2 / step * step
            let children = try [(begin, half), (half, size)].map { range in
                (end: range.1, child: try Child(words(scratch, range.0, range.1, step, mask)))
            }
            for (end, child) in children {
                try follow(child, in: scratch, to: end, step, mask, &sums)
            }
        }
        for (name, count) in sums.sorted(by: { $0.key < $1.key }) { Findings.figure(name, count) }
        Findings.figure("wrong tokens, crashes, hangs", findings.total)
        let tried = sums.values.reduce(0, +)
        if sums["refused", default: 0] + sums["found by verify", default: 0] == 0 {
            findings.add("no flip was noticed")
        }
        if tried < size / step * masks.count { findings.add("only \(tried) flips were tried") }
    }

    private func words(
        _ scratch: Scratch,
        _ begin: Int,
        _ end: Int,
        _ step: Int,
        _ mask: UInt8
    ) -> [String] {
        ["flips-part", scratch.path, "\(begin)", "\(end)", "\(step)", "\(mask)"]
    }

    /// Reads what a part says; one that dies is a finding, and another goes on behind it.
    private func follow(
        _ child: Child,
        in scratch: Scratch,
        to end: Int,
        _ step: Int,
        _ mask: UInt8,
        _ sums: inout [String: Int]
    ) throws {
        var child = child
        var last = end
        while true {
            while let line = child.line() {
                if line.hasPrefix("at ") { last = Int(line.dropFirst(3)) ?? last }
                if line.hasPrefix("was ") { sums[String(line.dropFirst(4)), default: 0] += 1 }
                if line.hasPrefix("finding: ") { findings.add(String(line.dropFirst(9))) }
            }
            let status = child.wait()
            if status >= 0 {
                if status == 2 { findings.add("a part ended at byte \(last)") }
                return
            }
            findings.add(
                status == -SIGALRM ? "byte \(last): it hangs" : "byte \(last): signal \(-status)"
            )
            sums["ended the process", default: 0] += 1
            guard last + step < end else { return }
            child = try Child(words(scratch, last + step, end, step, mask))
        }
    }
}

/// Some of the bytes: says at which it is (`at`) and what came of it (`was`).
struct FlipPart {
    private let folder: String
    private let range: StrideTo<Int>
    private let mask: UInt8

    init(_ words: [String]) throws {
        guard words.count == 5, let begin = Int(words[1]), let end = Int(words[2]),
            let step = Int(words[3]), let mask = UInt8(words[4])
        else { throw ProofError("flips-part FOLDER BEGIN END STEP MASK") }
        folder = words[0]
        range = stride(from: begin, to: end, by: step)
        self.mask = mask
    }

    func run(_ findings: Findings) async throws {
        let names = [Household.database, Household.database + "-wal"]
        let files = names.map { Scratch.read("\(folder)/\($0)") }
        let key = Scratch.read("\(folder)/key")
        let scratch = try Scratch(in: Scratch.memory)
        let home = "\(scratch.path)/home"
        try Scratch.copy(Dictionary(uniqueKeysWithValues: zip(names, files)), to: home)
        let before = try Content(of: home)
        for position in range {
            Findings.tell("at \(position)")
            var changed = files
            let file = position < files[0].count ? 0 : 1
            changed[file][position - (file == 0 ? 0 : files[0].count)] ^= mask
            Scratch.remove(home)
            try Scratch.copy(Dictionary(uniqueKeysWithValues: zip(names, changed)), to: home)
            alarm(2)
            let became = await look(at: home, key, before, isLog: file == 1)
            alarm(0)
            if let finding = became.finding { findings.add("byte \(position): \(finding)") }
            Findings.tell("was \(became.name)")
        }
    }

    private func look(
        at home: String,
        _ key: [UInt8],
        _ before: Content,
        isLog: Bool
    ) async -> (name: String, finding: String?) {
        do {
            let store = try await SQLiteStore.open(home: home, options: Household.options())
            let result: (String, String?)
            do {
                let household = try await Household(opening: store, key: key, seed: 1)
                let faults = try await household.faults()
                let wrong = faults.first { $0.hasSuffix(Household.anotherToken) }
                result = (
                    faults.isEmpty ? try reading(home, before, isLog) : "found by verify", wrong
                )
            } catch {
                result = refusal(error)
            }
            try? await store.close()
            return result
        } catch {
            return refusal(error)
        }
    }

    /// What no rule objects to: as it was, or otherwise.
    private func reading(_ home: String, _ before: Content, _ isLog: Bool) throws -> String {
        if try Content(of: home) == before { return "read as before" }
        // SQLite takes a log to end where a checksum is wrong.
        return isLog ? "log taken to end there" : "read otherwise, within the rules"
    }

    private func refusal(_ error: any Error) -> (String, String?) {
        error is any Failure ? ("refused", nil) : ("refused", "an error without a type: \(error)")
    }
}
