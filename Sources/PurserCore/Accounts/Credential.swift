/// What kind of secret a credential holds.
///
/// A second provider will use more than one.
package enum CredentialKind: String, Sendable {
    case bearer
    case refresh
    case apiKey = "api_key"
    case serviceAccount = "service_account"
}

/// A scheme, host and port that a credential may be sent to, and nowhere else.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    package let port: Int

    package init(scheme: String, host: String, port: Int) {
        self.scheme = scheme.lowercased()
        self.host = host.lowercased()
        self.port = port
    }

    /// Reads `https://host[:port]`; anything after the port is refused.
    package init?(_ text: String) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        var rest = text[separator.upperBound...]
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.isEmpty, !rest.contains(where: { "/?#@\\ ".contains($0) }) else { return nil }
        var port = scheme == "https" ? 443 : 80
        var host = rest
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65535).contains(number)
            else { return nil }
            port = number
            host = rest[..<colon]
        }
        guard !host.isEmpty else { return nil }
        self.init(scheme: scheme, host: String(host), port: port)
    }

    package var description: String { "\(scheme)://\(host):\(port)" }
}

/// A credential in clear, for the time of one scope.
///
/// It is a view of locked memory that `Vault.withOpenCredential` owns, so it can be lent but neither copied,
/// stored nor printed. The origins, header name and format were sealed together with the
/// token: who can write the database still cannot point a token at another host.
package struct OpenCredential: ~Copyable {
    package let accountID: AccountID
    package let version: UInt64
    package let kind: CredentialKind
    package let origins: [Origin]
    package let headerName: String
    /// The header's value with `{token}` where the token goes, such as `Bearer {token}`.
    package let headerFormat: String
    private let token: UnsafeRawBufferPointer

    /// `token` must stay valid for as long as the value lives; only the vault makes one.
    package init(
        accountID: AccountID,
        version: UInt64,
        kind: CredentialKind,
        origins: [Origin],
        headerName: String,
        headerFormat: String,
        token: UnsafeRawBufferPointer
    ) {
        self.accountID = accountID
        self.version = version
        self.kind = kind
        self.origins = origins
        self.headerName = headerName
        self.headerFormat = headerFormat
        self.token = token
    }

    /// The header to send to `origin`, or a refusal when the token was not sealed for it.
    ///
    /// The HTTP client needs a `String`, so from here on one ordinary copy exists until the request
    /// has been written. It must not be kept, logged or compared.
    package func header(
        for origin: Origin
    ) throws(CredentialError) -> (
        name: String, value: String
    ) {
        guard origins.contains(origin) else {
            throw .originNotAllowed(origin, allowed: origins)
        }
        let text = String(decoding: token, as: UTF8.self)
        guard Self.isSendable(token) else { throw .unsendable }
        return (headerName, headerFormat.replacing("{token}", with: text))
    }

    /// Lends the token's bytes, for `accounts reveal`.
    package func withTokenBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(token)
    }

    /// Whether the bytes can stand in a header: visible ASCII, 1 to 4,096 bytes (RFC 9110, 5.5).
    ///
    /// Checked at import and again at injection, so that no token can smuggle a second header.
    package static func isSendable(_ bytes: some Collection<UInt8>) -> Bool {
        (1...4096).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// Why a credential makes no header.
package enum CredentialError: Failure {
    case originNotAllowed(Origin, allowed: [Origin])
    case unsendable

    package var kind: FailureKind { .failed }

    package var message: String {
        switch self {
        case .originNotAllowed(let origin, let allowed):
            "the token was sealed for \(allowed.map(\.description).joined(separator: ", ")), not for \(origin)"
        case .unsendable:
            "the token holds bytes that cannot stand in a header"
        }
    }

    package var hint: String? {
        switch self {
        case .originNotAllowed:
            "set the upstream's base-url back, or rotate the token to seal it for the new upstream"
        case .unsendable:
            "rotate the account with a token of visible ASCII characters"
        }
    }
}
