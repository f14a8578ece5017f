import Glibc
import Synchronization

/// `purser-simulate`: lives through many seeds, or through one again.
@main
struct PurserSimulate {
    private static let usage = """
        usage: purser-simulate [--seeds N] [--first N] [--steps N] [--workers N] [--folder DIR]
               purser-simulate --seed N [--steps N] [--trace]
          --seeds    how many seeds to run (default 2000), from --first on (default 1)
          --steps    how many steps each lives (default 2000)
          --workers  how many seeds run side by side (default 2)
          --folder   where homes are made, and removed again (default /dev/shm)
          --seed     runs one seed and prints its trace's hash; with --trace every step
        """

    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            let failed = try await options.seed == nil ? many(options) : one(options)
            exit(failed ? 1 : 0)
        } catch {
            let words = Array("purser-simulate: error: \(error)\n".utf8)
            write(STDERR_FILENO, words, words.count)
            if error is UsageError { write(STDERR_FILENO, usage + "\n", usage.utf8.count + 1) }
            exit(2)
        }
    }

    private static func one(_ options: Options) async throws -> Bool {
        let outcome = try await Simulation(
            seed: options.seed ?? 1,
            steps: options.steps,
            folder: options.folder,
            keepsTrace: options.printsTrace
        ).run()
        for line in outcome.trace { print(line) }
        print("seed \(outcome.seed): \(outcome.steps) steps, trace \(outcome.hash.hexadecimal)")
        for finding in outcome.findings { print("seed \(outcome.seed): \(finding)") }
        return !outcome.findings.isEmpty
    }

    private static func many(_ options: Options) async throws -> Bool {
        let begun = ContinuousClock.now
        let tally = Tally(from: options.first, count: options.seeds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<options.workers { group.addTask { try await work(tally, options) } }
            try await group.waitForAll()
        }
        let total = tally.total
        print(total.words(after: ContinuousClock.now - begun))
        if total.counts.entries == 0 { print("nothing was booked, so nothing was tested") }
        return total.failed > 0 || total.counts.entries == 0
    }

    private static func work(_ tally: Tally, _ options: Options) async throws {
        while let seed = tally.take() {
            let outcome = try await Simulation(
                seed: seed,
                steps: options.steps,
                folder: options.folder
            ).run()
            tally.add(outcome)
            for finding in outcome.findings { print("seed \(seed): \(finding)") }
        }
    }

    struct Options {
        var seed: UInt64?
        var first: UInt64 = 1
        var seeds: UInt64 = 2000
        var steps = 2000
        var workers = 2
        var folder = "/dev/shm"
        var printsTrace = false

        init(_ arguments: [String]) throws(UsageError) {
            var rest = arguments[...]
            while let argument = rest.popFirst() {
                if argument == "--trace" {
                    printsTrace = true
                    continue
                }
                guard let value = rest.popFirst() else {
                    throw UsageError(message: "\(argument) needs a value")
                }
                switch argument {
                case "--folder": folder = value
                case "--seed": seed = try Self.number(value, of: argument)
                case "--first": first = try Self.number(value, of: argument)
                case "--seeds": seeds = try Self.count(value, of: argument)
                case "--steps": steps = Int(try Self.count(value, of: argument))
                case "--workers": workers = Int(try Self.count(value, of: argument))
                default: throw UsageError(message: "'\(argument)' is no option")
                }
            }
        }

        private static func count(_ text: String, of option: String) throws(UsageError) -> UInt64 {
            let count = try number(text, of: option)
            guard count > 0 else { throw UsageError(message: "\(option): at least 1") }
            return count
        }

        private static func number(_ text: String, of option: String) throws(UsageError) -> UInt64 {
            guard let number = UInt64(text), number <= 1 << 32 else {
                throw UsageError(message: "\(option): '\(text)' is no number")
            }
            return number
        }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}

/// Hands out the seeds, and adds up what they came to.
private final class Tally: Sendable {
    private let state: Mutex<(next: UInt64, total: Total)>
    private let end: UInt64

    init(from first: UInt64, count: UInt64) {
        state = Mutex((first, Total()))
        end = first + count
    }

    var total: Total { state.withLock { $0.total } }

    func take() -> UInt64? {
        state.withLock { state in
            guard state.next < end else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func add(_ outcome: Simulation.Outcome) { state.withLock { $0.total.add(outcome) } }
}

/// What all seeds came to.
private struct Total {
    var seeds = 0
    var steps = 0
    var failed = 0
    /// Of all traces, whatever their order.
    var hash: UInt64 = 0
    var counts = Auditor.Counts()

    mutating func add(_ outcome: Simulation.Outcome) {
        seeds += 1
        steps += outcome.steps
        failed += outcome.findings.isEmpty ? 0 : 1
        hash ^= outcome.hash
        counts += outcome.counts
    }

    func words(after span: Duration) -> String {
        let seconds = max(Int(span.components.seconds), 1)
        return """
            proof: \(seeds) seeds, \(steps) steps, \(counts.entries) entries in \(seconds) s \
            (\(steps / seconds) steps a second); \(failed) seeds failed
            proof: \(counts.accounts) accounts, \(counts.sharpAccounts) of them known to the credit; \
            \(counts.inferred) unknowns decided by readings, \(counts.inferredExactly) of them provably
            traces \(hash.hexadecimal)
            """
    }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
