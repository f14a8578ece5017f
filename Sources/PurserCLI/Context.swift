import ArgumentParser
import Logging
import PurserCore
import PurserEngine
import PurserProviders
import PurserStore
import PurserVault

/// The composition root: paths, configuration, store, vault and engine of one run.
///
/// The only place that names a concrete store or provider. A command opens what it needs: lists and reports never ask
/// for a passphrase.
struct Context: Sendable {
    let surroundings: Surroundings
    let console: Console
    let format: OutputFormat
    let home: Home
    var configuration: Configuration
    let store: any Store

    var now: Timestamp { surroundings.now() }
    var actor: Actor { surroundings.actor }
    var isJSON: Bool { format == .json }

    /// Opens the home, runs `body`, and closes everything on every way out.
    static func run<Result>(
        _ options: GlobalOptions,
        making: Bool = false,
        _ body: (Context) async throws -> Result
    ) async throws -> Result {
        let surroundings = Surroundings.current
        let home = try Home.resolve(flag: options.home, environment: surroundings.environment)
        let configuration = try Configuration.resolve(
            flag: options.config,
            environment: surroundings.environment
        )
        guard making || fileExists(home.database) else { throw CommandError.noHome(home.directory) }
        let store = try await SQLiteStore.open(
            home: home.directory,
            options: StoreOptions(
                policy: configuration.routing.policy,
                quietAfter: configuration.flow.quietAfter,
                sha256: Digest.sha256,
                // A mistake in the models is told by the commands that need them.
                catalogue: (try? Catalogue.builtin.adding(configuration.models)) ?? .builtin,
                makesHome: making
            )
        )
        let context = Context(
            surroundings: surroundings,
            console: surroundings.console(options.quiet),
            format: options.json ? .json : .table,
            home: home,
            configuration: configuration,
            store: store
        )
        let result: Result
        do {
            result = try await body(context)
        } catch {
            // What the body threw says more than a failure to close after it.
            try? await store.close()
            throw error
        }
        await context.warnIfFails("the home could not be closed") { try await store.close() }
        return result
    }

