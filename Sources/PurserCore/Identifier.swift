/// A 16-byte identifier that names one kind of thing only.
///
/// Random ids are made at the edge and passed in, so that an operation can be repeated under the
/// same id: that is what makes a repeat recognisable (`Documentation/Ledger.md`, operation ids).
package struct Identifier<Subject>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// Fails unless there are exactly 16 bytes (big-endian).
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                words.0 = words.0 << 8 | UInt64(byte)
            } else {
                words.1 = words.1 << 8 | UInt64(byte)
            }
        }
        self.init(high: words.0, low: words.1)
    }

    /// Reads the 32 hexadecimal digits that `description` writes.
    package init?(_ text: String) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Sixteen bytes, big-endian.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    package var description: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// By value; the order means nothing.
    package static func < (a: Identifier, b: Identifier) -> Bool {
        (a.high, a.low) < (b.high, b.low)
    }
}

/// Names an account.
package typealias AccountID = Identifier<Account>
/// Names a member.
package typealias MemberID = Identifier<Member>
/// Names a submission; further attempts keep it.
package typealias SubmissionID = Identifier<Submission>
/// Names a job, whatever the provider calls it.
package typealias JobID = Identifier<Job>
/// Names one process that writes: its holds become unknown when it is gone.
package typealias InstanceID = Identifier<Instance>
/// The id of one write to the ledger, made before the first try, so that a repeat is recognised.
package typealias OperationID = Identifier<LedgerEntry>

/// A process that writes to a home, known by its lock file.
package enum Instance {}
