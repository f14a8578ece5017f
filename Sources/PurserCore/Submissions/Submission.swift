/// What a caller asks for: a call of the provider, with a body of one or more elements.
package struct Submission: Sendable, Identifiable {
    package let id: SubmissionID
    package let memberID: MemberID
    /// The caller's own key: a repeat under it gets the first answer and is not charged.
    package let idempotencyKey: String?
    package let call: ProviderCall
    package let body: RequestBody
    /// The content type the caller's body came with; it is passed on.
    package let contentType: String
    /// The only account the caller wants.
    package let only: AccountID?
    /// The most the caller wants to spend.
    package let maxCredits: Credits?

    package init(
        id: SubmissionID,
        memberID: MemberID,
        idempotencyKey: String? = nil,
        call: ProviderCall,
        body: RequestBody,
        contentType: String = "application/json",
        only: AccountID? = nil,
        maxCredits: Credits? = nil
    ) {
        self.id = id
        self.memberID = memberID
        self.idempotencyKey = idempotencyKey
        self.call = call
        self.body = body
        self.contentType = contentType
        self.only = only
        self.maxCredits = maxCredits
    }
}
