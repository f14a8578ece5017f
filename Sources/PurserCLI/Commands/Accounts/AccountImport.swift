import ArgumentParser
import PurserCore
import PurserEngine

struct AccountImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring the accounts to what the [[accounts]] of a file say.",
        discussion: """
            New ones are added, settings that differ are changed, and a token that differs from the one in \
            place is rotated in; a second run finds nothing to do. What the file does not name stays, unless \
            --prune is given. Nothing is changed before the whole file was checked; after that, what fails of one \
            account does not stop the others. Only the [[accounts]] of the file count.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The file, in the form of accounts.example.toml.")
    var file: String

    @Flag(help: "Remove the accounts that the file does not name, after asking.")
    var prune = false

    @Flag(help: "Remove them without asking.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            let path = Home.absolute(file, environment: context.surroundings.environment)
            let entries = try Configuration.load(
                path,
                environment: context.surroundings.environment
            ).accounts
            // With them, so that no token-command sees the variables in which the file's tokens lie.
            var context = context
            context.configuration.accounts += entries
            try await context.withEngine(unlock, dryRun: dryRun.dryRun) { [context] engine in
                let importer = AccountImporter(context, engine)
                var plan = try await importer.plan(entries, file: path, prune: prune)
                if plan.hasWork, !dryRun.dryRun {
                    try confirm(plan, on: context)
                    plan = try await importer.carryOut(plan)
                }
                show(plan, on: context)
                if !dryRun.dryRun { context.warnOfForgotten(plan.forgotten) }
                if plan.steps.contains(where: { $0.failure != nil }) {
                    throw ExitCode(ExitStatus.status(of: .failed))
                }
            }
        }
    }

    private func confirm(_ plan: ImportPlan, on context: Context) throws {
        let removed = plan.count(.remove)
        guard removed > 0, !yes else { return }
        guard try context.console.confirm("Remove \(removed.counted("account")) and their tokens?")
        else {
            throw CommandError.declined
        }
    }

    private func show(_ plan: ImportPlan, on context: Context) {
        if context.isJSON { return context.console.out(json(plan)) }
        let report = Report(
            "accounts",
            columns: [
                .init("name", "ACCOUNT"), .init("action", "ACTION"),
                .init("changes", "WHAT", isFlexible: true),
            ],
            rows: plan.steps.filter { $0.action != .unchanged && $0.action != .keep }.map(row)
        )
        if !report.rows.isEmpty { context.console.out(report, as: .table) }
        context.console.out("\(plan.summary(isDryRun: dryRun.dryRun))")
        for step in plan.steps {
            if let failure = step.failure {
                context.console.report(PlacedFailure(place: step.name, underlying: failure))
            }
        }
    }

    private func row(_ step: ImportPlan.Step) -> [Report.Cell] {
        let what = step.failure?.message ?? step.changes.map(\.words).joined(separator: ", ")
        return [
            .init(step.name, .bold),
            .init(step.failure == nil ? step.action.rawValue : "failed"),
            .init(what, step.failure == nil ? nil : .red),
        ]
    }

    private func json(_ plan: ImportPlan) -> JSONOutput {
        [
            "accounts": .array(
                plan.steps.map { step in
                    [
                        "name": .string(step.name), "action": .string(step.action.rawValue),
                        "changes": .array(
                            step.changes.map {
                                [
                                    "setting": .string($0.setting), "old": JSONOutput($0.old),
                                    "new": JSONOutput($0.new),
                                ]
                            }
                        ),
                        "error": JSONOutput(step.failure?.message),
                    ]
                }
            ),
            "dry_run": .bool(dryRun.dryRun),
        ]
    }
}

extension ImportPlan {
    /// `3 added, 1 changed, 496 unchanged`; with the tense of what was done, or would be.
    func summary(isDryRun: Bool) -> String {
        let failed = steps.count { $0.failure != nil }
        let parts: [(Int, String)] = [
            (count(.add), isDryRun ? "to add" : "added"),
            (count(.change), isDryRun ? "to change" : "changed"),
            (count(.remove), isDryRun ? "to remove" : "removed"),
            (failed, "failed"), (count(.unchanged), "unchanged"),
            (count(.keep), "not in the file"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\(Int64($0.0).grouped) \($0.1)" }
            .joined(separator: ", ")
        if words.isEmpty { return "nothing to do: no account" }
        return hasWork ? words : "nothing to do: \(words)"
    }
}
