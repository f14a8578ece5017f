import ArgumentParser
import PurserCore
import PurserEngine

struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The people and programs work is sent for, and what each may spend.",
        subcommands: [MemberList.self, MemberAdd.self, MemberSet.self]
    )
}

struct MemberList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List members with what is left of their budgets.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await Context.run(global) { context in
            let members = try await context.store.members()
            let report = Report(
                "members",
                columns: [
                    .init("name", "MEMBER"), .init("available", "MAY SPEND", .right),
                    .init("held", "HELD", .right), .init("created_at", "SINCE (UTC)"),
                ],
                rows: members.map { overview in
                    [
                        .init(overview.member.name, .bold),
                        .init(
                            JSONOutput(overview.budget?.available),
                            shown: overview.budget?.available.grouped ?? "no limit"
                        ),
                        .init(overview.budget?.held), .init(overview.member.createdAt),
                    ]
                }
            )
            context.console.out(report, as: context.format)
        }
    }
}

struct MemberAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a member; with --budget their spending is limited."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name: letters, digits and . _ -")
    var name: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most they may spend in all; no limit unless told.",
            valueName: "credits"
        )
    )
    var budget: Int64?

    func run() async throws {
        guard Account.isName(name) else { throw EngineError.invalidName(name) }
        let budget = try budget.map { try credits($0, "--budget") }
        try await Context.run(global) { context in
            guard try await !context.store.members().contains(where: { $0.member.name == name })
            else { throw StoreError.nameTaken(name) }
            if !dryRun.dryRun {
                let member = Member(
                    id: context.ambient.newID(),
                    name: name,
                    createdAt: context.now,
                    hasBudget: budget != nil
                )
                try await context.store.addMember(
                    member,
                    budget: budget,
                    operation: context.ambient.newID(),
                    by: context.actor,
                    at: context.now
                )
            }
            let detail = budget.map { "may spend \($0.grouped) credits" } ?? "no limit"
            context.say(dryRun.dryRun ? "would add" : "added", name, detail: detail)
        }
    }
}

struct MemberSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Raise or lower a member's budget."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name.")
    var name: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Credits to add to the budget; a negative number takes away.",
            valueName: "credits"
        )
    )
    var addBudget: Int64

    func run() async throws {
        let amount = try credits(addBudget, "--add-budget", orNegative: true)
        try await Context.run(global) { context in
            let overview = try await context.memberOverview(named: name)
            try check(amount, for: overview)
            if !dryRun.dryRun {
                try await context.store.adjustBudget(
                    of: overview.member.id,
                    by: amount,
                    operation: context.ambient.newID(),
                    by: context.actor,
                    at: context.now
                )
            }
            context.say(
                dryRun.dryRun ? "would change" : "changed",
                name,
                detail: "budget by \(amount.grouped)"
            )
        }
    }

    /// As the store does, for a dry run too.
    private func check(_ amount: Credits, for overview: MemberOverview) throws {
        guard let budget = overview.budget else {
            guard amount >= .zero else { throw StoreError.noBudget(member: name) }
            return
        }
        guard try budget.available.plus(amount) >= .zero else {
            throw StoreError.overBudget(
                member: name,
                available: budget.available,
                price: amount.negated
            )
        }
    }
}
