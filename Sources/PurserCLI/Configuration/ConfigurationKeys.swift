/// Every name that `accounts.toml` may hold, table by table.
///
/// The example file shows each; a test holds it to that.
enum ConfigurationKeys {
    enum Root: String, NamedCases {
        case vault
        case routing
        case gateway
        case upstream
        case tokens
        case alerts
        case models
        case accounts
    }

    enum Vault: String, NamedCases {
        case passphraseFile = "passphrase-file"
        case passphraseCommand = "passphrase-command"
        case keyFile = "key-file"
        case slot
    }

    enum Routing: String, NamedCases {
        case policy
        case wait
        case queue
        case attempts
        case retryWithin = "retry-within"
        case allowUnknownModels = "allow-unknown-models"
        case unknownModelPrice = "unknown-model-price"
    }

    enum Gateway: String, NamedCases {
        case host
        case port
        case page
        case tlsCertificate = "tls-certificate"
        case tlsKey = "tls-key"
        case maxBodyMiB = "max-body-mib"
        case bodyMemoryMiB = "body-memory-mib"
        case maxHeaderKiB = "max-header-kib"
        case headerFields = "header-fields"
        case headerTime = "header-time"
        case bodyTime = "body-time"
        case idleTime = "idle-time"
        case connections
        case requests
        case drain
    }

    enum Upstream: String, NamedCases {
        case flow
    }

    enum Flow: String, NamedCases {
        case baseURL = "base-url"
        case timeout
        case quietAfter = "quiet-after"
        case pollEvery = "poll-every"
        case probe
    }

    enum Tokens: String, NamedCases {
        case renewBefore = "renew-before"
        case commandTimeout = "command-timeout"
    }

    enum Alerts: String, NamedCases {
        case webhook
        case secretEnv = "secret-env"
        case secretFile = "secret-file"
        case secretCommand = "secret-command"
        case lowCredits = "low-credits"
        case tokenDays = "token-days"
    }

    enum Model: String, NamedCases {
        case id
        case title
        case endpoint
        case free
        case tierOne = "tier-one"
        case ultra
    }

    enum Offer: String, NamedCases {
        case key
        case credits
    }

    enum Account: String, NamedCases {
        case name
        case tier
        case tokenEnv = "token-env"
        case tokenFile = "token-file"
        case tokenCommand = "token-command"
        case expiresAt = "expires-at"
        case projectID = "project-id"
        case maxInFlight = "max-in-flight"
        case reserve
        case monthlyCredits = "monthly-credits"
        case renewsOn = "renews-on"
        case tags
        case offline
        case credits
    }
}
