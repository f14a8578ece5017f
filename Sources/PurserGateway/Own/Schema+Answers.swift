import PurserEngine

extension OwnCall {
    /// What it answers.
    var answer: Schema {
        switch self {
        case .accounts:
            .object(
                ["accounts": .array(.named(.account)), "totals": .named(.account)],
                optional: ["totals"]
            )
        case .account: .named(.accountDetails)
        case .me, .member: .named(.memberDetails)
        case .members: .object(["members": .array(.named(.member))])
        case .jobs: .object(["jobs": .array(.named(.job)), "next": .nullable(.string)])
        case .job: .named(.jobDetails)
        case .credits:
            .object(
                ["spending": .array(.named(.spending)), "totals": .named(.spending)],
                optional: ["totals"]
            )
        case .forecast: .object(["forecast": .array(Schema.forecast)])
        case .route: Schema.route
        case .audit: .object(["audit": .array(Schema.auditLine), "next": .nullable(.string)])
        case .queue:
            .object([
                "waiting": .integer, "limit": .integer, "longest_wait_ms": .integer,
                "under_way": .integer, "free_slots": .integer,
                "forecast": .object([
                    "jobs": .integer, "low_ms": .nullable(.integer),
                    "expected_ms": .nullable(.integer), "high_ms": .nullable(.integer),
                ]),
            ])
        case .openAPI: .anyObject
        }
    }
}

extension Schema.Name {
    var schema: Schema {
        switch self {
        case .account: .account
        case .accountDetails: .accountDetails
        case .member: .member
        case .memberDetails: .memberDetails
        case .job: .job
        case .jobDetails: .jobDetails
        case .spending: .spending
        case .error: .error
        }
    }
}

// The fields are those of `--json`, which Documentation/CLI.md lists with what they mean.
extension Schema {
    fileprivate static let account = object([
        "name": .string, "tier": .nullable(.string), "state": .nullable(.string),
        "available": .nullable(.integer), "held": .nullable(.integer), "jobs": .integer,
        "left": .nullable(.integer), "renews_on": .nullable(.day),
        "token_expires_at": .nullable(.instant), "token_exposed_at": .nullable(.instant),
    ])

    fileprivate static let accountDetails = object([
        "id": .string, "name": .string, "tier": .string, "state": .string,
        "posted": .nullable(.integer), "held": .nullable(.integer),
        "available": .nullable(.integer), "unknown": .integer, "refunds_due": .integer,
        "drift": .nullable(.integer), "observed": .nullable(.integer),
        "observed_at": .nullable(.instant), "jobs": .integer, "max_in_flight": .integer,
        "reserve": .integer, "monthly_credits": .nullable(.integer),
        "renews_on": .nullable(.integer), "project_id": .nullable(.string),
        "tags": .array(.string), "credential_version": .integer,
        "token_expires_at": .nullable(.instant), "token_exposed_at": .nullable(.instant),
        "token_command": .boolean,
        "rests": .array(
            .object(["reason": .string, "until": .instant, "model": .nullable(.string)])
        ),
        "created_at": .instant,
    ])

    fileprivate static let member = object([
        "name": .string, "role": .string, "available": .nullable(.integer),
        "held": .nullable(.integer), "limits": .array(.string), "keys": .integer,
        "created_at": .instant, "revoked_at": .nullable(.instant),
    ])

    fileprivate static let memberDetails = object([
        "id": .string, "name": .string, "role": .string, "created_at": .instant,
        "revoked_at": .nullable(.instant), "available": .nullable(.integer),
        "held": .nullable(.integer), "tiers": .array(.string), "tags": .array(.string),
        "models": .array(.string),
        "limits": .array(
            .object([
                "window": .string, "cycle_day": .nullable(.integer), "credits": .integer,
                "warn_at": .nullable(.integer), "spent": .integer, "held": .integer,
                "left": .integer, "resets_at": .nullable(.instant), "warning": .boolean,
            ])
        ),
        "keys": .array(
            .object([
                "id": .string, "created_at": .instant, "expires_at": .nullable(.instant),
                "revoked_at": .nullable(.instant),
            ])
        ),
    ])

    fileprivate static let job = object([
        "id": .string, "operation": .string, "account": .string, "account_id": .string,
        "member": .string, "model_key": .string, "state": .string, "price": .integer,
        "refund": .string, "submitted_at": .instant,
    ])

    fileprivate static let jobDetails = object([
        "id": .string, "operation": .string, "shape": .string, "scene": .nullable(.string),
        "project": .nullable(.string), "account": .string, "account_id": .string,
        "member": .string, "submission": .string,
        "credential_version": .integer, "model": .string, "model_key": .string,
        "price": .integer, "state": .string, "submitted_at": .instant,
        "ended_at": .nullable(.instant), "failure": .nullable(.string),
        "media": .array(.string), "refund": .string,
    ])

    fileprivate static let spending = object(
        [
            "account": .string, "tier": .string, "member": .string, "model": .string,
            "day": .string, "week": .string, "month": .string, "videos": .integer,
            "charged": .integer, "refunded": .integer, "spent": .integer,
        ],
        // One or two of them are there: what the sums are grouped by.
        optional: Set(ReportKey.allCases.map(\.rawValue))
    )

    fileprivate static let forecast = object([
        "scope": .string, "name": .string, "tier": .nullable(.string), "result": .string,
        "available": .nullable(.integer), "unknown_balances": .integer,
        "history_days": .integer, "spending_days": .integer,
        "a_day_low": .nullable(.integer), "a_day_median": .nullable(.integer),
        "a_day_high": .nullable(.integer), "chance": .nullable(.integer),
        "runs_out_low": .nullable(.day), "runs_out_median": .nullable(.day),
        "runs_out_high": .nullable(.day), "renews_on": .nullable(.day),
        "unused_low": .nullable(.integer), "unused_median": .nullable(.integer),
        "unused_high": .nullable(.integer),
    ])

    fileprivate static let route = object([
        "call": .string, "models": .array(.string), "policy": .string,
        "accounts": .array(
            .object([
                "rank": .nullable(.integer), "account": .string, "tier": .string,
                "model_keys": .array(.string), "price": .nullable(.integer),
                "available": .nullable(.integer), "why": .string,
            ])
        ),
    ])

    fileprivate static let auditLine = object([
        "seq": .integer, "at": .instant, "actor": .string, "verb": .string, "subject": .string,
        "detail": .string,
    ])

    fileprivate static let error = object([
        "error": .object([
            "code": .integer, "message": .string, "status": .string,
            "details": .array(
                .object(["@type": .string, "reason": .string, "domain": .string])
            ),
        ])
    ])

    /// What `/readyz` answers.
    static let readiness = object(
        [
            "status": .string, "upstream": .string, "upstream_seen_at": .nullable(.instant),
            "reason": .string,
        ],
        optional: ["upstream", "upstream_seen_at", "reason"]
    )
}
