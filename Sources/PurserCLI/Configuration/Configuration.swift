import PurserCore
import PurserGateway

/// What `accounts.toml` says, checked.
///
/// Every value a file may leave out has its default here, so an empty file and none mean the same.
struct Configuration: Sendable, Equatable {
    var vault = Vault()
    var routing = Routing()
    var gateway = GatewaySettings()
    var flow = Flow()
    var tokens = Tokens()
    var alerts = Alerts()
    /// Additions and changes over the built-in catalogue.
    var models: [ModelOverride] = []
    var accounts: [AccountEntry] = []

    /// What holds without a file.
    static let `default` = Configuration()

    /// How the vault is opened.
    struct Vault: Sendable, Equatable {
        /// `nil`: a prompt.
        var key: KeySource?
        /// The key slot to open, by name; `nil` tries a few.
        var slot: String?
    }

    struct Routing: Sendable, Equatable {
        var policy: PolicyName = .balanced
        /// How long a request waits for a free slot before it is refused.
        var wait: Duration = .seconds(30)
        /// How many requests wait at most.
        var queue: Int = 1000
        /// How often one submission is tried at most, on one account or several.
        var attempts: Int = 3
        /// No further attempt begins later than this after the first.
        var retryWithin: Duration = .seconds(120)
        /// What a model the catalogue does not know is held at; `nil` refuses such models.
        var unknownModelPrice: Credits?
    }

    /// The service, and how it is asked.
    struct Flow: Sendable, Equatable {
        var baseURL = Origin(scheme: "https", host: "aisandbox-pa.googleapis.com", port: 443)
        /// The longest one call may take.
        var timeout: Duration = .seconds(120)
        /// A job the service has said nothing new of for so long is reported as quiet.
        var quietAfter: Duration = .seconds(30)
        /// The pause between two status queries.
        var pollEvery: Duration = .seconds(5)
        /// Whether a new token is tried with a call that costs nothing before it is put in place.
        var probe = true
    }

    /// How the commands that print tokens are run.
    struct Tokens: Sendable, Equatable {
        /// How long before its end a token is renewed.
        var renewBefore: Duration = .seconds(300)
        /// The longest a command may take.
        var commandTimeout: Duration = .seconds(30)
    }

    /// What somebody is told of, and where.
    struct Alerts: Sendable, Equatable {
        /// `nil`: nobody is told.
        var webhook: WebhookPlace?
        var rule = AlertRule()
    }

    struct WebhookPlace: Sendable, Equatable {
        let url: String
        let secret: TokenSource
    }

    struct AccountEntry: Sendable, Equatable {
        let name: String
        let tier: Tier
        let settings: AccountSettings
        /// `nil` in an exported file; an account that is new needs one.
        let token: TokenSource?
        let tokenExpiresAt: Timestamp?
        /// The opening balance of an account that is added without asking the service.
        let offlineCredits: Credits?
        /// Where its table begins in the file.
        let line: Int
    }
}

/// Where a token, or the secret of a webhook, is read from; the configuration never holds one.
enum TokenSource: Sendable, Equatable {
    case environment(String)
    case file(String)
    /// A command line for `/bin/sh`; it prints the token or the secret. Of a token, JSON may hold it and its end.
    case command(String)
}

/// Where the secret that opens the vault comes from.
enum KeySource: Sendable, Equatable {
    case passphraseFile(String)
    /// A command line for `/bin/sh`; its standard output is the passphrase.
    case passphraseCommand(String)
    case keyFile(String)
}
