import PurserCore

typealias Finding = LedgerVerification.Finding

/// Recomputes one ledger account from its entries, one after another.
///
/// It remembers open holds only, so that memory does not grow with the books: what became of a hold before is asked of
/// `recall` when an entry names one that is decided, which refunds do.
struct ChainCheck {
    /// What became of a hold before some entry.
    struct HoldTrace {
        let amount: Int64
        var isUnknown = false
        var terminal: String?
        var charged: Int64 = 0
        var refunded: Int64 = 0
        var isJobRefunded = false
    }

    /// The trace of a hold as it was before `entry`.
    typealias Recall = (_ hold: Int64, _ entry: LedgerEntry) throws -> HoldTrace?

    let account: LedgerAccountID
    let name: String
    let sha256: StoreOptions.Digest
    let recall: Recall
    private(set) var findings: [Finding] = []
    private(set) var sequence: Int64 = 0
    private(set) var hash = [UInt8](repeating: 0, count: 32)
    private(set) var posted: Int64 = 0
    private(set) var held: Int64 = 0
    /// What settle and charge entries took, and what refunds gave back.
    private(set) var charged: Int64 = 0
    private(set) var refunded: Int64 = 0
    /// The holds, as a number that differs when one of them does.
    private(set) var holdsDigest: UInt64 = 0
    private var grants: Int64 = 0
    private var holds: [Int64: HoldTrace] = [:]
    private var periods: Set<String> = []
    /// The latest time of any entry so far.
    private var latest: Timestamp?
    /// The reading that the entries at hand are booking.
    private var booking: Credits?
    private var postedBefore: Credits?

    init(account: LedgerAccountID, sha256: @escaping StoreOptions.Digest, recall: @escaping Recall)
    {
        self.account = account
        name = account.name
        self.sha256 = sha256
        self.recall = recall
    }

    mutating func visit(_ row: EntryRow) {
        let entry = row.entry
        checkPlace(row)
        checkRunning(entry)
        checkBooking(entry)
        switch entry.kind {
        case .hold: visitHold(entry)
        case .unknown: visitUnknown(entry)
        case .settle, .void, .charge, .free: visitTerminal(entry)
        case .refund, .refundDue: visitRefund(entry)
        case .refill, .periodClose: visitPeriod(entry)
        case .open, .observe, .adjust: break
        }
        if entry.kind == .open || entry.kind == .adjust || entry.kind == .refill
            || entry.kind == .periodClose
        {
            grants = saturating(grants, entry.deltaPosted.amount)
        }
        postedBefore = entry.posted
    }

    /// A row that cannot be read: what follows is checked against what it says it follows.
    mutating func skip(sequence: Int64, because error: any Error) {
        let rule = error is CreditsOutOfRange ? "L17" : "L2"
        report(rule, sequence, "the entry cannot be read: \(error)")
        self.sequence = sequence
    }

    /// What can only be said when all entries were seen.
    mutating func finish() {
        if let booking, let postedBefore, booking != postedBefore {
            report("L14", sequence, "booked to \(postedBefore), the reading was \(booking)")
        }
        let open = holds.values.reduce(Int64(0)) { saturating($0, $1.amount) }
        if open != held { report("L5", sequence, "held is \(held), open holds are \(open)") }
        let expected = saturating(saturating(grants, refunded), -charged)
        let stated = postedBefore?.amount ?? 0
        if expected != stated {
            report("L13", sequence, "the movements come to \(expected), posted is \(stated)")
        }
    }

    mutating func report(
        _ rule: String,
        _ sequence: Int64,
        _ message: String,
        isViolation: Bool = true
    ) {
        findings.append(
            Finding(
                rule: rule,
                isViolation: isViolation,
                place: "\(name) #\(sequence)",
                message: message
            )
        )
    }
}

// MARK: - Place and running numbers

extension ChainCheck {
    private mutating func checkPlace(_ row: EntryRow) {
        let entry = row.entry
        if entry.sequence != sequence + 1 {
            report("L1", entry.sequence, "follows #\(sequence)")
        }
        if row.previousHash != hash {
            report("L2", entry.sequence, "does not continue the chain")
        }
        var encoder = CanonicalEncoder(after: row.previousHash)
        entry.encode(into: &encoder, accountName: name)
        if sha256(encoder.bytes) != row.hash {
            report("L2", entry.sequence, "its hash is not that of its content")
        }
        if entry.sequence == 1 && entry.kind != .open {
            report("L1", 1, "the first entry is not an open")
        }
        sequence = entry.sequence
        hash = row.hash
        if let latest, latest - entry.at > .seconds(300) {
            report("L18", entry.sequence, "its time goes back", isViolation: false)
        }
        latest = max(latest ?? entry.at, entry.at)
    }

