import ArgumentParser
import PurserCore
import PurserEngine

struct AccountSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change an account's name or settings."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Option(help: ArgumentHelp("A new name.", valueName: "name"))
    var rename: String?

    func validate() throws {
        if rename == nil && settings.words.isEmpty {
            throw ValidationError("nothing to change: give --rename or a setting")
        }
    }

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            let changed = try settings.applied(to: account.settings)
            try AccountRegister.validate(changed)
            let words = [settings.words, rename.map { "name \($0)" }]
                .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
            if !dryRun.dryRun {
                try await context.register.set(
                    account,
                    name: rename,
                    settings: changed,
                    words: words
                )
            }
            context.say(dryRun.dryRun ? "would set" : "set", rename ?? name, detail: words)
        }
    }
}

struct AccountPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Give an account no more work; what runs goes on."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The account's name.")
    var name: String

    @Option(help: ArgumentHelp("Why, for those who wonder later.", valueName: "text"))
    var reason = "by an operator"

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            if !dryRun.dryRun { try await context.register.pause(account, reason: reason) }
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
            if !dryRun.dryRun { try await context.register.resume(account) }
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

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        try await Context.run(global) { context in
            let account = try await context.register.account(named: name).account
            if dryRun.dryRun { return context.say("would remove", name) }
            if !yes {
                guard try context.console.confirm("Remove \(name, .bold) and its tokens?") else {
                    return context.say("kept", name)
                }
            }
            try await context.withEngine(unlock) { engine in
                try await AccountDesk(engine).remove(account)
            }
            context.say("removed", name)
        }
    }
}

extension Context {
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
