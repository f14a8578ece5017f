/// What a member is to the team: it decides what their key opens (`Documentation/Members.md`).
///
/// The raw values are stored and shown; they are stable.
package enum MemberRole: String, Sendable, CaseIterable {
    /// Answers for accounts, members and money.
    case owner
    /// Keeps the accounts going.
    case `operator`
    /// Sends work.
    case member
    /// Looks at everything and changes nothing.
    case auditor

    /// The one table of who may do what.
    package func may(_ permission: Permission) -> Bool {
        switch (self, permission) {
        case (.owner, _): true
        case (_, .ownCredits): true
        case (.operator, .changeMembers), (.operator, .readAudit): false
        case (.operator, _): true
        case (.member, .submit), (.member, .ownJobs): true
        case (.member, _): false
        case (.auditor, .submit), (.auditor, .ownJobs), (.auditor, .changeAccounts),
            (.auditor, .changeMembers):
            false
        case (.auditor, _): true
        }
    }
}

/// What a role may be allowed.
package enum Permission: String, Sendable, CaseIterable {
    /// Send work and uploads.
    case submit
    /// Ask about, follow and cancel jobs of one's own.
    case ownJobs = "own-jobs"
    /// See everybody's jobs.
    case allJobs = "all-jobs"
    /// See what one may still spend, and has spent.
    case ownCredits = "own-credits"
    /// See what everybody has spent, and the accounts' credits.
    case allCredits = "all-credits"
    case readAccounts = "read-accounts"
    /// Add, set, pause, rotate and remove accounts.
    case changeAccounts = "change-accounts"
    case readMembers = "read-members"
    /// Add, set and revoke members and the team's limits, and give out keys.
    case changeMembers = "change-members"
    case readAudit = "read-audit"
    /// See why a request would go to which account.
    case explainRoute = "explain-route"
    case readMetrics = "read-metrics"
}
