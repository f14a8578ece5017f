package import PurserCore

/// Jobs, the newest first.
package struct JobsView: Sendable {
    /// A job with the names of what it belongs to.
    package struct Row: Sendable {
        package let job: Job
        /// `nil`: the account was removed.
        package let account: String?
        package let member: String?

        package init(job: Job, account: String?, member: String?) {
            self.job = job
            self.account = account
            self.member = member
        }
    }

    package let now: Timestamp
    package let rows: [Row]
    /// Only those under way were asked for.
    package let openOnly: Bool
    /// What `FormField.cursor` asks for the page behind; `nil` at the end.
    package let next: String?

    package init(now: Timestamp, rows: [Row], openOnly: Bool, next: String? = nil) {
        self.now = now
        self.rows = rows
        self.openOnly = openOnly
        self.next = next
    }
}

/// Members, with what they spent of what they may; without `read-members`, oneself.
package struct MembersView: Sendable {
    package struct Row: Sendable {
        package let overview: MemberOverview
        package let limits: [SpendingStatus]

        package init(overview: MemberOverview, limits: [SpendingStatus]) {
            self.overview = overview
            self.limits = limits
        }
    }

    package let now: Timestamp
    package let rows: [Row]
    /// The limits on all members together; empty where the viewer may not see them.
    package let team: [SpendingStatus]

    package init(now: Timestamp, rows: [Row], team: [SpendingStatus]) {
        self.now = now
        self.rows = rows
        self.team = team
    }
}

/// Lines of the audit trail, in order.
package struct AuditView: Sendable {
    package let entries: [AuditEntry]
    /// What was asked for.
    package let filter: AuditFilter
    /// What `FormField.cursor` asks for the page before; `nil` at the beginning.
    package let next: String?

    package init(entries: [AuditEntry], filter: AuditFilter, next: String? = nil) {
        self.entries = entries
        self.filter = filter
        self.next = next
    }
}
