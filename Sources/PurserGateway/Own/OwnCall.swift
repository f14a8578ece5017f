import HTTPTypes
import PurserCore
import PurserEngine

/// A question that the gateway itself answers, under `/purser/v1/`; its raw value is the rest of its path.
///
/// The one table of what there is: who may ask, what may be asked, and what an answer looks like.
enum OwnCall: String, Sendable, CaseIterable {
    case accounts
    case account = "accounts/{name}"
    case me
    case members
    case member = "members/{name}"
    case jobs
    case job = "jobs/{id}"
    case credits
    case forecast = "forecast/credits"
    case route
    case audit
    case queue
    case openAPI = "openapi.json"

    static let prefix = "/purser/v1/"

    /// A parameter of the query.
    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let summary: String
    }

    /// The call of a path, and what stands in place of the name in it.
    static func at(_ path: some StringProtocol) -> (call: OwnCall, name: String?)? {
        guard path.hasPrefix(prefix) else { return nil }
        let parts = path.dropFirst(prefix.count)
            .split(separator: "/", omittingEmptySubsequences: false)
        for call in allCases {
            let pattern = call.rawValue.split(separator: "/")
            guard pattern.count == parts.count, pattern[0] == parts[0] else { continue }
            guard pattern.count == 2 else { return (call, nil) }
            if !pattern[1].hasPrefix("{") {
                guard pattern[1] == parts[1] else { continue }
                return (call, nil)
            }
            guard !parts[1].isEmpty else { return nil }
            return (call, String(parts[1]))
        }
        return nil
    }

    var path: String { Self.prefix + rawValue }
    var method: HTTPRequest.Method { self == .route ? .post : .get }

    /// One of these is needed; none, and no key is.
    var permissions: [Permission] {
        switch self {
        case .accounts, .account: [.readAccounts]
        case .me: [.ownCredits]
        case .members, .member: [.readMembers]
        case .jobs, .job: [.ownJobs, .allJobs]
        case .credits: [.ownCredits]
        case .forecast: [.allCredits]
        case .route: [.explainRoute]
        case .audit: [.readAudit]
        case .queue: [.readMetrics]
        case .openAPI: []
        }
    }

    /// Why it may be refused, a defect aside.
    var refusals: [Problem.Reason] {
        guard !permissions.isEmpty else { return [] }
        let always = Self.underKey + [.invalidRequest, .memberShare]
        return switch self {
        case .account, .member, .job, .jobs, .forecast: always + [.notFound]
        case .route: always + [.notFound, .timeout, .bodyTooLarge]
        case .accounts, .me, .members, .credits, .audit, .queue, .openAPI: always
        }
    }

    /// Why every call that needs a key may be refused.
    static let underKey: [Problem.Reason] = [
        .unauthenticated, .notAllowed, .busy, .storage, .vault,
    ]

    var summary: String {
        switch self {
        case .accounts: "The accounts with what is left on each"
        case .account: "Everything known of one account, never its token"
        case .me: "Whose key it is, with their limits"
        case .members: "The members with what is left of their budgets"
        case .member: "A member's keys, role and limits, and how far these are used up"
        case .jobs: "Jobs, the newest first; without all-jobs one's own"
        case .job: "Everything known of one job"
        case .credits: "Who spent what; without all-credits what was spent for oneself"
        case .forecast: "When credits run out and what lapses unused, as ranges"
        case .route: "Which account would serve a request, and why; sends nothing"
        case .audit: "The audit trail, in order"
        case .queue: "How many requests wait for an account, and how long another would"
        case .openAPI: "This document"
        }
    }

    var parameters: [Parameter] {
        switch self {
        case .accounts:
            [Parameter(name: "tag", schema: .string, summary: "Only accounts with this tag")]
        case .jobs:
            [
                Parameter(name: "open", schema: .boolean, summary: "Only jobs that have not ended"),
                Parameter(name: "account", schema: .string, summary: "Only this account's jobs"),
                Parameter(
                    name: "member",
                    schema: .string,
                    summary: "Only this member's jobs; needs all-jobs"
                ),
            ] + Self.paging
        case .credits:
            [
                Parameter(
                    name: "by",
                    schema: .string,
                    summary: "What sums are grouped by, account unless told: one or two of "
                        + ReportKey.allCases.map(\.rawValue).joined(separator: ", ")
                        + ", such as day,model"
                )
            ] + Self.span
        case .forecast: Self.whatIf
        case .route:
            [
                Parameter(
                    name: "path",
                    schema: .string,
                    summary: "The service's call, where neither the body nor its model tells"
                ),
                Parameter(name: "account", schema: .string, summary: "This account and no other"),
                Parameter(
                    name: "member",
                    schema: .string,
                    summary:
                        "Within what this member may use and spend; nobody's limits unless told"
                ),
            ]
        case .audit:
            Self.span + [
                Parameter(name: "actor", schema: .string, summary: "Only what this one did"),
                Parameter(
                    name: "verb",
                    schema: .string,
                    summary: "Only this, such as account.rotate; account. for all of accounts"
                ),
            ] + Self.paging
        case .account, .me, .members, .member, .job, .queue, .openAPI: []
        }
    }

    private static let paging = [
        Parameter(
            name: "limit",
            schema: .count(1...mostRows),
            summary: "At most so many, the newest; \(usualRows) unless told"
        ),
        Parameter(
            name: "cursor",
            schema: .string,
            summary: "The next of the answer before: goes on behind it"
        ),
    ]
    private static let whatIf = [
        Parameter(
            name: "horizon",
            schema: .count(CreditForecast.horizons),
            summary: "Days to look ahead; 60 unless told"
        ),
        Parameter(
            name: "without",
            schema: .string,
            summary: "As if these accounts were gone: names with commas between"
        ),
        Parameter(
            name: "add",
            schema: .string,
            summary: "As if there were one more of each of these tiers, at most "
                + "\(ForecastChanges.mostAdded): ultra,ultra"
        ),
        Parameter(
            name: "plan",
            schema: .integer,
            summary: "What an added account is granted each month; only with add"
        ),
        Parameter(
            name: "demand",
            schema: .count(-100...900),
            summary: "As if so many per cent more were asked for"
        ),
    ]
    private static let span = [
        Parameter(name: "from", schema: .day, summary: "From this day on (UTC)"),
        Parameter(name: "to", schema: .day, summary: "To this day, included (UTC)"),
    ]

    static let mostRows = 1000
    static let usualRows = 50
}
