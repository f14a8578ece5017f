import ArgumentParser
import CHardening
import Glibc
import Logging
import PurserCore
import PurserEngine
import PurserGateway
import ServiceLifecycle
import UnixSignals

extension LogFormat: ExpressibleByArgument {}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the pool to members, under the service's own calls.",
        discussion: """
            Members change a base URL and a key, and send what they sent before: POST /v1/video:…, \
            /v1/flow/uploadImage, status queries, cancellations, GET /v1/credits. The vault is opened once, at the start; \
            what other commands change while it runs counts within a second.
            It listens on this machine alone unless told otherwise, and to others only with TLS ([gateway] in \
            accounts.toml), or with --insecure behind a proxy that has TLS. SIGTERM ends it: no more connections, and \
            requests under way get their answers. SIGHUP reads the certificate again. Documentation/Gateway.md tells the rest.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions

    @Option(
        help: ArgumentHelp(
            "The name or address to listen on; else [gateway] host, else 127.0.0.1.",
            valueName: "host"
        )
    )
    var host: String?

    @Option(
        help: ArgumentHelp(
            "The port; 0 lets the system choose; else [gateway] port, else 8484.",
            valueName: "port"
        )
    )
    var port: Int?

    @Flag(help: "Serve plain HTTP to other machines too: for a proxy in front that has TLS.")
    var insecure = false

    @Option(help: ArgumentHelp("How log lines are written: text or json.", valueName: "form"))
    var logFormat = LogFormat.text

    func validate() throws {
        guard port.map((0...65_535).contains) ?? true else {
            throw ValidationError("--port lies between 0 and 65535")
        }
    }

    /// glibc gives each thread that finds the heaps busy one of its own, up to eight a core, and what was freed in one serves
    /// no other: under load memory went on growing that nobody used (`Scripts/bench gateway-soak`).
    private static let mostHeaps: Int32 = 2

    func run() async throws {
        purser_limit_heaps(Self.mostHeaps)
        raiseDescriptorLimit()
        try await Context.run(global) { context in
            // Before the vault: a mistake here must not cost the typing of a passphrase.
            let settings = try settings(context)
            let logger = logger(context)
            try await context.withAlertDesk(logger: logger) { alerts in
                try await context.withEngine(unlock, logger: logger) { engine in
                    try await serve(settings, engine, alerts, context)
                }
            }
        }
    }

    /// Connections in, connections out and readers of the books are descriptors, and the usual limit is 1,024.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(files, &limit)
    }

    private func settings(_ context: Context) throws -> GatewaySettings {
        var settings = context.configuration.gateway
        if let host { settings.host = host }
        if let port { settings.port = port }
        settings.isInsecure = insecure
        try settings.check()
        if let key = settings.tls?.keyFile, othersMayRead(key) {
            context.console.warning(
                "others may read \(key), which holds a private key: chmod 600 it"
            )
        }
        return settings
    }

    private func serve(
        _ settings: GatewaySettings,
        _ engine: Engine,
        _ alerts: AlertDesk?,
        _ context: Context
    ) async throws {
        let line = WaitingLine(
            engine,
            wait: context.configuration.routing.wait,
            limit: context.configuration.routing.queue
        )
        let gateway = try Gateway(
            engine: engine,
            line: line,
            settings: settings,
            folder: context.home.directory
        ) { port in
            announce(settings, port: port, on: context)
        }
        // None may be cut off from outside: the gateway knows which of its requests were sent, and ends by itself.
        let configuration = ServiceGroupConfiguration(
            services: [
                Watching(watcher: JobWatcher(gateway.engine, line: line), alerts: alerts),
                CertificateReloading(gateway), gateway,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet(engine.logger)
        )
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let failure as any PurserCore.Failure {
            throw failure
        } catch {
            throw CommandError.invalid(
                "the gateway could not serve on \(settings.host) port \(settings.port): \(error)",
                hint: "another program may have the port; --port chooses another"
            )
        }
    }

    private func announce(_ settings: GatewaySettings, port: Int, on context: Context) {
        let address = settings.url(port: port)
        if context.isJSON { return context.console.out(["url": .string(address)]) }
        context.console.out("listening on \(address)")
    }

    private func logger(_ context: Context) -> Logger {
        let stream = context.console.messages
        let level = context.surroundings.environment["PURSER_LOG_LEVEL"]
        var logger = Logger(label: "purser") { _ in
            LineLogHandler(logFormat, now: context.surroundings.now, write: stream.write)
        }
        logger.logLevel = level.flatMap { Logger.Level(rawValue: $0) } ?? .info
        return logger
    }

    /// The library tells of every service it starts and ends, which nobody needs.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

/// What works beside the gateway as a service: it ends when the gateway is told to.
private struct Watching: Service {
    let watcher: JobWatcher
    let alerts: AlertDesk?

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let told: Void? = alerts?.run()
            await watcher.run()
            await told
        }
    }
}
