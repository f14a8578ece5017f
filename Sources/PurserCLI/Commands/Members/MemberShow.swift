import ArgumentParser
import PurserCore
import PurserEngine

struct MemberShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a member's keys, role and limits, and how far these are used up."
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The member's name.")
    var name: String?

    @Flag(help: "Show the limits of all members together.")
    var team = false

    func validate() throws {
        guard (name == nil) == team else {
            throw ValidationError("give a member's name, or --team")
        }
    }

    func run() async throws {
        try await Context.run(global) { context in
            guard let name else {
                let limits = try await context.store.spending(of: .team, at: context.now)
                if context.isJSON {
                    return context.console.out([
                        "name": "team", "limits": .array(limits.map(\.document)),
                    ])
                }
                context.console.out("\("team", .bold)")
                return show(limits, on: context)
            }
            let overview = try await context.memberRegister.member(named: name)
            let owner = SpendingOwner.member(overview.member.id)
            let limits = try await context.store.spending(of: owner, at: context.now)
            if context.isJSON {
                context.console.out(overview.document(limits))
            } else {
                show(overview, on: context)
                show(limits, on: context)
            }
        }
    }

    private func show(_ overview: MemberOverview, on context: Context) {
        let member = overview.member
        let console = context.console
        let revoked = member.revokedAt.map { "  revoked \($0.relative(to: context.now))" } ?? ""
        console.out("\(member.name, .bold)  \(member.role.rawValue)\(revoked)")
        if let budget = overview.budget {
            console.out(
                "  budget   \(budget.available.grouped) available, \(budget.held.grouped) held"
            )
        }
        let limits = member.limits
        for (title, values) in [
            ("tiers ", limits.tiers?.map(\.rawValue)), ("tags  ", limits.tags.map(Array.init)),
            ("models", limits.models?.map(\.rawValue)),
        ] {
            guard let values else { continue }
            console.out("  \(title)   \(values.sorted().joined(separator: ", "))")
        }
        for key in overview.keys {
            console.out("  key      \(key.id)  \(words(key, at: context.now))")
        }
    }

    private func show(_ limits: [SpendingStatus], on context: Context) {
        for status in limits {
            let end = status.resetsAt.map { ", anew \($0.relative(to: context.now))" } ?? ""
            context.console.out(
                "  limit    \(status.limit.words): \(status.spent.grouped) spent, \(status.held.grouped) held, \(status.left.grouped) left\(end)"
            )
        }
        if limits.isEmpty { context.console.out("  limit    none on spending") }
    }

    private func words(_ key: MemberKey, at now: Timestamp) -> String {
        if let revokedAt = key.revokedAt { return "revoked \(revokedAt.relative(to: now))" }
        guard let expiresAt = key.expiresAt else {
            return "made \(key.createdAt.relative(to: now))"
        }
        return expiresAt <= now
            ? "ended \(expiresAt.relative(to: now))" : "ends \(expiresAt.relative(to: now))"
    }
}
