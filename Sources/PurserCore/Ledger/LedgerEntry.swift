/// What entries are booked on: the credits of an account, or the budget of a member.
package enum LedgerAccountID: Hashable, Sendable, Comparable {
    case credits(AccountID)
    case budget(MemberID)

    /// `credits:<id>` or `budget:<id>`; the name used in the database, in JSON and in the hash.
    package var name: String {
        switch self {
        case .credits(let id): "credits:\(id)"
        case .budget(let id): "budget:\(id)"
        }
    }

    package init?(name: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "credits":
            guard let id = AccountID(String(parts[1])) else { return nil }
            self = .credits(id)
        case "budget":
            guard let id = MemberID(String(parts[1])) else { return nil }
            self = .budget(id)
        default: return nil
        }
    }

    /// By name.
    package static func < (a: Self, b: Self) -> Bool { a.name < b.name }
}

/// The kinds of entry, and what each may do to the two running numbers.
package enum EntryKind: String, Sendable, CaseIterable {
    /// The first entry: an observed balance, or a budget granted.
    case open
    /// Credits set aside before a byte is sent.
    case hold
    /// The provider accepted the work and took its price.
    case settle
    /// Proof that nothing was charged.
    case void
    /// Sent, outcome not known; the hold stays.
    case unknown
    /// An unknown that turned out to be charged.
    case charge
    /// An unknown that turned out to be free.
    case free
    /// A job failed; the provider will give its price back.
    case refundDue = "refund_due"
    /// The provider gave it back.
    case refund
    /// A new billing period's grant.
    case refill
    /// What was left unused when a billing period ended.
    case periodClose = "period_close"
    /// A reading of the provider's number; moves nothing.
    case observe
    /// A difference booked at a quiet point, with its cause.
    case adjust
}

/// Why the provider's number differed from ours.
package enum AdjustmentCause: String, Sendable, CaseIterable {
    case externalSpend = "external_spend"
    case externalCredit = "external_credit"
    case manual
}

/// One immutable event in the ledger.
package struct LedgerEntry: Sendable, Equatable {
    package let ledgerAccount: LedgerAccountID
    /// Dense from 1 in each ledger account.
    package let sequence: Int64
    package let operationID: OperationID
    package let kind: EntryKind
    package let deltaPosted: Credits
    package let deltaHeld: Credits
    /// The running numbers after this entry.
    package let posted: Credits
    package let held: Credits
    /// The sequence of the hold this entry ends, marks or gives back, in the same ledger account.
    package let holdSequence: Int64?
    package let submissionID: SubmissionID?
    package let jobID: JobID?
    package let at: Timestamp
    /// The provider's number of an observation.
    package let observed: Credits?
    package let cause: AdjustmentCause?
    /// Evidence or reason, in words; never a token, never a body.
    package let detail: String

    package init(
        ledgerAccount: LedgerAccountID,
        sequence: Int64,
        operationID: OperationID,
        kind: EntryKind,
        deltaPosted: Credits,
        deltaHeld: Credits,
        posted: Credits,
        held: Credits,
        holdSequence: Int64? = nil,
        submissionID: SubmissionID? = nil,
        jobID: JobID? = nil,
        at: Timestamp,
        observed: Credits? = nil,
        cause: AdjustmentCause? = nil,
        detail: String = ""
    ) {
        self.ledgerAccount = ledgerAccount
        self.sequence = sequence
        self.operationID = operationID
        self.kind = kind
        self.deltaPosted = deltaPosted
        self.deltaHeld = deltaHeld
        self.posted = posted
        self.held = held
        self.holdSequence = holdSequence
        self.submissionID = submissionID
        self.jobID = jobID
        self.at = at
        self.observed = observed
        self.cause = cause
        self.detail = detail
    }

    /// The bytes that the chain hashes after the previous entry's hash: every field, each text
    /// preceded by its length, so that no two entries share an encoding.
    package var canonicalBytes: [UInt8] {
        var encoder = CanonicalEncoder()
        encode(into: &encoder, accountName: ledgerAccount.name)
        return encoder.bytes
    }

    /// The same behind what `encoder` holds; `accountName` is the ledger account's, for whoever writes many in a row.
    package func encode(into encoder: inout CanonicalEncoder, accountName: String) {
        encoder.append("purser/v1/ledger-entry")
        encoder.append(accountName)
        encoder.append(sequence)
        encoder.append(operationID)
        encoder.append(kind.rawValue)
        encoder.append(deltaPosted.amount)
        encoder.append(deltaHeld.amount)
        encoder.append(posted.amount)
        encoder.append(held.amount)
        encoder.append(holdSequence)
        encoder.append(submissionID)
        encoder.append(jobID)
        encoder.append(at.milliseconds)
        encoder.append(observed?.amount)
        encoder.append(cause?.rawValue ?? "")
        encoder.append(detail)
    }
}

/// Writes values so that the bytes determine them: numbers big-endian, text and bytes with a length.
package struct CanonicalEncoder {
    package private(set) var bytes: [UInt8] = []

    /// `prefix` stands before everything, without a length: the hash that a chain continues.
    package init(after prefix: [UInt8] = []) {
        bytes.reserveCapacity(384)
        bytes += prefix
    }

    /// Eight bytes, big-endian.
    package mutating func append(_ number: Int64) {
        append(word: UInt64(bitPattern: number))
    }

    /// A number that may be absent: a byte that says so, then the number.
    package mutating func append(_ number: Int64?) {
        bytes.append(number == nil ? 0 : 1)
        append(number ?? 0)
    }

    /// As the bytes of the id, or as none.
    package mutating func append<Subject>(_ id: Identifier<Subject>?) {
        guard let id else { return append(0) }
        append(16)
        append(word: id.high)
        append(word: id.low)
    }

    /// The number of bytes, then the bytes.
    package mutating func append(_ data: [UInt8]) {
        append(Int64(data.count))
        bytes.append(contentsOf: data)
    }

    /// The number of UTF-8 bytes, then the bytes.
    package mutating func append(_ text: String) {
        append(Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(word: UInt64) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