    private mutating func checkRunning(_ entry: LedgerEntry) {
        let newPosted = saturating(posted, entry.deltaPosted.amount)
        let newHeld = saturating(held, entry.deltaHeld.amount)
        if newPosted != entry.posted.amount || newHeld != entry.held.amount {
            report(
                "L3",
                entry.sequence,
                "says \(entry.posted) posted, \(entry.held) held; \(newPosted) and \(newHeld) follow"
            )
        }
        if Credits(newPosted) == nil || Credits(newHeld) == nil {
            report("L17", entry.sequence, "a running number lies outside ±2^53")
        }
        posted = newPosted
        held = newHeld
    }

    /// After the last entry that books a reading, posted is what was read.
    private mutating func checkBooking(_ entry: LedgerEntry) {
        let isBooking = entry.kind != .observe && entry.kind != .open && entry.observed != nil
        let observed = isBooking ? entry.observed : nil
        if let booking, booking != observed, let postedBefore, booking != postedBefore {
            report(
                "L14",
                entry.sequence - 1,
                "booked to \(postedBefore), the reading was \(booking)"
            )
        }
        booking = observed
    }

    private func saturating(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? .min : .max) : sum
    }
}

// MARK: - Holds

extension ChainCheck {
    private mutating func visitHold(_ entry: LedgerEntry) {
        holds[entry.sequence] = HoldTrace(amount: entry.deltaHeld.amount)
        holdsDigest &+= Self.digest(
            of: account,
            hold: entry.sequence,
            amount: entry.deltaHeld.amount,
            submission: entry.submissionID
        )
        if entry.deltaHeld > .zero && entry.posted < entry.held {
            report("L10", entry.sequence, "\(entry.held) held of \(entry.posted)")
        }
        if entry.deltaPosted != .zero || entry.deltaHeld < .zero {
            report("L8", entry.sequence, "a hold moves posted, or releases")
        }
    }

    /// A number for one hold; the sum over many tells whether two lists hold the same.
    ///
    /// Hashing is seeded anew in every process, so nobody can make two lists that only look the same.
    static func digest(
        of account: LedgerAccountID,
        hold: Int64,
        amount: Int64,
        submission: SubmissionID?
    ) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(account)
        hasher.combine(hold)
        hasher.combine(amount)
        hasher.combine(submission)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// The hold that an entry names; reports when it names none before it.
    private mutating func hold(named entry: LedgerEntry) -> (key: Int64, trace: HoldTrace)? {
        if let key = entry.holdSequence, key < entry.sequence {
            if let trace = holds[key] { return (key, trace) }
            // A row that cannot be read is no hold; its own visit reports it.
            if let trace = (try? recall(key, entry)) ?? nil { return (key, trace) }
        }
        report("L6", entry.sequence, "\(entry.kind.rawValue) names no hold before it")
        return nil
    }

    private mutating func visitUnknown(_ entry: LedgerEntry) {
        guard let (key, trace) = hold(named: entry) else { return }
        if trace.isUnknown || trace.terminal != nil {
            report("L7", entry.sequence, "hold #\(key) is unknown or decided already")
        }
        holds[key]?.isUnknown = true
    }

    private mutating func visitTerminal(_ entry: LedgerEntry) {
        let taken = -entry.deltaPosted.amount
        charged = saturating(charged, taken)
        guard let (key, trace) = hold(named: entry) else { return }
        holds[key] = nil
        if let terminal = trace.terminal {
            report("L7", entry.sequence, "hold #\(key) was ended by \(terminal) before")
        }
        if entry.deltaHeld.amount != -trace.amount {
            report("L8", entry.sequence, "releases \(-entry.deltaHeld.amount) of \(trace.amount)")
        }
        let resolves = entry.kind == .charge || entry.kind == .free
        if resolves != trace.isUnknown || (resolves && entry.detail.isEmpty) {
            report("L9", entry.sequence, "\(entry.kind.rawValue) without unknown and evidence")
        }
        let mustBeFree = entry.kind == .void || entry.kind == .free
        if taken < 0 || (mustBeFree && taken != 0) {
            report("L13", entry.sequence, "\(entry.kind.rawValue) posts \(entry.deltaPosted)")
        }
        if taken > trace.amount {
            report(
                "L21",
                entry.sequence,
                "\(taken) charged on a hold of \(trace.amount)",
                isViolation: false
            )
        }
    }

    private mutating func visitRefund(_ entry: LedgerEntry) {
        if entry.kind == .refund { refunded = saturating(refunded, entry.deltaPosted.amount) }
        guard let (_, trace) = hold(named: entry), entry.kind == .refund else { return }
        let all = saturating(trace.refunded, entry.deltaPosted.amount)
        if all > trace.charged {
            report("L11", entry.sequence, "\(all) refunded of \(trace.charged)")
        }
        if trace.isJobRefunded, let job = entry.jobID {
            report("L11", entry.sequence, "a second refund of job \(job)")
        }
    }

    private mutating func visitPeriod(_ entry: LedgerEntry) {
        let period = "\(entry.kind.rawValue) \(entry.detail.prefix(10))"
        if !periods.insert(period).inserted {
            report("L12", entry.sequence, "a second \(period)")
        }
    }
}
