/// An account chosen, with the hold on its credits and a slot: taken together, durable before a byte is sent.
package struct Claim: Sendable, Equatable {
    package let submissionID: SubmissionID
    /// From 1; each attempt has a hold of its own.
    package let attempt: Int
    package let memberID: MemberID
    package let account: Account
    /// The sequence of the hold in the account's ledger account.
    package let holdSequence: Int64
    /// The same in the member's budget, where the member has one.
    package let budgetHoldSequence: Int64?
    /// The hold's amount.
    package let price: Credits
    /// One for each element, in order.
    package let elements: [ClaimedElement]
    package let decision: String
    /// The account's rests when it was claimed: one that follows soon is doubled.
    package let earlierRests: [Rest]
    /// Limits on spending whose warning is due, with this hold counted.
    package let warnings: [SpendingStatus]

    package init(
        submissionID: SubmissionID,
        attempt: Int,
        memberID: MemberID,
        account: Account,
        holdSequence: Int64,
        budgetHoldSequence: Int64?,
        price: Credits,
        elements: [ClaimedElement],
        decision: String,
        earlierRests: [Rest] = [],
        warnings: [SpendingStatus] = []
    ) {
        self.submissionID = submissionID
        self.attempt = attempt
        self.memberID = memberID
        self.account = account
        self.holdSequence = holdSequence
        self.budgetHoldSequence = budgetHoldSequence
        self.price = price
        self.elements = elements
        self.decision = decision
        self.earlierRests = earlierRests
        self.warnings = warnings
    }
}

/// What one element of a submission is sent as, and what it costs.
package struct ClaimedElement: Sendable, Equatable {
    package let modelID: ModelID
    package let modelKey: String
    package let price: Credits

    package init(modelID: ModelID, modelKey: String, price: Credits) {
        self.modelID = modelID
        self.modelKey = modelKey
        self.price = price
    }
}

extension [ClaimedElement] {
    /// What each element's model bears of a charge: its price, and the last what differs from the prices.
    ///
    /// A charge without elements falls on the model `other`, and made no video.
    package func shares(
        of charged: Credits
    ) throws(CreditsOutOfRange) -> [(model: ModelID, videos: Int, credits: Credits)] {
        if isEmpty { return charged > .zero ? [(ModelID("other"), 0, charged)] : [] }
        var left = charged
        var shares: [(model: ModelID, videos: Int, credits: Credits)] = []
        for (index, element) in enumerated() {
            let share = index == count - 1 ? left : Swift.min(left, element.price)
            left = try left.minus(share)
            shares.append((element.modelID, 1, share))
        }
        return shares
    }
}
