import ArgumentParser
import PurserCore
import PurserEngine
import PurserVault

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract:
            "The books: list and export entries, check every rule, bring them and the service together.",
        subcommands: [
            LedgerVerify.self, LedgerReconcile.self, LedgerList.self, LedgerExport.self,
        ]
    )
}

struct LedgerVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every rule of the books, entry by entry.",
        discussion: """
            Exits with 0 when all rules hold (warnings included), 1 on a violation, 66 when the books \
            cannot be read. With --unlocked the checkpoints' authentication codes are checked too, which needs the vault.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Flag(help: "Open the vault, and check the checkpoints' authentication codes too.")
    var unlocked = false

    func run() async throws {
        try await Context.run(global) { context in
            let vault =
                unlocked ? try await context.keyring(try await context.unlock(unlock)).vault : nil
            let verification = try await context.store.verify(
                at: context.now,
                checkpointMAC: vault.map { vault in { @Sendable in vault.ledgerMAC($0) } }
            )
            show(verification, on: context)
            if verification.findings.contains(where: \.isViolation) {
                throw ExitCode(ExitStatus.status(of: .failed))
            }
        }
    }

    private func show(_ verification: LedgerVerification, on context: Context) {
        let violations = verification.findings.filter(\.isViolation).count
        let warnings = verification.findings.count - violations
        if context.isJSON {
            return context.console.out(json(verification, violations, warnings))
        }
        let console = context.console
        for finding in verification.findings {
            let word = finding.isViolation ? "violation" : "warning"
            console.out(
                "\(word, finding.isViolation ? .red : .yellow) \(finding.rule) \(finding.place): \(finding.message)"
            )
        }
        for (rule, reason) in verification.notChecked.sorted(by: { $0.key < $1.key }) {
            console.note("\(rule) was not checked: \(reason); --unlocked opens it")
        }
        let result: ConsoleText =
            violations == 0 ? "\("the books are right", .green)" : "\("the books are wrong", .red)"
        console.out(
            "\(result): \(verification.entries.counted("entry", "entries")) in \(verification.ledgerAccounts.counted("ledger account")), \(verification.checked.count.counted("rule")), \(violations.counted("violation")), \(warnings.counted("warning"))"
        )
    }

    private func json(
        _ verification: LedgerVerification,
        _ violations: Int,
        _ warnings: Int
    ) -> JSONOutput {
        [
            "entries": JSONOutput(verification.entries),
            "ledger_accounts": JSONOutput(verification.ledgerAccounts),
            "checked": .array(verification.checked.map { .string($0) }),
            "not_checked": .object(
                verification.notChecked.sorted { $0.key < $1.key }.map {
                    .init(name: $0.key, value: .string($0.value))
                }
            ),
            "violations": JSONOutput(violations), "warnings": JSONOutput(warnings),
            "findings": .array(
                verification.findings.map { finding in
                    [
                        "rule": .string(finding.rule), "violation": .bool(finding.isViolation),
                        "place": .string(finding.place), "message": .string(finding.message),
                    ]
                }
            ),
        ]
    }
}

struct LedgerList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List ledger entries, the newest last.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only this account's credits.", valueName: "account"))
    var account: String?

    @Option(help: ArgumentHelp("Only this member's budget.", valueName: "member"))
    var member: String?

    @OptionGroup var span: SpanOptions

    @Option(help: ArgumentHelp("At most so many entries, the newest.", valueName: "n"))
    var limit = 100

    @Option(help: "How to print it: table unless told, json with --json.")
    var format: OutputFormat?

    func validate() throws {
        if account != nil && member != nil {
            throw ValidationError("--account and --member exclude each other")
        }
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
        try global.check(format)
    }

    func run() async throws {
        let (start, end) = try span.instants
        try await Context.run(global) { context in
            var filter = EntryFilter(
                from: start,
                to: end,
                limit: limit
            )
            if let account {
                filter.ledgerAccount = .credits(
                    try await context.register.accountOrRemoved(named: account).id
                )
            }
            if let member {
                filter.ledgerAccount = .budget(try await context.member(named: member).id)
            }
            let entries = try await context.store.entries(filter)
            let names = try await context.ledgerNames()
            context.console.out(report(entries, names), as: format ?? context.format)
        }
    }

    private func report(_ entries: [LedgerEntry], _ names: [LedgerAccountID: String]) -> Report {
        Report(
            "entries",
            columns: [
                .init("at", "TIME (UTC)"), .init("ledger_account", "LEDGER ACCOUNT"),
                .init("seq", "SEQ", .right), .init("kind", "ENTRY"),
                .init("d_posted", "± POSTED", .right), .init("d_held", "± HELD", .right),
                .init("posted", "POSTED", .right), .init("held", "HELD", .right),
                .init("hold_seq", "HOLD", .right), .init("observed", "OBSERVED", .right),
                .init("detail", "DETAIL", isFlexible: true),
            ],
            rows: entries.map { entry in
                [
                    .init(entry.at), .init(names[entry.ledgerAccount] ?? entry.ledgerAccount.name),
                    .init(JSONOutput(entry.sequence)), .init(entry.words),
                    .init(entry.deltaPosted), .init(entry.deltaHeld), .init(entry.posted),
                    .init(entry.held), .init(JSONOutput(entry.holdSequence)),
                    .init(entry.observed), .init(entry.detail),
                ]
            },
            emptyText: "no entry"
        )
    }
}

extension Context {
    /// What people call each ledger account.
    func ledgerNames() async throws -> [LedgerAccountID: String] {
        var names: [LedgerAccountID: String] = [:]
        for (id, name) in try await accountNames() { names[.credits(id)] = name }
        for account in try await store.removedAccounts() {
            names[.credits(account.id)] = account.removedLabel
        }
        for overview in try await store.members() {
            names[.budget(overview.member.id)] = "budget of \(overview.member.name)"
        }
        return names
    }
}
