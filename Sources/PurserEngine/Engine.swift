package import Logging
package import PurserCore

/// What every use case works with: the ports, the open vault, and time and chance as arguments.
///
/// The composition root makes one. Use cases are small structs that hold it: `Dispatcher` sends work, `JobDesk`
/// follows it, `AccountDesk` looks after accounts and their tokens.
package struct Engine: Sendable {
    package let store: any Store
    package let provider: any Provider
    package let keyring: Keyring
    package let catalogue: Catalogue
    package let settings: EngineSettings
    /// Who acts, for the audit trail.
    package private(set) var actor: Actor
    package let ambient: Ambient
    package let logger: Logger
    /// `nil`: no token-command is run.
    package let tokenCommands: TokenCommands?
    /// What is still to be booked; `JobWatcher` tries again.
    package let unbooked = UnbookedSettlements()
    /// Members' questions about jobs, shared by whoever asks the same.
    package let questions = StatusQuestions()

    package init(
        store: any Store,
        provider: any Provider,
        keyring: Keyring,
        catalogue: Catalogue,
        settings: EngineSettings,
        actor: Actor,
        ambient: Ambient,
        logger: Logger,
        tokenCommands: TokenCommands? = nil
    ) {
        self.store = store
        self.provider = provider
        self.keyring = keyring
        self.catalogue = catalogue
        self.settings = settings
        self.actor = actor
        self.ambient = ambient
        self.logger = logger
        self.tokenCommands = tokenCommands
    }

    /// The same, for whom somebody else acts.
    package func acting(as actor: Actor) -> Engine {
        var engine = self
        engine.actor = actor
        return engine
    }

    /// From bodies to models and routes, as this engine is configured.
    package var resolver: ModelResolver {
        ModelResolver(catalogue: catalogue, unknownModelPrice: settings.unknownModelPrice)
    }
}

/// Time and chance, passed in so that every use case can be tested and replayed.
package struct Ambient: Sendable {
    package let now: @Sendable () -> Timestamp
    package let sleep: @Sendable (Duration) async throws -> Void
    /// Two random words for a new id.
    package let randomWords: @Sendable () -> (UInt64, UInt64)

    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        randomWords: @escaping @Sendable () -> (UInt64, UInt64)
    ) {
        self.now = now
        self.sleep = sleep
        self.randomWords = randomWords
    }

    /// A fresh identifier of whatever kind is asked for.
    package func newID<Subject>() -> Identifier<Subject> {
        let (high, low) = randomWords()
        return Identifier(high: high, low: low)
    }
}

package struct EngineSettings: Sendable {
    /// How often one submission may be tried at most, on one account or several.
    package var attempts: Int
    /// How far apart two equal readings must lie before a difference is booked.
    package var quietAfter: Duration
    package var pollEvery: Duration
    /// The pause before the same account is tried again when the service is busy; doubled each time, up to
    /// `longestBackoff`.
    package var busyBackoff: Duration
    /// No further attempt begins later than this after the first.
    package var retryWithin: Duration
    /// What to hold for each element of a model the catalogue does not know; `nil`, such models are refused.
    package var unknownModelPrice: Credits?
    /// Accounts asked at the same time by a refresh.
    package var refreshWidth: Int
    /// How long before its end a token is renewed, where a command prints the next.
    package var renewBefore: Duration

    package init(
        attempts: Int = 3,
        quietAfter: Duration = .seconds(30),
        pollEvery: Duration = .seconds(5),
        busyBackoff: Duration = .seconds(2),
        retryWithin: Duration = .seconds(120),
        unknownModelPrice: Credits? = nil,
        refreshWidth: Int = 16,
        renewBefore: Duration = .seconds(300)
    ) {
        self.attempts = attempts
        self.quietAfter = quietAfter
        self.pollEvery = pollEvery
        self.busyBackoff = busyBackoff
        self.retryWithin = retryWithin
        self.unknownModelPrice = unknownModelPrice
        self.refreshWidth = refreshWidth
        self.renewBefore = renewBefore
    }

    /// The longest pause before the same account is tried again.
    package static let longestBackoff = Duration.seconds(30)
}
