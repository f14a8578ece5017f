import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct LedgerExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write every entry as JSON lines, CSV or an hledger journal.",
        discussion: """
            Entries come in the order of writing. JSON lines and CSV hold every field and the hashes; the journal \
            asserts every running balance, so that hledger check recomputes the books.
            """
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl
        case csv
        case hledger
    }

    @OptionGroup var global: GlobalOptions

    @Option(help: "How to write it.")
    var format = Format.jsonl

    @Option(help: ArgumentHelp("Only this account's credits.", valueName: "account"))
    var account: String?

    @OptionGroup var span: SpanOptions

    @OptionGroup var target: ExportOption

    private static let page = 2000

    func run() async throws {
        let (start, end) = try span.instants
        try await Context.run(global) { context in
            var filter = EntryFilter(
                from: start,
                to: end,
                limit: Self.page
            )
            if let account {
                filter.ledgerAccount = .credits(
                    try await context.register.accountOrRemoved(named: account).id
                )
            }
            let names = try await LedgerNames(context.store)
            let isShown = target.output == nil && context.console.output.isTerminal
            let count = try await context.export(to: target.output) { write in
                switch format {
                case .jsonl: try await pages(filter, EntryLines(names), context, write)
                case .csv:
                    try await pages(filter, EntryRecords(names, isShown: isShown), context, write)
                case .hledger: try await pages(filter, HledgerJournal(names), context, write)
                }
            }
            context.tellExport(of: count, "entry", "entries", to: target.output)
        }
    }

    /// Writes page by page, so that memory stays flat however long the books are.
    private func pages(
        _ filter: EntryFilter,
        _ form: some EntryForm,
        _ context: Context,
        _ write: (String) throws -> Void
    ) async throws -> Int {
        var form = form
        var last: Int64?
        var count = 0
        try write(form.opening)
        while true {
            let page = try await context.store.entryPage(filter, after: last)
            guard let newest = page.last else { return count }
            var text = ""
            for entry in page { form.append(entry, to: &text) }
            try write(text)
            last = newest.position
            count += page.count
            if target.output != nil {
                context.console.progress(
                    "\(count.counted("entry", "entries")) so far",
                    isCount: true
                )
            }
        }
    }
}

/// A form that entries are written in, one after another.
protocol EntryForm {
    /// What stands before the first.
    var opening: String { get }
    mutating func append(_ booked: BookedEntry, to text: inout String)
}

/// What the ids in entries are called.
struct LedgerNames {
    let accounts: [AccountID: String]
    let members: [MemberID: String]

    /// An account that was removed keeps its name, with the beginning of its id: another may have the name now.
    init(_ store: any Store) async throws {
        var accounts: [AccountID: String] = [:]
        for account in try await store.removedAccounts() {
            accounts[account.id] = "\(account.name)-removed-\(account.id.description.prefix(8))"
        }
        for overview in try await store.accounts() {
            accounts[overview.account.id] = overview.account.name
        }
        self.accounts = accounts
        members = Dictionary(
            uniqueKeysWithValues: try await store.members().map { ($0.member.id, $0.member.name) }
        )
    }

    func name(of ledgerAccount: LedgerAccountID) -> String {
        switch ledgerAccount {
        case .credits(let id): accounts[id] ?? id.description
        case .budget(let id): members[id] ?? id.description
        }
    }
}

/// The fields of an entry, in the order of both forms that hold all of them.
private func fields(_ booked: BookedEntry, _ names: LedgerNames) -> [JSONOutput.Field] {
    let entry = booked.entry
    return [
        .init(name: "ledger_account", value: .string(entry.ledgerAccount.name)),
        .init(name: "name", value: .string(names.name(of: entry.ledgerAccount))),
        .init(name: "seq", value: JSONOutput(entry.sequence)),
        .init(name: "at", value: JSONOutput(entry.at)),
        .init(name: "kind", value: .string(entry.kind.rawValue)),
        .init(name: "d_posted", value: JSONOutput(entry.deltaPosted)),
        .init(name: "d_held", value: JSONOutput(entry.deltaHeld)),
        .init(name: "posted", value: JSONOutput(entry.posted)),
        .init(name: "held", value: JSONOutput(entry.held)),
        .init(name: "hold_seq", value: JSONOutput(entry.holdSequence)),
        .init(name: "observed", value: JSONOutput(entry.observed)),
        .init(name: "cause", value: JSONOutput(entry.cause?.rawValue)),
        .init(name: "member", value: JSONOutput(booked.memberID.map { names.members[$0] ?? "" })),
        .init(name: "models", value: .array(booked.elements.map { .string($0.modelID.rawValue) })),
        .init(name: "submission_id", value: JSONOutput(entry.submissionID)),
        .init(name: "job_id", value: JSONOutput(entry.jobID)),
        .init(name: "op_id", value: JSONOutput(Optional(entry.operationID))),
        .init(name: "detail", value: .string(entry.detail)),
        .init(name: "prev_hash", value: .string(booked.previousHash.hexadecimal)),
        .init(name: "hash", value: .string(booked.hash.hexadecimal)),
    ]
}

/// One JSON object a line.
struct EntryLines: EntryForm {
    let names: LedgerNames
    let opening = ""

    init(_ names: LedgerNames) { self.names = names }

    func append(_ booked: BookedEntry, to text: inout String) {
        text += JSONOutput.object(fields(booked, names)).compact
        text += "\n"
    }
}

/// Comma-separated values, the names of the fields in the first record.
struct EntryRecords: EntryForm {
    private let names: LedgerNames
    private let isShown: Bool

    /// `isShown`: on a terminal, where what could act on it is escaped.
    init(_ names: LedgerNames, isShown: Bool) {
        self.names = names
        self.isShown = isShown
    }

    var opening: String {
        CSV.record([
            "ledger_account", "name", "seq", "at", "kind", "d_posted", "d_held", "posted", "held",
            "hold_seq", "observed", "cause", "member", "models", "submission_id", "job_id", "op_id",
            "detail", "prev_hash", "hash",
        ])
    }

    func append(_ booked: BookedEntry, to text: inout String) {
        let fields = fields(booked, names).map(\.value.csvField)
        text += CSV.record(isShown ? fields.map { visible($0) } : fields)
    }
}
