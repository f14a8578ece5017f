extension SandboxFault {
    /// The fault of this name: each row of the protocol's error table, and the ways to say nothing.
    ///
    /// - Throws: ``SandboxError/unknownPreset(_:)``.
    package init(preset name: String) throws {
        guard let fault = Self.presets[name] else { throw SandboxError.unknownPreset(name) }
        self = fault
    }

    /// Every preset by name.
    package static let presets: [String: SandboxFault] = {
        var presets: [String: SandboxFault] = [
            "html": .init(
                .answer,
                status: 403,
                body: forbiddenPage,
                contentType: "text/html; charset=UTF-8"
            ),
            "empty": .init(.answer, status: 200, body: "{}"),
            "malformed": .init(.malformed),
            "cut": .init(.cutBeforeCharge),
            "cut-after-charge": .init(.cutAfterCharge),
            "cut-body": .init(.cutBody),
            "omit-remaining": .init(.omitRemaining),
            "stale-credits": .init(.staleCredits),
            "fail-jobs": .init(.failJobs, reason: "PUBLIC_ERROR_HIGH_TRAFFIC"),
        ]
        for row in rows {
            presets[row.name] = .init(
                .answer,
                status: row.status,
                reason: row.reason.map { "PUBLIC_ERROR_" + $0 },
                message: row.message
            )
        }
        return presets
    }()

    private struct Row {
        let name: String
        let status: Int
        let reason: String?
        let message: String

        init(_ name: String, _ status: Int, _ reason: String?, _ message: String) {
            self.name = name
            self.status = status
            self.reason = reason
            self.message = message
        }
    }

    private static let invalid = "Request contains an invalid argument."
    private static let forbidden = "The caller does not have permission"
    private static let exhausted = "Resource has been exhausted (e.g. check quota)."
    private static let busy = "The service is currently unavailable."

    // In the order of the protocol's error table.
    private static let rows: [Row] = [
        .init("bad-request", 400, nil, invalid),
        .init("unsafe-generation", 400, "UNSAFE_GENERATION", invalid),
        .init("prominent-people", 400, "PROMINENT_PEOPLE_FILTER_FAILED", invalid),
        .init("minor-content", 400, "MINOR_FILTER_FAILED", invalid),
        .init("sexual", 400, "SEXUAL", invalid),
        .init("violence", 400, "VIOLENCE_FILTER_FAILED", invalid),
        .init("danger", 400, "DANGER_FILTER_FAILED", invalid),
        .init("ip-input-image", 400, "IP_INPUT_IMAGE", invalid),
        .init("audio-filtered", 400, "AUDIO_FILTERED", invalid),
        .init(
            "unauthorized",
            401,
            nil,
            "Request had invalid authentication credentials."
        ),
        .init("model-access-denied", 403, "MODEL_ACCESS_DENIED", forbidden),
        .init("permission-denied", 403, nil, forbidden),
        .init("unusual-activity", 403, "UNUSUAL_ACTIVITY", forbidden),
        .init("not-found", 404, nil, "Requested entity was not found."),
        .init("throttled", 429, "USER_REQUESTS_THROTTLED", exhausted),
        .init("daily-quota", 429, "PER_MODEL_DAILY_QUOTA_REACHED", exhausted),
        .init("quota-reached", 429, "USER_QUOTA_REACHED", exhausted),
        .init("workspace-quota", 429, "WORKSPACE_ACCOUNT_QUOTA_REACHED", exhausted),
        .init("concurrent-limit", 429, "CONCURRENT_LIMIT_REACHED", exhausted),
        .init("in-progress", 429, "GENERATION_ALREADY_IN_PROGRESS", exhausted),
        .init("too-much-traffic", 429, "UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC", exhausted),
        .init("high-traffic", 503, "HIGH_TRAFFIC", busy),
        .init("model-overloaded", 503, "MODEL_OVERLOADED", busy),
        .init("internal", 500, nil, "Internal error encountered."),
        .init("unavailable", 503, nil, busy),
        .init("region-disallowed", 403, "USER_REGION_DISALLOWED", forbidden),
        .init("user-minor", 403, "USER_MINOR", forbidden),
        .init("app-unavailable", 403, "APP_UNAVAILABLE", forbidden),
    ]

    private static let forbiddenPage = """
        <!DOCTYPE html>
        <html lang=en><title>Error 403 (Forbidden)!!1</title>
        <p><b>403.</b> <ins>That’s an error.</ins>
        <p>Your client does not have permission to get URL from this server.
        """
}

/// The faults that wait for their call.
struct FaultBoard: Sendable {
    private struct Armed {
        var fault: SandboxFault
        /// Each account's credits when the fault was armed, for a stale reading.
        let balances: [Int]
    }

    private var armed: [Armed] = []

    var faults: [SandboxFault] { armed.map(\.fault) }

    mutating func arm(_ fault: SandboxFault, balances: [Int]) {
        armed.append(Armed(fault: fault, balances: balances))
    }

    mutating func clear() {
        armed = []
    }

    /// Takes one strike of the oldest fault that matches the call; with it the balances it was armed at.
    ///
    /// A fault for jobs is only taken when `forJob` is set, every other only when it is not.
    mutating func take(
        scope: SandboxFault.Scope,
        path: String,
        account: String?,
        forJob: Bool = false
    ) -> (fault: SandboxFault, balances: [Int])? {
        let match = armed.firstIndex { entry in
            let fault = entry.fault
            return (fault.kind == .failJobs) == forJob
                && (fault.scope == .any || fault.scope == scope)
                && (fault.path.map { path.contains($0) } ?? true)
                && (fault.account == nil || fault.account == account)
        }
        guard let match else { return nil }
        let entry = armed[match]
        if let count = entry.fault.count {
            armed[match].fault.count = count - 1
            if count <= 1 { armed.remove(at: match) }
        }
        return (entry.fault, entry.balances)
    }
}
