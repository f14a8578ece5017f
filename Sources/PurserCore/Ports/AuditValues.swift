/// Who did something, for the audit trail: `cli:alice`.
package struct Actor: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What is to be written to the audit trail, in the transaction of what it tells of.
package struct AuditRecord: Sendable, Equatable {
    package let actor: Actor
    /// What was done, such as `account.rotate` or `vault.key_add`: words are joined by `_`.
    package let verb: String
    /// The name of what it was done to.
    package let subject: String
    /// What changed, in words; never a token.
    package let detail: String

    package init(actor: Actor, verb: String, subject: String, detail: String = "") {
        self.actor = actor
        self.verb = verb
        self.subject = subject
        self.detail = detail
    }
}

extension AuditRecord {
    /// The verb as it is written today: what is in the trail already cannot be changed, and two verbs had a `-`.
    package var verbToday: String { verb.replacing("-", with: "_") }
}

/// A line of the audit trail; its hash covers the one before it.
package struct AuditEntry: Sendable, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let record: AuditRecord
    package let hash: [UInt8]

    package init(sequence: Int64, at: Timestamp, record: AuditRecord, hash: [UInt8]) {
        self.sequence = sequence
        self.at = at
        self.record = record
        self.hash = hash
    }
}

/// Which lines of the audit trail are meant; `nil` asks nothing.
package struct AuditFilter: Sendable, Equatable {
    /// From this instant on, and before `to`.
    package var from: Timestamp?
    package var to: Timestamp?
    /// Exactly this one, such as `cli:alice`.
    package var actor: String?
    /// Exactly this one, or with `.` at its end every one that begins so: `account.`; `-` and `_` are the same.
    package var verb: String?
    /// The newest so many, still in order.
    package var limit: Int?
    /// Only lines before the one of this number: for whoever reads the trail page by page.
    package var before: Int64?

    package init(
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        actor: String? = nil,
        verb: String? = nil,
        limit: Int? = nil,
        before: Int64? = nil
    ) {
        self.from = from
        self.to = to
        self.actor = actor
        self.verb = verb
        self.limit = limit
        self.before = before
    }
}

/// What a check of the audit trail found.
package struct AuditVerification: Sendable, Equatable {
    package let entries: Int
    /// Heads of the trail that checkpoints name and that were found in it.
    package let heads: Int
    /// Why the checkpoints' authentication codes were not checked; `nil`, they were.
    package let notAuthenticated: String?
    package let findings: [LedgerVerification.Finding]

    package init(
        entries: Int,
        heads: Int,
        notAuthenticated: String?,
        findings: [LedgerVerification.Finding]
    ) {
        self.entries = entries
        self.heads = heads
        self.notAuthenticated = notAuthenticated
        self.findings = findings
    }
}
