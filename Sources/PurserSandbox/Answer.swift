import FoundationEssentials

/// What goes back over the connection, and whether all of it does.
struct Answer: Sendable {
    /// Where the connection is closed under the caller.
    enum Cut: Sendable {
        case beforeFirstByte
        case midBody
    }

    var status: Int
    var body: [UInt8]
    var contentType = "application/json; charset=UTF-8"
    var retryAfter: String?
    var delay: Duration = .zero
    var cut: Cut?

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// A JSON answer with sorted keys, so that the same state gives the same bytes.
    init(status: Int = 200, json: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(status: status, body: [UInt8](try encoder.encode(json)))
    }

    init(_ refusal: Refusal) throws {
        try self.init(status: refusal.code, json: ErrorAnswer(refusal))
    }

    init(_ fault: SandboxFault) throws {
        if let body = fault.body {
            self.init(status: fault.status, body: [UInt8](body.utf8))
        } else {
            var refusal = Refusal(fault.status, fault.message ?? "Error.", reason: fault.reason)
            refusal.reasonIndex = fault.reasonIndex
            try self.init(refusal)
        }
        contentType = fault.contentType
        retryAfter = fault.retryAfter
    }
}

/// A call the service turns down: what its error answer is made of.
struct Refusal: Error, Equatable {
    var code: Int
    var message: String
    var reason: String?
    var field: String?
    var reasonIndex = 0

    init(_ code: Int, _ message: String, reason: String? = nil, field: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
        self.field = field
    }

    static func invalid(_ description: String, field: String? = nil) -> Self {
        .init(400, description, field: field)
    }

    static let notFound = Self(404, "Requested entity was not found.")
    static let noBearer = Self(
        401,
        "Request is missing required authentication credential.",
        reason: "CREDENTIALS_MISSING"
    )
    static let deadBearer = Self(
        401,
        "Request had invalid authentication credentials.",
        reason: "ACCESS_TOKEN_EXPIRED"
    )
    static let wrongTier = Self(403, "The caller does not have permission")
    static let modelDenied = Self(
        403,
        "The caller does not have permission",
        reason: "PUBLIC_ERROR_MODEL_ACCESS_DENIED"
    )
    static let outOfCredits = Self(
        429,
        "Resource has been exhausted (e.g. check quota).",
        reason: "PUBLIC_ERROR_USER_QUOTA_REACHED"
    )
    static let tooManyJobs = Self(
        429,
        "Resource has been exhausted (e.g. check quota).",
        reason: "PUBLIC_ERROR_CONCURRENT_LIMIT_REACHED"
    )
}

/// The service's error body.
struct ErrorAnswer: Encodable {
    struct Violation: Encodable {
        let field: String
        let description: String
    }

    struct Detail: Encodable {
        var type: String
        var reason: String?
        var fieldViolations: [Violation]?
        var locale: String?
        var message: String?

        private enum CodingKeys: String, CodingKey {
            case type = "@type"
            case reason
            case fieldViolations
            case locale
            case message
        }
    }

    struct Body: Encodable {
        let code: Int
        let message: String
        let status: String
        let details: [Detail]?
    }

    let error: Body

    init(_ refusal: Refusal) {
        var details: [Detail] = (0..<max(0, refusal.reasonIndex)).map { _ in
            Detail(
                type: "type.googleapis.com/google.rpc.LocalizedMessage",
                locale: "en-US",
                message: refusal.message
            )
        }
        if let reason = refusal.reason {
            details.append(
                Detail(type: "type.googleapis.com/google.rpc.ErrorInfo", reason: reason)
            )
        }
        if let field = refusal.field {
            let violation = Violation(field: field, description: refusal.message)
            details.append(
                Detail(
                    type: "type.googleapis.com/google.rpc.BadRequest",
                    fieldViolations: [violation]
                )
            )
        }
        error = Body(
            code: refusal.code,
            message: refusal.message,
            status: Self.status(of: refusal.code),
            details: details.isEmpty ? nil : details
        )
    }

    private static func status(of code: Int) -> String {
        switch code {
        case 400: "INVALID_ARGUMENT"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 429: "RESOURCE_EXHAUSTED"
        case 500: "INTERNAL"
        case 503: "UNAVAILABLE"
        default: "UNKNOWN"
        }
    }
}
