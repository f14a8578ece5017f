import ArgumentParser
import PurserCore
import PurserEngine

struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "The people and programs work is sent for: their keys, roles and limits.",
        subcommands: [
            MemberList.self, MemberShow.self, MemberAdd.self, MemberSet.self, MemberRotate.self,
            MemberRevoke.self,
        ]
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
            let now = context.now
            let report = Report(
                "members",
                columns: [
                    .init("name", "MEMBER"), .init("role", "ROLE"),
                    .init("available", "MAY SPEND", .right), .init("held", "HELD", .right),
                    .init("limits", "LIMITS", isFlexible: true, isOptional: true),
                    .init("keys", "KEYS", .right), .init("created_at", "SINCE (UTC)"),
                    .init("revoked_at", "REVOKED (UTC)", isOptional: true),
                ],
                rows: try await context.store.members().map { overview in
                    let member = overview.member
                    return [
                        .init(member.name, member.revokedAt == nil ? .bold : .dim),
                        .init(member.role.rawValue),
                        .init(
                            JSONOutput(overview.budget?.available),
                            shown: overview.budget?.available.grouped ?? "no limit"
                        ),
                        .init(overview.budget?.held),
                        .init(
                            .array(member.limits.words.map { .string($0) }),
                            shown: member.limits.words.joined(separator: ", ")
                        ),
                        .init(JSONOutput(overview.keys.count { $0.works(at: now) })),
                        .init(member.createdAt), .init(member.revokedAt),
                    ]
                }
            )
            context.console.out(report, as: context.format)
        }
    }
}

extension Context {
    var memberRegister: MemberRegister {
        MemberRegister(store: store, actor: actor, ambient: ambient)
    }

    /// What was done to a member and the key that was made for it, which is shown this once.
    func say(
        _ verb: String,
        _ name: String,
        detail: String,
        key: consuming MemberRegister.NewKey?
    ) {
        guard let key else { return say(verb, name, detail: detail) }
        let (id, expiresAt) = (key.key.id, key.key.expiresAt)
        let shown = ShownSecret(key.secret())
        if isJSON {
            let document: JSONOutput = [
                "done": .string(verb), "name": .string(name), "detail": .string(detail),
                "key_id": .string(id), "key": .secret(0), "expires_at": JSONOutput(expiresAt),
            ]
            return console.out(document, secrets: [shown])
        }
        console.out("\(verb) \(name, .bold)\(detail.isEmpty ? "" : ": \(detail)")")
        console.out("  key  ", secret: shown, "  (shown once: only a hash of it is kept)")
    }
}

extension MemberRole: ExpressibleByArgument {}
extension SpendingWindow.Kind: ExpressibleByArgument {}
