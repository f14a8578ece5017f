import PurserCore
import PurserSandbox
import Testing

/// The service's error table as a test reads it: what each answer must lead to.
struct TableRow: Sendable, CustomTestStringConvertible {
    enum Next: Sendable {
        /// The answer goes to the caller, and nobody else is asked.
        case givenBack
        case another
        /// The same account, two seconds later.
        case later
        /// Nobody knows whether it was charged.
        case unknown
    }

    enum Standing: Sendable {
        case enabled
        case paused
        case needsRotation
    }

    enum Scope: Sendable {
        case account
        case model
        case everyone
    }

    struct Resting: Sendable {
        let reason: RestReason
        let scope: Scope
        /// `nil`: until the next midnight.
        let span: Duration?
    }

    /// The sandbox's name for the answer.
    let preset: String
    let next: Next
    var resting: Resting?
    var standing = Standing.enabled
    /// What the books say of it.
    let evidence: String
    /// Whether a repeat under the same key gets this very answer.
    var isKept = false

    var testDescription: String { preset }
}

extension TableRow {
    static let all = mistakes + content + account + limits + service + unknown

    private static let mistakes: [TableRow] = [
        .init(preset: "bad-request", next: .givenBack, evidence: "400 bad_request", isKept: true),
        .init(preset: "not-found", next: .givenBack, evidence: "404 not_found", isKept: true),
    ]

    private static let content: [TableRow] = [
        ("unsafe-generation", "UNSAFE_GENERATION"),
        ("prominent-people", "PROMINENT_PEOPLE_FILTER_FAILED"),
        ("minor-content", "MINOR_FILTER_FAILED"), ("sexual", "SEXUAL"),
        ("violence", "VIOLENCE_FILTER_FAILED"), ("danger", "DANGER_FILTER_FAILED"),
        ("ip-input-image", "IP_INPUT_IMAGE"), ("audio-filtered", "AUDIO_FILTERED"),
    ].map { preset, reason in
        .init(
            preset: preset,
            next: .givenBack,
            evidence: "400 PUBLIC_ERROR_\(reason)",
            isKept: true
        )
    }

    private static let account: [TableRow] = [
        .init(
            preset: "unauthorized",
            next: .another,
            standing: .needsRotation,
            evidence: "401 token_dead"
        ),
        .init(
            preset: "model-access-denied",
            next: .another,
            evidence: "403 PUBLIC_ERROR_MODEL_ACCESS_DENIED"
        ),
        .init(preset: "permission-denied", next: .another, evidence: "403 model_access"),
        .init(
            preset: "unusual-activity",
            next: .givenBack,
            standing: .paused,
            evidence: "403 PUBLIC_ERROR_UNUSUAL_ACTIVITY"
        ),
        .init(
            preset: "region-disallowed",
            next: .givenBack,
            standing: .paused,
            evidence: "403 PUBLIC_ERROR_USER_REGION_DISALLOWED"
        ),
        .init(
            preset: "user-minor",
            next: .givenBack,
            standing: .paused,
            evidence: "403 PUBLIC_ERROR_USER_MINOR"
        ),
        .init(
            preset: "app-unavailable",
            next: .givenBack,
            standing: .paused,
            evidence: "403 PUBLIC_ERROR_APP_UNAVAILABLE"
        ),
    ]

    private static let limits: [TableRow] = [
        limit("throttled", "USER_REQUESTS_THROTTLED", .throttled, .seconds(60)),
        limit("daily-quota", "PER_MODEL_DAILY_QUOTA_REACHED", .dailyModelQuota, nil, .model),
        limit("quota-reached", "USER_QUOTA_REACHED", .outOfCredits, .seconds(900)),
        limit("workspace-quota", "WORKSPACE_ACCOUNT_QUOTA_REACHED", .outOfCredits, .seconds(900)),
        limit("concurrent-limit", "CONCURRENT_LIMIT_REACHED", .concurrencyLimit, .seconds(15)),
        limit("in-progress", "GENERATION_ALREADY_IN_PROGRESS", .concurrencyLimit, .seconds(15)),
        .init(
            preset: "too-much-traffic",
            next: .givenBack,
            resting: .init(reason: .tooMuchTraffic, scope: .everyone, span: .seconds(60)),
            evidence: "429 PUBLIC_ERROR_UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC"
        ),
        .init(
            preset: "html",
            next: .givenBack,
            resting: .init(reason: .networkRefused, scope: .everyone, span: .seconds(60)),
            evidence: "403 network_refused"
        ),
    ]

    private static let service: [TableRow] = [
        .init(preset: "high-traffic", next: .later, evidence: "503 PUBLIC_ERROR_HIGH_TRAFFIC"),
        .init(
            preset: "model-overloaded",
            next: .later,
            evidence: "503 PUBLIC_ERROR_MODEL_OVERLOADED"
        ),
    ]

    /// A failure that tells no reason may have come after the charge, whatever its status.
    private static let unknown: [TableRow] = [
        ("internal", "the service answered 500"), ("unavailable", "the service answered 503"),
        ("empty", "the answer names neither a job nor a medium"),
        ("malformed", "the answer could not be read"), ("cut", ""), ("cut-after-charge", ""),
        ("cut-body", ""),
    ].map { .init(preset: $0, next: .unknown, evidence: $1) }

    private static func limit(
        _ preset: String,
        _ reason: String,
        _ rest: RestReason,
        _ span: Duration?,
        _ scope: Scope = .account
    ) -> TableRow {
        TableRow(
            preset: preset,
            next: .another,
            resting: Resting(reason: rest, scope: scope, span: span),
            evidence: "429 PUBLIC_ERROR_\(reason)"
        )
    }
}
