import PurserCore

/// What a step's readings decided, and whether they could have known.
///
/// A balance is one number. Where only one thing can have moved it, the books must say exactly that thing. Where two
/// moved it at once, no reading can tell them apart: the sum must be right, and which is which is
/// not asked; the account is blurred from then on.
struct Inferences {
    private struct Before {
        /// By how much the service's number differed from the books, by cause.
        let outside: Int64
        let refunds: Int64
        /// What the books still wait to know.
        let unknown: Int
        let due: Int
        let isTimely: Bool
        /// What was decided so far is what happened.
        let isTrue: Bool

        /// Whether no more than one kind of thing can have moved the number.
        var hasOneCause: Bool {
            let kinds = [outside != 0, unknown > 0, refunds != 0 || due > 0]
            return kinds.count { $0 } <= 1
        }
    }

    private var before: [BooksFile.Book: Before] = [:]

    /// Jobs are not waited for when they are a week old; a clock may be wrong by days.
    private static let forgetting = Duration.seconds(4 * 86_400)

    init(_ entries: [BooksFile.Entry], in auditor: Auditor, at now: Timestamp) throws {
        for entry in entries where entry.isInferred && before[entry.book] == nil {
            guard let view = auditor.views[entry.book],
                let id = AccountID(bytes: entry.book.owner),
                let real = auditor.upstream.books(of: id)
            else { continue }
            let plan = auditor.plan
            let working = try auditor.file.forgetful(since: Timestamp(milliseconds: .max))
            let forgetful = try auditor.file.forgetful(since: now - Self.forgetting)
            let lost = try auditor.lostRefunds(on: entry.book.owner)
            let calm = real.strangeAt.map { now - $0 > plan.staleness + Plan.way } ?? true
            let steady = auditor.clockMovedAt == nil
            before[entry.book] = Before(
                outside: real.fromOutside - view.before + lost - view.fromOutside,
                refunds: real.refunded - lost - view.refunded,
                unknown: view.holds.values.count { $0.isUnknown && !$0.isEnded },
                due: view.refundsDue.count,
                isTimely: (view.isPatient(at: now) || !working.contains(entry.book.owner))
                    && calm && steady && !forgetful.contains(entry.book.owner)
                    && plan.readingsProve,
                isTrue: auditor.gap(
                    in: view,
                    on: entry.book.owner,
                    Set(view.holds.values.filter(\.isEnded).compactMap(auditor.number))
                ) == 0
            )
        }
    }

    func check(_ entries: [BooksFile.Entry], in auditor: Auditor) throws {
        for (book, before) in before {
            let decided = entries.filter { $0.book == book && $0.isInferred }
            let ends = decided.filter { $0.kind == "charge" || $0.kind == "free" }
            auditor.count { $0.inferred += ends.count }
            let isSharp =
                before.isTimely && before.isTrue && before.hasOneCause
                && auditor.views[book]?.isBlurred == false
            if isSharp {
                try checkSharp(decided, ends, book, in: auditor)
            } else {
                auditor.views[book]?.isBlurred = true
            }
            for end in ends where end.kind == "free" {
                auditor.noteFreed(end, on: book.owner)
            }
        }
    }

    private func checkSharp(
        _ decided: [BooksFile.Entry],
        _ ends: [BooksFile.Entry],
        _ book: BooksFile.Book,
        in auditor: Auditor
    ) throws {
        let view = auditor.views[book]
        auditor.count { $0.inferredExactly += ends.count }
        let numbers = Set(
            ends.compactMap { $0.hold }.compactMap { view?.holds[$0] }.compactMap(auditor.number)
        )
        let gap = view.map { auditor.gap(in: $0, on: book.owner, numbers) } ?? 0
        if gap != 0 {
            auditor.report("a reading decided \(ends.count) unknowns wrongly, by \(gap)")
        }
        // Several at once, or one of several that were waited for: their sum is known, which of them it was is not.
        let refunds = decided.count { $0.kind == "refund" }
        if ends.count > 1 || refunds > 1 { auditor.views[book]?.isBlurred = true }
        guard let id = AccountID(bytes: book.owner), let truth = auditor.upstream.books(of: id),
            let view
        else { return }
        let came = truth.fromOutside - view.before + (try auditor.lostRefunds(on: book.owner))
        if view.fromOutside != came {
            auditor.report("\(view.fromOutside) are booked as from outside, \(came) came")
        }
        if view.refunded > truth.refunded {
            auditor.report("\(view.refunded) are booked as given back, \(truth.refunded) were")
        }
    }
}

extension BooksFile.Entry {
    /// Written because a balance was read.
    fileprivate var isInferred: Bool {
        observed != nil && book.isCredits && kind != "observe" && kind != "open"
    }
}

extension Auditor.View {
    /// Whether nothing has waited so long that the ledger may decide while jobs go on.
    fileprivate func isPatient(at now: Timestamp) -> Bool {
        let waiting = holds.values.filter { !$0.isEnded }.compactMap(\.unknownAt)
        return (waiting + refundsDue.values).allSatisfy { now - $0 < .seconds(12 * 3600) }
    }
}

extension Auditor {
    func number(_ hold: Hold) -> Int? { hold.submission.flatMap { numbers[$0] } }

    /// By how much the books charged other sums for these requests than the service did.
    func gap(in view: View, on account: [UInt8], _ requests: Set<Int>) -> Int64 {
        var booked: [Int: Int64] = [:]
        for hold in view.holds.values {
            if let number = number(hold) { booked[number, default: 0] += hold.charged }
        }
        return requests.map { number in
            truth(of: number, on: account) - (booked[number] ?? 0)
        }.reduce(0, +)
    }

    /// Remembers a request whose key is free again though the service took its price.
    fileprivate func noteFreed(_ end: BooksFile.Entry, on account: [UInt8]) {
        guard let view = views[end.book], let hold = end.hold.flatMap({ view.holds[$0] }),
            let number = number(hold), gap(in: view, on: account, [number]) != 0
        else { return }
        wronglyFreed.insert(number)
    }
}
