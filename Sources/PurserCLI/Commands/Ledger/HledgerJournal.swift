import PurserCore
import PurserEngine

/// Entries as a journal for hledger: double entry, unit `credits`, one transaction for each entry.
///
/// An account's credits lie in `assets:provider:NAME:available` and `:held`; a member's budget likewise below `budget`.
/// Every posting asserts the running number that the entry holds, so that `hledger check` adds up the books by itself.
struct HledgerJournal: EntryForm {
    private let names: LedgerNames
    private var declared: Set<String> = []
    /// The last day of each ledger account: a clock that went back must not change the order of its assertions.
    private var days: [LedgerAccountID: CalendarDay] = [:]

    init(_ names: LedgerNames) { self.names = names }

    let opening = """
        ; The books of a purser home, for hledger 1.25 or later. Dates are UTC.
        decimal-mark .
        commodity 1000. credits

        """

    mutating func append(_ booked: BookedEntry, to text: inout String) {
        let entry = booked.entry
        let account = entry.ledgerAccount
        var day = CalendarDay(entry.at)
        if let last = days[account] {
            day = max(day, last)
        } else if entry.sequence > 1 {
            bringForward(entry, on: day, to: &text)
        }
        days[account] = day
        var postings = movements(of: booked)
        if postings.isEmpty {
            postings.append(Posting(place(account, "held"), 0, entry.held.amount))
        }
        declare(postings, in: &text)
        let mark =
            entry.kind == .hold || entry.kind == .unknown || entry.kind == .refundDue ? "!" : "*"
        let name = names.name(of: account)
        text += "\n\(day) \(mark) (\(name)#\(entry.sequence)) \(entry.kind.rawValue)"
        let detail = Self.plain(entry.detail)
        if !detail.isEmpty { text += " | \(detail)" }
        text += "\n    ; at:\(entry.at.iso8601), op:\(entry.operationID)\n"
        for posting in postings { posting.append(to: &text) }
    }

    /// What the account held before the first entry of the span.
    private mutating func bringForward(
        _ entry: LedgerEntry,
        on day: CalendarDay,
        to text: inout String
    ) {
        let posted = entry.posted.amount - entry.deltaPosted.amount
        let held = entry.held.amount - entry.deltaHeld.amount
        let postings = [
            Posting(place(entry.ledgerAccount, "available"), posted - held, posted - held),
            Posting(place(entry.ledgerAccount, "held"), held, held),
            Posting("equity:brought-forward", -posted),
        ]
        declare(postings, in: &text)
        text += "\n\(day) * brought forward\n"
        for posting in postings { posting.append(to: &text) }
    }

    // MARK: Postings

    private struct Posting {
        let account: String
        let amount: Int64
        let balance: Int64?

        init(_ account: String, _ amount: Int64, _ balance: Int64? = nil) {
            self.account = account
            self.amount = amount
            self.balance = balance
        }

        func append(to text: inout String) {
            text += "    \(account)    \(amount) credits"
            if let balance { text += " = \(balance) credits" }
            text += "\n"
        }
    }

    private func movements(of booked: BookedEntry) -> [Posting] {
        let entry = booked.entry
        let (posted, held) = (entry.deltaPosted.amount, entry.deltaHeld.amount)
        var postings: [Posting] = []
        if held != 0 {
            postings.append(Posting(place(entry.ledgerAccount, "held"), held, entry.held.amount))
        }
        if posted != held {
            let balance = entry.posted.amount - entry.held.amount
            postings.append(
                Posting(place(entry.ledgerAccount, "available"), posted - held, balance)
            )
        }
        return posted == 0 ? postings : postings + counterparts(of: booked)
    }

    /// Where what came to posted is from, or what left it went.
    private func counterparts(of booked: BookedEntry) -> [Posting] {
        let entry = booked.entry
        let amount = -entry.deltaPosted.amount
        let isSpending = entry.kind == .settle || entry.kind == .charge || entry.kind == .refund
        switch entry.ledgerAccount {
        case .budget(let id):
            let name = names.members[id] ?? id.description
            return [Posting(isSpending ? "budget-spent:\(name)" : "budget-granted:\(name)", amount)]
        case .credits:
            if isSpending { return spending(booked, amount) }
            switch entry.kind {
            case .refill: return [Posting("equity:refill", amount)]
            case .periodClose: return [Posting("equity:period-close", amount)]
            case .adjust:
                return [Posting("equity:adjustments:\(entry.cause?.rawValue ?? "other")", amount)]
            default: return [Posting("equity:opening", amount)]
            }
        }
    }

    private func spending(_ booked: BookedEntry, _ amount: Int64) -> [Posting] {
        let member = booked.memberID.map { names.members[$0] ?? $0.description } ?? "unknown"
        func place(_ model: String) -> String {
            "expenses:spent:\(member):\(Self.plain(model).replacing(":", with: "_"))"
        }
        // A charge beyond ±2^53 cannot be in the books.
        guard amount > 0, let charged = Credits(amount),
            let shares = try? booked.elements.shares(of: charged)
        else { return [Posting(place(booked.elements.first?.modelID.rawValue ?? "other"), amount)] }
        return shares.filter { $0.credits != .zero }
            .map { Posting(place($0.model.rawValue), $0.credits.amount) }
    }

    private func place(_ account: LedgerAccountID, _ part: String) -> String {
        let name = names.name(of: account)
        return switch account {
        case .credits: "assets:provider:\(name):\(part)"
        case .budget: "budget:\(name):\(part)"
        }
    }

    private mutating func declare(_ postings: [Posting], in text: inout String) {
        for posting in postings where declared.insert(posting.account).inserted {
            text += "account \(posting.account)\n"
        }
    }

    /// Text that ends no line, begins no comment and is no two spaces wide anywhere.
    private static func plain(_ text: String) -> String {
        let words = text.unicodeScalars.map { scalar -> Character in
            scalar.isTreacherous || ";|\n\r\t".unicodeScalars.contains(scalar)
                ? " " : Character(scalar)
        }
        return String(words).split(separator: " ").joined(separator: " ")
    }
}
