/// A departure from the service's good behaviour, armed for the next calls that match it.
///
/// Every fault may also delay (`delaySeconds`); the charge is then taken at once and the answer waits.
package struct SandboxFault: Codable, Equatable, Sendable {
    /// What happens to the matching call.
    package enum Kind: String, Codable, Sendable {
        /// This answer instead of the call: an error from `status`, `reason`, `message`, or `body` as it is.
        case answer
        /// Nothing but the delay.
        case delay
        /// The connection closes without a byte of answer; nothing was done.
        case cutBeforeCharge
        /// The connection closes without a byte of answer; jobs exist and were charged.
        case cutAfterCharge
        /// The connection closes in the middle of the answer's body; jobs exist and were charged.
        case cutBody
        /// A complete answer whose JSON breaks off in the middle; jobs exist and were charged.
        case malformed
        /// The answer to a charged submission, or to a status query, without `remainingCredits`.
        case omitRemaining
        /// `GET /v1/credits` answers the balance of the moment the fault was armed, or `credits`.
        case staleCredits
        /// The jobs made next end as `state` with `reason`; `count` counts jobs.
        case failJobs
    }

    /// Which calls a fault is for.
    package enum Scope: String, Codable, Sendable {
        case submit
        case status
        case credits
        case upload
        case cancel
        case any
    }

    package var kind: Kind
    package var scope: Scope
    /// A part of the path that must occur in it.
    package var path: String?
    /// The label of the only account it strikes; a call without a valid bearer has none.
    package var account: String?
    /// How often it strikes; nil is until it is cleared.
    package var count: Int?
    package var delaySeconds: Double
    package var status: Int
    package var reason: String?
    package var message: String?
    /// How many other elements stand before the reason in `details`.
    package var reasonIndex: Int
    /// The `Retry-After` header as it is sent.
    package var retryAfter: String?
    package var body: String?
    package var contentType: String
    /// How a job fails: `FAILED` or `FILTERED`.
    package var state: String
    package var credits: Int?

    /// A fault that strikes the next call in scope: submissions, or credits for a stale reading.
    package init(
        _ kind: Kind,
        scope: Scope? = nil,
        path: String? = nil,
        account: String? = nil,
        count: Int? = 1,
        delaySeconds: Double = 0,
        status: Int = 500,
        reason: String? = nil,
        message: String? = nil,
        reasonIndex: Int = 0,
        retryAfter: String? = nil,
        body: String? = nil,
        contentType: String = "application/json; charset=UTF-8",
        state: String = "FAILED",
        credits: Int? = nil
    ) {
        self.kind = kind
        self.scope = scope ?? (path != nil ? .any : kind == .staleCredits ? .credits : .submit)
        self.path = path
        self.account = account
        self.count = count
        self.delaySeconds = delaySeconds
        self.status = status
        self.reason = reason
        self.message = message
        self.reasonIndex = reasonIndex
        self.retryAfter = retryAfter
        self.body = body
        self.contentType = contentType
        self.state = state
        self.credits = credits
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case preset
        case kind
        case scope = "on"
        case path
        case account
        case count
        case delaySeconds
        case status
        case reason
        case message
        case reasonIndex
        case retryAfter
        case body
        case contentType
        case state
        case credits
    }

    /// Reads a control call: a `preset` by name, the fields beside it going over the preset's.
    package init(from decoder: any Decoder) throws {
        let keys = try StrictKeys(decoder, CodingKeys.self)
        let preset: String? = try keys.optional(.preset)
        let base = try preset.map { try Self(preset: $0) } ?? Self(.answer)
        let kind: Kind? = try keys.optional(.kind)
        let status: Int? = try keys.optional(.status)
        guard preset != nil || kind != nil || status != nil else {
            throw SandboxError.invalidControl("say a preset, a kind or a status")
        }
        let count: Int = try keys.value(.count, or: 1)
        self.init(
            kind ?? base.kind,
            scope: try keys.optional(.scope),
            path: try keys.optional(.path),
            account: try keys.optional(.account),
            count: count == 0 ? nil : count,
            delaySeconds: try keys.value(.delaySeconds, or: base.delaySeconds),
            status: status ?? base.status,
            reason: try keys.optional(.reason) ?? base.reason,
            message: try keys.optional(.message) ?? base.message,
            reasonIndex: try keys.value(.reasonIndex, or: 0),
            retryAfter: try keys.optional(.retryAfter).map { (header: HeaderText) in header.text },
            body: try keys.optional(.body) ?? base.body,
            contentType: try keys.value(.contentType, or: base.contentType),
            state: try keys.value(.state, or: base.state),
            credits: try keys.optional(.credits)
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(scope, forKey: .scope)
        try container.encodeIfPresent(path, forKey: .path)
        try container.encodeIfPresent(account, forKey: .account)
        try container.encode(count ?? 0, forKey: .count)
        try container.encode(delaySeconds, forKey: .delaySeconds)
        try container.encode(status, forKey: .status)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(message, forKey: .message)
        try container.encode(reasonIndex, forKey: .reasonIndex)
        try container.encodeIfPresent(retryAfter, forKey: .retryAfter)
        try container.encodeIfPresent(body, forKey: .body)
        try container.encode(contentType, forKey: .contentType)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(credits, forKey: .credits)
    }
}

/// A header given as a number or as text.
private struct HeaderText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}
