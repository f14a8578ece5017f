import PurserCore

/// The service's error envelope: `{"error": {"code", "message", "status", "details": [{"reason"}]}}`.
struct FlowError: Equatable {
    let message: String
    /// Every `reason` in `details`, wherever it stands.
    let reasons: [String]

    /// `nil` unless the answer is an envelope; an HTML page is none.
    init?(_ answer: JSONValue?) {
        guard let error = answer?["error"], case .object = error,
            error["code"]?.integer != nil || error["status"]?.string != nil
                || error["message"]?.string != nil
        else { return nil }
        message = error["message"]?.string ?? error["status"]?.string ?? ""
        reasons = (error["details"]?.array ?? []).compactMap { $0["reason"]?.string }
    }

    /// What the reasons mean; the first that `rules` knows, in the order of the rules.
    var known: (cause: RefusalCause, reason: String)? { Self.known(reasons) }

    static func known(_ reasons: [String]) -> (cause: RefusalCause, reason: String)? {
        for rule in rules {
            if let reason = reasons.first(where: rule.matches) { return (rule.cause, reason) }
        }
        return nil
    }

    /// The message for people, with the reason behind it: one line, of bounded length.
    func text(reason: String?) -> String {
        let line = String(
            String.UnicodeScalarView(
                message.unicodeScalars.prefix(500).map {
                    $0.properties.generalCategory == .control ? " " : $0
                }
            )
        )
        guard let reason else { return line.isEmpty ? "no reason given" : line }
        return line.isEmpty ? reason : "\(line) (\(reason))"
    }
}

extension FlowError {
    /// One reason of the service's error table: `…_X` there ends so, `…_X…` has it inside.
    struct Rule: Sendable {
        let cause: RefusalCause
        let ending: String?
        let containing: String?

        static func ends(_ ending: String, _ cause: RefusalCause) -> Rule {
            Rule(cause: cause, ending: ending, containing: nil)
        }

        static func contains(_ part: String, _ cause: RefusalCause) -> Rule {
            Rule(cause: cause, ending: nil, containing: part)
        }

        func matches(_ reason: String) -> Bool {
            guard reason.hasPrefix("PUBLIC_ERROR_") else { return false }
            return ending.map(reason.hasSuffix) ?? containing.map(reason.contains) ?? false
        }
    }

    /// The more an account is concerned, the earlier: `USER_MINOR` is not content about a minor, and a
    /// call for a person outweighs one for patience.
    static let rules: [Rule] = [
        .ends("_USER_REGION_DISALLOWED", .accountUnusable),
        .ends("_USER_MINOR", .accountUnusable),
        .ends("_APP_UNAVAILABLE", .accountUnusable),
        .ends("_UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC", .tooMuchTraffic),
        // Also what it may be called next: to hop on after this one is what must never happen.
        .contains("_UNUSUAL_ACTIVITY", .unusualActivity),
        .ends("_UNSAFE_GENERATION", .moderation),
        .ends("_PROMINENT_PEOPLE_FILTER_FAILED", .moderation),
        .contains("_MINOR", .moderation),
        .ends("_SEXUAL", .moderation),
        .contains("_VIOLENCE", .moderation),
        .contains("_DANGER", .moderation),
        .ends("_IP_INPUT_IMAGE", .moderation),
        .ends("_AUDIO_FILTERED", .moderation),
        .ends("_MODEL_ACCESS_DENIED", .modelAccess),
        .contains("_PER_MODEL_DAILY_QUOTA_REACHED", .dailyModelQuota),
        .ends("_USER_QUOTA_REACHED", .outOfCredits),
        .ends("_WORKSPACE_ACCOUNT_QUOTA_REACHED", .outOfCredits),
        .ends("_CONCURRENT_LIMIT_REACHED", .concurrencyLimit),
        .ends("_GENERATION_ALREADY_IN_PROGRESS", .concurrencyLimit),
        .ends("_USER_REQUESTS_THROTTLED", .throttled),
        .ends("_HIGH_TRAFFIC", .serviceBusy),
        .ends("_MODEL_OVERLOADED", .serviceBusy),
    ]
}
