import ArgumentParser
import PurserCore
import PurserEngine

struct MemberAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a member and show their key, once.",
        discussion: """
            The key goes where a client of the service has its bearer; only a hash of it is kept. What a role may do is
            in Documentation/Members.md.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Spending") var spending: SpendingOptions
    @OptionGroup(title: "Choice") var choice: ChoiceOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name: letters, digits and . _ -")
    var name: String

    @Option(
        help: ArgumentHelp("What they are to the team: owner, operator, member or auditor.")
    )
    var role = MemberRole.member

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most they may spend until they are granted more; no limit unless told.",
            valueName: "credits"
        )
    )
    var budget: Int64?

    @Option(
        help: ArgumentHelp("When the key ends; never unless told.", valueName: "2026-12-31")
    )
    var expiresAt: String?

    func run() async throws {
        let budget = try budget.map { try credits($0, "--budget") }
        let end = try instant(expiresAt, "--expires-at")
        let spending = try spending.limits()
        try await Context.run(global) { context in
            let limits = MemberLimits(
                tiers: choice.tiers.isEmpty ? nil : Set(choice.tiers),
                tags: choice.tags.isEmpty ? nil : Set(choice.tags),
                models: try choice.modelIDs(try context.catalogue()),
                spending: spending
            )
            let key = try await context.memberRegister.add(
                name,
                role: role,
                limits: limits,
                budget: budget,
                expiresAt: end,
                dryRun: dryRun.dryRun
            )
            let allowed = budget.map { "may spend \($0.grouped) credits" } ?? "no limit"
            let words = (budget == nil && !limits.words.isEmpty ? [] : [allowed]) + limits.words
            context.say(
                dryRun.dryRun ? "would add" : "added",
                name,
                detail: words.joined(separator: ", "),
                key: key
            )
        }
    }
}
