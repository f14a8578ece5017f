import PurserCore

/// One call to the provider, as the books remember it.
struct Attempt {
    enum State: String {
        case held
        case unknown
        case settled
        case voided
        case charged
        case freed
    }

    let id: Int64
    let submissionID: SubmissionID
    let number: Int
    let accountID: AccountID
    let memberID: MemberID
    let instanceID: InstanceID
    /// 0 where the account's balance was never read: free work is then done without entries.
    let hold: Int64
    let budgetHold: Int64?
    let price: Credits
    let elements: [ClaimedElement]
    let decision: String
    let heldAt: Timestamp
    let unknownSince: Timestamp?
    let state: State
    /// What it came to, on the account.
    let charged: Credits

    static let bySubmission: StaticString = """
        SELECT id, submission_id, number, account_id, member_id, instance_id, hold_seq,
            budget_hold_seq, price, elements, decision, held_at_ms, unknown_since_ms, state, charged
        FROM attempt WHERE submission_id = ? AND number = ?
        """
    static let byID: StaticString = """
        SELECT id, submission_id, number, account_id, member_id, instance_id, hold_seq,
            budget_hold_seq, price, elements, decision, held_at_ms, unknown_since_ms, state, charged
        FROM attempt WHERE id = ?
        """
    /// Oldest first.
    ///
    /// The plus keeps the sort from choosing the whole table's order over the index of what is open.
    static let open: StaticString = """
        SELECT id, submission_id, number, account_id, member_id, instance_id, hold_seq,
            budget_hold_seq, price, elements, decision, held_at_ms, unknown_since_ms, state, charged
        FROM attempt WHERE state IN ('held', 'unknown') ORDER BY +id
        """
    static let openOfAccount: StaticString = """
        SELECT id, submission_id, number, account_id, member_id, instance_id, hold_seq,
            budget_hold_seq, price, elements, decision, held_at_ms, unknown_since_ms, state, charged
        FROM attempt WHERE state IN ('held', 'unknown') AND account_id = ? ORDER BY +id
        """
    /// By submission too, for which attempts have an index: an account has had far more.
    static let byHold: StaticString = """
        SELECT id, submission_id, number, account_id, member_id, instance_id, hold_seq,
            budget_hold_seq, price, elements, decision, held_at_ms, unknown_since_ms, state, charged
        FROM attempt WHERE submission_id = ? AND +account_id = ? AND hold_seq = ?
        """

    static func read(_ row: Row) throws -> Attempt {
        Attempt(
            id: row.int(0),
            submissionID: try row.id(1),
            number: Int(row.int(2)),
            accountID: try row.id(3),
            memberID: try row.id(4),
            instanceID: try row.id(5),
            hold: row.int(6),
            budgetHold: row.optionalInt(7),
            price: try row.credits(8),
            elements: try ClaimedElement.list(row.text(9)),
            decision: row.text(10),
            heldAt: row.time(11),
            unknownSince: row.optionalTime(12),
            state: try row.name(13),
            charged: try row.credits(14)
        )
    }

    var openHold: OpenHold {
        OpenHold(
            accountID: accountID,
            sequence: hold,
            submissionID: submissionID,
            amount: price,
            heldAt: heldAt,
            unknownSince: unknownSince
        )
    }
}

extension ClaimedElement {
    /// A column with every element: model, key and price, three parts each.
    static func text(_ elements: [ClaimedElement]) -> String {
        Lines.join(elements.flatMap { [$0.modelID.rawValue, $0.modelKey, "\($0.price.amount)"] })
    }

    static func list(_ text: String) throws -> [ClaimedElement] {
        let parts = Lines.split(text)
        return try stride(from: 0, to: parts.count, by: 3).map { start in
            guard start + 2 < parts.count, let amount = Int64(parts[start + 2]),
                let price = Credits(amount)
            else { throw StoreError.damaged("the elements of an attempt cannot be read") }
            return ClaimedElement(
                modelID: ModelID(parts[start]),
                modelKey: parts[start + 1],
                price: price
            )
        }
    }
}
