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
        // Of one type from here on: what is generic is slow for callers in other modules.
        let bytes = Array(bytes)
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(high: high, low: low)
    }

    /// Reads the 32 hexadecimal digits that `description` writes.
    package init?(_ text: String) {
        // A sign or a capital would be a second spelling of the same id.
        guard text.utf8.count == 32, text.utf8.allSatisfy(isLowercaseHexadecimal),
            let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Sixteen bytes, big-endian.
    package var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        for index in 0..<8 {
            let shift = UInt64(56 - 8 * index)
            bytes[index] = UInt8(truncatingIfNeeded: high >> shift)
            bytes[index + 8] = UInt8(truncatingIfNeeded: low >> shift)
        }
        return bytes
    }

    /// Thirty-two hexadecimal digits in lower case.
    package var description: String {
        var digits = [UInt8](repeating: 0, count: 32)
        for index in 0..<16 {
            let shift = UInt64(60 - 4 * index)
            digits[index] = hexadecimalDigit(high >> shift & 15)
            digits[index + 16] = hexadecimalDigit(low >> shift & 15)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// By value; the order means nothing.
    package static func < (a: Identifier, b: Identifier) -> Bool {
        (a.high, a.low) < (b.high, b.low)
    }
}

/// `0` to `9` and `a` to `f`, in ASCII.
private func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte)
}

/// Of a number up to 15, in ASCII.
private func hexadecimalDigit(_ nibble: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: nibble < 10 ? 48 + nibble : 87 + nibble)
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
