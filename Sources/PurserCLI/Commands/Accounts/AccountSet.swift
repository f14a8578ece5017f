import ArgumentParser
import PurserCore
import PurserEngine

struct AccountSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change an account's name or settings; what is not given stays."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Option(help: ArgumentHelp("The account's new name.", valueName: "name"))
    var rename: String?

    @Option(
        name: .customLong("clear"),
        help: ArgumentHelp("A setting to take away; may be repeated.", valueName: "setting")
    )
    var cleared: [ClearableSetting] = []

    func validate() throws {
        if rename == nil && settings.words.isEmpty && cleared.isEmpty {
            throw ValidationError("nothing to change: give --rename, a setting or --clear")
        }
        for setting in cleared where settings.gives(setting) {
            throw ValidationError(
                "--clear \(setting.rawValue) and a value for it exclude each other"
            )
        }
    }

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            var change = try settings.change()
            for setting in cleared { setting.clear(in: &change) }
            let words =
                ([settings.words] + cleared.map { "no \($0.rawValue)" }
                + [rename.map { "name \($0)" } ?? ""])
                .filter { !$0.isEmpty }.joined(separator: ", ")
            try await context.register.set(
                account,
                name: rename,
                settings: change,
                words: words,
                dryRun: dryRun.dryRun
            )
            context.say(dryRun.dryRun ? "would set" : "set", rename ?? name, detail: words)
        }
    }
}

struct AccountPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Give an account no more work; jobs under way go on."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Option(
        help: ArgumentHelp("Why; shown in lists and kept in the audit trail.", valueName: "text")
    )
    var reason = "by an operator"

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            try await context.register.pause(account, reason: reason, dryRun: dryRun.dryRun)
            context.say(dryRun.dryRun ? "would pause" : "paused", name, detail: reason)
        }
    }
}

struct AccountResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Give a paused account work again."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            try await context.register.resume(account, dryRun: dryRun.dryRun)
            context.say(dryRun.dryRun ? "would resume" : "resumed", name)
        }
    }
}

struct AccountRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an account and its tokens; its ledger and jobs stay."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Flag(help: "Remove it without asking.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            let overview = try await context.register.account(named: name)
            try await context.register.checkRemovable(overview)
            if dryRun.dryRun { return context.say("would remove", name) }
            if !yes {
                guard try context.console.confirm("Remove \(name, .bold) and its tokens?")
                else { throw CommandError.declined }
            }
            try await context.withEngine(unlock) { engine in
                try await AccountDesk(engine).remove(overview.account)
            }
            context.say("removed", name)
            if overview.account.tokenExposedAt != nil { context.warnOfForgotten([name]) }
        }
    }
}

extension Context {
    /// The mark of an exposed token lies with the token: where the token goes, nothing remembers it.
    func warnOfForgotten(_ names: [String]) {
        guard !names.isEmpty else { return }
        console.warning(
            "exposed tokens were deleted, and the mark with them: change those of \(names.joined(separator: ", ")) at the provider, and put none of them in place again"
        )
    }

    /// One line of what was done to what; under `--json` the same as an object.
    func say(_ verb: String, _ name: String, detail: String = "") {
        if isJSON {
            console.out(["done": .string(verb), "name": .string(name), "detail": .string(detail)])
        } else if detail.isEmpty {
            console.out("\(verb) \(name, .bold)")
        } else {
            console.out("\(verb) \(name, .bold): \(detail)")
        }
    }
}
