import Glibc
import Synchronization

/// What a proof has found against what it is to prove, and how it says so.
final class Findings: Sendable {
    private let count = Mutex(0)

    /// What the proof tells; lines that begin with `proof: ` reach the report.
    static func figure(_ name: String, _ value: some CustomStringConvertible) {
        say("proof: \(name) \(value)")
    }

    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// Writes a finding down; the first twenty are shown.
    func add(_ finding: String) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number <= 20 { Self.say("finding: \(finding)") }
    }

    var isEmpty: Bool { count.withLock { $0 == 0 } }

    /// How many there were.
    var total: Int { count.withLock { $0 } }
}

/// Why a proof could not be led.
struct ProofError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What the system said last.
    static func system(_ what: String) -> ProofError {
        ProofError("\(what): \(String(cString: strerror(errno)))")
    }
}
