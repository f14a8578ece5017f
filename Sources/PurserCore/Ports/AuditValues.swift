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
    /// What was done, such as `account.rotate` or `token.reveal`.
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
