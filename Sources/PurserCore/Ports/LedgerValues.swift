/// What was spent on one UTC day, by one member, on one account, for one model.
package struct UsageRow: Sendable, Equatable {
    /// Days since 1970-01-01.
    package let day: Int
    package let accountID: AccountID
    package let accountName: String
    package let tier: Tier
    package let memberID: MemberID
    package let memberName: String
    package let modelID: ModelID
    package let videos: Int
    package let charged: Credits
    package let refunded: Credits

    package init(
        day: Int,
        accountID: AccountID,
        accountName: String,
        tier: Tier,
        memberID: MemberID,
        memberName: String,
        modelID: ModelID,
        videos: Int,
        charged: Credits,
        refunded: Credits
    ) {
        self.day = day
        self.accountID = accountID
        self.accountName = accountName
        self.tier = tier
        self.memberID = memberID
        self.memberName = memberName
        self.modelID = modelID
        self.videos = videos
        self.charged = charged
        self.refunded = refunded
    }
}

/// What a check of the books found.
package struct LedgerVerification: Sendable, Equatable {
    /// One broken rule, or one warning, with its place.
    package struct Finding: Sendable, Equatable {
        /// `L1` … `L25`.
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
