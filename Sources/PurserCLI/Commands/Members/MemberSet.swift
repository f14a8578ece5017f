import ArgumentParser
import PurserCore
import PurserEngine

struct MemberSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a member's role, budget or limits, or the team's limits.",
        discussion:
            "What is not given stays. It counts from the next request on, also in a gateway that runs."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Spending") var spending: SpendingOptions
    @OptionGroup(title: "Choice") var choice: ChoiceOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name.")
    var name: String?

    @Flag(help: "The limits are for all members together.")
    var team = false

    @Option(
        help: ArgumentHelp("What they are to the team: owner, operator, member or auditor.")
    )
    var role: MemberRole?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Credits to add to the budget; a negative number takes away.",
            valueName: "credits"
        )
    )
    var addBudget: Int64?

    @Option(
        name: .customLong("clear"),
        help: ArgumentHelp("A limit to take away; may be repeated.", valueName: "limit")
    )
    var cleared: [ClearableLimit] = []

    @Flag(help: "Let a revoked member work again; their keys stay revoked.")
    var restore = false

    func validate() throws {
        guard (name == nil) == team else {
            throw ValidationError("give a member's name, or --team")
        }
        let isForMember =
            role != nil || addBudget != nil || restore || !choice.tiers.isEmpty
            || !choice.tags.isEmpty || !choice.models.isEmpty
            || cleared.contains { $0.kind == nil }
        if team, isForMember {
            throw ValidationError("the team has limits on spending only")
        }
        if !isForMember && cleared.isEmpty && spending.isEmpty {
            throw ValidationError(
                "nothing to change: give a limit, --add-budget, --role or --clear"
            )
        }
    }

    func run() async throws {
        let amount = try addBudget.map { try credits($0, "--add-budget", orNegative: true) }
        let limits = SpendingChange(
            set: try spending.limits(),
            cleared: Set(cleared.compactMap(\.kind))
        )
        let words = limits.set.map(\.words) + cleared.map { "no limit by \($0.rawValue)" }
        try await Context.run(global) { context in
            let said = dryRun.dryRun ? "would change" : "changed"
            guard let name else {
                let detail = words.joined(separator: ", ")
                try await context.memberRegister.setTeam(
                    limits,
                    words: detail,
                    dryRun: dryRun.dryRun
                )
                return context.say(said, "team", detail: detail)
            }
            let change = try change(limits, context)
            let changed = (words + choiceWords(change)).joined(separator: ", ")
            try await context.memberRegister.set(
                try await context.memberRegister.member(named: name),
                change,
                budget: amount,
                words: changed,
                dryRun: dryRun.dryRun
            )
            let budget = amount.map { "budget by \($0.grouped)" } ?? ""
            let detail = [budget, changed].filter { !$0.isEmpty }.joined(separator: ", ")
            context.say(said, name, detail: detail)
        }
    }

    private func change(_ limits: SpendingChange, _ context: Context) throws -> MemberChange {
        var change = MemberChange()
        change.role = role
        change.spending = limits
        change.restores = restore
        if !choice.tiers.isEmpty { change.tiers = .some(Set(choice.tiers)) }
        if !choice.tags.isEmpty { change.tags = .some(Set(choice.tags)) }
        if let models = try choice.modelIDs(try context.catalogue()) {
            change.models = .some(models)
        }
        if cleared.contains(.tiers) { change.tiers = .some(nil) }
        if cleared.contains(.tags) { change.tags = .some(nil) }
        if cleared.contains(.models) { change.models = .some(nil) }
        return change
    }

    private func choiceWords(_ change: MemberChange) -> [String] {
        let limits = MemberLimits(
            tiers: change.tiers ?? nil,
            tags: change.tags ?? nil,
            models: change.models ?? nil
        )
        return (role.map { ["role \($0.rawValue)"] } ?? []) + limits.words
            + (restore ? ["restored"] : [])
    }
}