    /// What follows a good result can no longer make it a failure: it is told, and does not throw.
    private func warnIfFails(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            console.warning("\(what): \("\(error)")")
        }
    }

    /// Ends a command whose result is printed already: the failure goes to standard error, the status to the shell.
    ///
    /// So standard output holds one document under `--json`, and never an error object after it.
    func ending(with failure: any Failure) -> ExitCode {
        console.report(failure)
        return ExitCode(ExitStatus.status(of: failure.kind))
    }

    // MARK: Use cases

    var register: AccountRegister {
        AccountRegister(store: store, actor: actor, now: surroundings.now)
    }

    func catalogue() throws -> Catalogue {
        try Catalogue.builtin.adding(configuration.models)
    }

    func member(named name: String) async throws -> Member {
        try await memberRegister.member(named: name).member
    }

    /// The only account a request may go to, where its options name one.
    func onlyAccount(of request: RequestOptions) async throws -> AccountID? {
        guard let name = request.account else { return nil }
        return try await register.account(named: name).account.id
    }

    /// Unlocks the vault, lends the engine, and lets go of both.
    func withEngine<Result>(
        _ options: UnlockOptions,
        dryRun: Bool = false,
        logger: Logger? = nil,
        _ body: (Engine) async throws -> Result
    ) async throws -> Result {
        let keyring = try await keyring(try await unlock(options), dryRun: dryRun)
        return try await withEngine(keyring, dryRun: dryRun, logger: logger, body)
    }

    func withEngine<Result>(
        _ keyring: Keyring,
        dryRun: Bool = false,
        logger: Logger? = nil,
        _ body: (Engine) async throws -> Result
    ) async throws -> Result {
        let provider = provider()
        let engine = Engine(
            store: store,
            provider: provider,
            keyring: keyring,
            catalogue: try catalogue(),
            settings: engineSettings,
            actor: actor,
            ambient: ambient,
            logger: logger ?? self.logger,
            tokenCommands: TokenCommands(
                run: tokenCommands.run,
                alone: TokenCommandLock(
                    path: home.directory + "/token-commands.lock",
                    patience: configuration.tokens.commandTimeout + .seconds(10)
                ).alone
            )
        )
        let result: Result
        do {
            result = try await body(engine)
        } catch {
            await provider.shutdown()
            throw error
        }
        if !dryRun {
            await warnIfFails("the checkpoint of the books could not be written") {
                let vault = keyring.vault
                try await store.writeCheckpoint(at: now, epoch: vault.epoch) { vault.ledgerMAC($0) }
            }
        }
        await provider.shutdown()
        return result
    }

    private func provider() -> FlowProvider {
        var transport = HTTPTransport.Settings()
        transport.timeout = configuration.flow.timeout
        return FlowProvider(
            origin: configuration.flow.baseURL,
            version: Version.number,
            settings: transport
        )
    }

    /// What time it is for the service, whoever asks.
    func serviceTime() async throws -> Timestamp? {
        let provider = provider()
        do {
            let time = try await provider.time()
            await provider.shutdown()
            return time
        } catch {
            await provider.shutdown()
            throw error
        }
    }

    var ambient: Ambient {
        Ambient(now: surroundings.now, sleep: surroundings.sleep) {
            var generator = SystemRandomNumberGenerator()
            return (generator.next(), generator.next())
        }
    }

    var tokenCommands: TokenCommandRunner {
        let sources = configuration.accounts.map(\.token) + [configuration.alerts.webhook?.secret]
        let holders = sources.compactMap {
            if case .environment(let name) = $0 { name } else { nil }
        }
        return TokenCommandRunner(
            environment: surroundings.environment.lines(without: Set(holders)),
            limit: configuration.tokens.commandTimeout
        )
    }

    private var engineSettings: EngineSettings {
        EngineSettings(
            attempts: configuration.routing.attempts,
            quietAfter: configuration.flow.quietAfter,
            pollEvery: configuration.flow.pollEvery,
            retryWithin: configuration.routing.retryWithin,
            unknownModelPrice: configuration.routing.unknownModelPrice,
            renewBefore: configuration.tokens.renewBefore
        )
    }

    private var logger: Logger {
        var logger = Logger(label: "purser") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel =
            surroundings.environment["PURSER_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) }
            ?? .error
        return logger
    }
}

/// The version of this program, sent to the service and shown by `--version`.
enum Version {
    static let number = "0.1.0"
}

/// What the command line itself refuses.
enum CommandError: Failure {
    case noHome(String)
    case alreadyAHome(String)
    case fileExists(String)
    case invalid(String, hint: String?)
    /// The person at the terminal said no.
    case declined
    case jobsOpen(count: Int, after: String)
    case jobsLost(count: Int)

    var kind: FailureKind {
        switch self {
        case .noHome: .notFound
        case .alreadyAHome, .fileExists: .conflict
        case .invalid: .invalidInput
        case .declined, .jobsOpen: .failed
        case .jobsLost: .unknownOutcome
        }
    }

    var message: String {
        switch self {
        case .noHome(let path): "there is no purser home in \(path)"
        case .alreadyAHome(let path): "\(path) has a vault already; nothing was changed"
        case .fileExists(let path): "\(path) is there already; nothing was written"
        case .invalid(let message, _): message
        case .declined: "not confirmed; nothing was done"
        case .jobsOpen(let count, let after):
            "\(count.counted("job is", "jobs are")) still open after \(after)"
        case .jobsLost(let count):
            "the service knows nothing any more of \(count.counted("job"))"
        }
    }

    var hint: String? {
        switch self {
        case .noHome: "purser init makes one; --home or PURSER_HOME names another place"
        case .alreadyAHome: "give another --home"
        case .fileExists: "choose another name"
        case .invalid(_, let hint): hint
        case .declined: nil
        case .jobsOpen: "purser jobs wait"
        case .jobsLost: "look for the video in the service's own page"
        }
    }
}
