import ArgumentParser
import PurserCore
import PurserEngine

struct MemberRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract:
            "Give a member another key and show it, once; the ones before work on for a while."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "How long the keys before work on: 90s, 30m, 24h, 7d.",
            valueName: "duration"
        )
    )
    var overlap = DurationOption(MemberRegister.overlap)

    @Option(
        help: ArgumentHelp("When the new key ends; never unless told.", valueName: "2026-12-31")
    )
    var expiresAt: String?

    func run() async throws {
        let end = try instant(expiresAt, "--expires-at")
        try await Context.run(global) { context in
            let register = context.memberRegister
            let member = try await register.member(named: name).member
            let key = try await register.rotate(
                member,
                overlap: overlap.duration,
                expiresAt: end,
                dryRun: dryRun.dryRun
            )
            let until = (context.now + overlap.duration).readable
            context.say(
                dryRun.dryRun ? "would rotate" : "rotated",
                name,
                detail: "keys before end at \(until) (UTC)",
                key: key
            )
        }
    }
}

struct MemberRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a member's keys and their work at once; with --key, one key alone."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The member's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "The key's id, as members show prints it.",
            valueName: "id"
        )
    )
    var key: String?

    func run() async throws {
        try await Context.run(global) { context in
            let register = context.memberRegister
            let overview = try await register.member(named: name)
            try await register.revoke(overview, key: key, dryRun: dryRun.dryRun)
            context.say(
                dryRun.dryRun ? "would revoke" : "revoked",
                name,
                detail: key.map { "key \($0)" } ?? "all keys; what is under way goes on"
            )
        }
    }
}
