import PurserCore
import Testing

struct LedgerEntryTests {
    /// An entry in which every field can be told.
    private func entry(
        account: LedgerAccountID = .credits(AccountID(high: 1, low: 2)),
        sequence: Int64 = 7,
        operation: OperationID = OperationID(high: 3, low: 4),
        kind: EntryKind = .settle,
        amounts: [Int64] = [-10, -20, 680, 0],
        hold: Int64? = 6,
        submission: SubmissionID? = SubmissionID(high: 5, low: 6),
        job: JobID? = nil,
        at: Int64 = 1_764_547_200_000,
        observed: Int64? = nil,
        cause: AdjustmentCause? = nil,
        detail: String = ""
    ) -> LedgerEntry {
        LedgerEntry(
            ledgerAccount: account,
            sequence: sequence,
            operationID: operation,
            kind: kind,
            deltaPosted: Credits(unchecked: amounts[0]),
            deltaHeld: Credits(unchecked: amounts[1]),
            posted: Credits(unchecked: amounts[2]),
            held: Credits(unchecked: amounts[3]),
            holdSequence: hold,
            submissionID: submission,
            jobID: job,
            at: Timestamp(milliseconds: at),
            observed: observed.map { Credits(unchecked: $0) },
            cause: cause,
            detail: detail
        )
    }

    @Test func `no two entries that differ in a field share their bytes`() {
        let id = AccountID(high: 1, low: 2)
        let entries = [
            entry(), entry(account: .credits(AccountID(high: 1, low: 3))),
            entry(account: .budget(MemberID(bytes: id.bytes) ?? MemberID(high: 0, low: 0))),
            entry(sequence: 8), entry(operation: OperationID(high: 3, low: 5)),
            entry(kind: .charge), entry(amounts: [-11, -20, 680, 0]),
            entry(amounts: [-10, -21, 680, 0]), entry(amounts: [-10, -20, 681, 0]),
            entry(amounts: [-10, -20, 680, 1]), entry(amounts: [10, -20, 680, 0]),
            entry(hold: 7), entry(hold: nil), entry(hold: 0), entry(submission: nil),
            entry(submission: SubmissionID(high: 0, low: 0)),
            entry(submission: nil, job: JobID(high: 5, low: 6)), entry(job: JobID(high: 5, low: 6)),
            entry(at: 1_764_547_200_001), entry(observed: 0), entry(observed: 680),
            entry(hold: nil, observed: 6), entry(cause: .manual), entry(detail: "manual"),
            entry(cause: .manual, detail: "x"), entry(cause: .manual, detail: "x\0"),
            entry(detail: "é"), entry(detail: "e\u{301}"),
        ]
        let encodings = Set(entries.map(\.canonicalBytes))
        #expect(encodings.count == entries.count)
    }

    @Test func `the same entry has the same bytes in every run`() {
        let bytes = entry(detail: "d").canonicalBytes
        #expect(bytes == entry(detail: "d").canonicalBytes)
        // A domain of 22 bytes, its length before it; the detail last, its length before it.
        #expect(Array(bytes.prefix(8)) == [0, 0, 0, 0, 0, 0, 0, 22])
        #expect(Array(bytes.dropFirst(8).prefix(22)) == Array("purser/v1/ledger-entry".utf8))
        #expect(Array(bytes.suffix(9)) == [0, 0, 0, 0, 0, 0, 0, 1, UInt8(ascii: "d")])
    }

    /// Written by another program from the description of the format; hashes in every home rest on it.
    @Test func `an entry has exactly the bytes that were agreed`() {
        let agreed = """
            00000000000000167075727365722f76312f6c65646765722d656e74727900000000000000286372\
            65646974733a30303030303030303030303030303031303030303030303030303030303030320000\
            00000000000700000000000000100000000000000003000000000000000400000000000000067365\
            74746c65fffffffffffffff6ffffffffffffffec00000000000002a8000000000000000001000000\
            00000000060000000000000010000000000000000500000000000000060000000000000000000001\
            9ad735840000000000000000000000000000000000000000000000000002c3a9
            """
        let bytes = entry(detail: "é").canonicalBytes
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digits == agreed)
    }

    @Test func `text cannot move from one field into the next`() {
        func bytes(_ parts: [String]) -> [UInt8] {
            var encoder = CanonicalEncoder()
            for part in parts { encoder.append(part) }
            return encoder.bytes
        }
        #expect(bytes(["ab", "c"]) != bytes(["a", "bc"]))
        #expect(bytes(["abc", ""]) != bytes(["", "abc"]))
        #expect(bytes(["a"]) != bytes(["a", ""]))
    }

    @Test func `a ledger account's name is read as it is written`() {
        let credits = LedgerAccountID.credits(AccountID(high: 1, low: .max))
        let budget = LedgerAccountID.budget(MemberID(high: .max, low: 0))
        #expect(LedgerAccountID(name: credits.name) == credits)
        #expect(LedgerAccountID(name: budget.name) == budget)
        #expect(credits.name == "credits:0000000000000001ffffffffffffffff")
        for name in ["", "credits", "credits:", "credits:1", "wallet:" + "0" * 32, "credits:a:b"] {
            #expect(LedgerAccountID(name: name) == nil, "\(name)")
        }
    }
}

private func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
