/// Videos of one model that one submission made.
package struct PastRequest: Sendable, Equatable {
    package let at: Timestamp
    package let modelID: ModelID
    package let videos: Int

    package init(at: Timestamp, modelID: ModelID, videos: Int) {
        self.at = at
        self.modelID = modelID
        self.videos = videos
    }
}

/// An entry as it lies in the books: with its hashes, and whose work it speaks of.
package struct BookedEntry: Sendable, Equatable {
    package let entry: LedgerEntry
    /// Its place among all entries of the home, ascending in order of writing; not dense.
    package let position: Int64
    package let previousHash: [UInt8]
    package let hash: [UInt8]
    /// `nil` where the entry speaks of no work.
    package let memberID: MemberID?
    /// What the work made; of a refund, the model of the job it is for.
    package let elements: [ClaimedElement]

    package init(
        entry: LedgerEntry,
        position: Int64,
        previousHash: [UInt8],
        hash: [UInt8],
        memberID: MemberID?,
        elements: [ClaimedElement]
    ) {
        self.entry = entry
        self.position = position
        self.previousHash = previousHash
        self.hash = hash
        self.memberID = memberID
        self.elements = elements
    }
}

/// The last entry of a ledger account.
package struct LedgerHead: Sendable, Equatable {
    /// `credits:<id>` or `budget:<id>`.
    package let name: String
    package let sequence: Int64
    package let hash: [UInt8]

    package init(name: String, sequence: Int64, hash: [UInt8]) {
        self.name = name
        self.sequence = sequence
        self.hash = hash
    }
}

/// What a check of the books found.
package struct LedgerVerification: Sendable, Equatable {
    /// One broken rule, or one warning, with its place.
    package struct Finding: Sendable, Equatable {
        /// `L1` … `L26`; `A1` … `A3` of the audit trail.
        package let rule: String
        package let isViolation: Bool
        package let place: String
        package let message: String

        package init(rule: String, isViolation: Bool, place: String, message: String) {
            self.rule = rule
            self.isViolation = isViolation
            self.place = place
            self.message = message
        }
    }

    package let entries: Int
    package let ledgerAccounts: Int
    /// The rules that were checked, in order, and those that could not be with the reason.
    package let checked: [String]
    package let notChecked: [String: String]
    package let findings: [Finding]

    package init(
        entries: Int,
        ledgerAccounts: Int,
        checked: [String],
        notChecked: [String: String],
        findings: [Finding]
    ) {
        self.entries = entries
        self.ledgerAccounts = ledgerAccounts
        self.checked = checked
        self.notChecked = notChecked
        self.findings = findings
    }
}

/// The last entry of every ledger account at a time.
package struct LedgerHeads: Sendable, Equatable {
    /// The newest entry of the home that is taken into account; 0 before the first.
    package let lastEntry: Int64
    /// Names, sequences and hashes, in order of name.
    package let text: String

    package init(lastEntry: Int64, text: String) {
        self.lastEntry = lastEntry
        self.text = text
    }
}
