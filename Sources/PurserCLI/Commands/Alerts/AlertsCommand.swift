import ArgumentParser
import Logging
import PurserCore
import PurserEngine
import PurserProviders
import PurserVault

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract:
            "What purser serve tells a webhook: low credits, tokens that end, accounts that stopped.",
        subcommands: [AlertList.self, AlertTest.self],
        defaultSubcommand: AlertList.self
    )
}

struct AlertList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List alerts that were raised, the newest first.",
        aliases: ["ls"]
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Only those that still hold.")
    var open = false

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 100

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        try await Context.run(global) { context in
            let report = Report(
                "alerts",
                columns: [
                    .init("raised_at", "RAISED (UTC)"), .init("type", "TYPE"),
                    .init("subject", "ABOUT"), .init("threshold", "THRESHOLD", .right),
                    .init("detail", "DETAIL", isFlexible: true), .init("delivery", "MESSAGE"),
                    .init("attempts", "TRIES", .right),
                    .init("failure", "FAILURE", isFlexible: true, isOptional: true),
                    .init("delivered_at", "DELIVERED (UTC)", isOptional: true),
                    .init("ended_at", "ENDED (UTC)", isOptional: true), .init("id", "ID"),
                ],
                rows: try await context.store.alerts(openOnly: open, limit: limit).map(row),
                emptyText: "no alert was raised"
            )
            context.console.out(report, as: context.format)
        }
    }

    private func row(_ raised: RaisedAlert) -> [Report.Cell] {
        let alert = raised.alert
        return [
            .init(raised.raisedAt), .init(alert.key.kind.rawValue, .bold),
            .init(alert.name.isEmpty ? "team" : alert.name),
            .init(JSONOutput(alert.key.threshold)), .init(alert.words),
            .init(raised.delivery.rawValue), .init(JSONOutput(raised.attempts)),
            .init(
                raised.failure.isEmpty ? .null : .string(raised.failure),
                shown: raised.failure
            ),
            .init(JSONOutput(raised.deliveredAt), shown: raised.deliveredAt?.readable ?? ""),
            .init(JSONOutput(raised.clearedAt), shown: raised.clearedAt?.readable ?? ""),
            .init(raised.messageID),
        ]
    }
}

struct AlertTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a signed message of the type purser.test to the webhook, once."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await Context.run(global) { context in
            let (id, status) = try await context.withAlertDesk(logger: Logger(label: "purser")) {
                desk in
                guard let desk else {
                    throw CommandError.invalid(
                        "no webhook is configured",
                        hint: "give [alerts] webhook and its secret in accounts.toml"
                    )
                }
                return try await desk.test()
            }
            if context.isJSON {
                context.console.out(["id": .string(id), "status": JSONOutput(status)])
            } else {
                context.console.out("delivered \(id, .bold): the webhook answered \(status)")
            }
        }
    }
}

extension Context {
    /// Lends the desk that alerts are raised and sent at; `nil` where no webhook is configured.
    func withAlertDesk<Result>(
        logger: Logger,
        _ body: (AlertDesk?) async throws -> Result
    ) async throws -> Result {
        guard let place = configuration.alerts.webhook else { return try await body(nil) }
        let webhook = Webhook(url: place.url, key: try webhookKey(place.secret))
        let sender = HTTPWebhookSender(version: Version.number)
        let desk = AlertDesk(
            store: store,
            rule: configuration.alerts.rule,
            webhook: webhook,
            sender: sender,
            ambient: ambient,
            logger: logger
        )
        do {
            let result = try await body(desk)
            await sender.shutdown()
            return result
        } catch {
            await sender.shutdown()
            throw error
        }
    }

    private func webhookKey(_ source: TokenSource) throws -> WebhookKey {
        do {
            return try key(source)
        } catch let failure as any Failure {
            throw PlacedFailure(place: "the secret of [alerts] webhook", underlying: failure)
        }
    }

    private func key(_ source: TokenSource) throws -> WebhookKey {
        switch source {
        case .environment(let name):
            guard let value = surroundings.environment[name] else {
                throw CommandError.invalid(
                    "the environment variable \(name) is not set",
                    hint:
                        "set it, or name another source in [alerts]: secret-file or secret-command"
                )
            }
            return try WebhookKey(try Secret(copying: value.utf8))
        case .file(let path):
            if othersMayRead(path) {
                console.warning("others may read \(path), which holds a secret: chmod 600 it")
            }
            return try WebhookKey(
                try Secret(capacity: Self.longestSecret) {
                    try SecretInput.read(file: path, into: $0)
                }
            )
        case .command(let command):
            return try WebhookKey(
                try Secret(capacity: Self.longestSecret) {
                    try SecretInput.read(command: command, into: $0)
                }
            )
        }
    }

    private static let longestSecret = 256
}
