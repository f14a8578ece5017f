package import PurserCore

/// A credential to be sealed.
package struct CredentialDraft: ~Copyable, Sendable {
    /// The header most services want.
    package static let bearerFormat = "Bearer {token}"

    let kind: CredentialKind
    let token: Secret
    let origins: [Origin]
    let headerName: String
    let headerFormat: String
    let expiresAt: Timestamp?

    /// Throws `VaultError.unusable` unless the token is 1 to 4,096 visible ASCII characters, there is an
    ///   origin, the header's name is one, and its format has `{token}` exactly once.
    package init(
        kind: CredentialKind = .bearer,
        token: consuming Secret,
        origins: [Origin],
        headerName: String = "Authorization",
        headerFormat: String = bearerFormat,
        expiresAt: Timestamp? = nil
    ) throws {
        let sendable = unsafe token.withBytes { unsafe OpenCredential.isSendable($0) }
        guard sendable else {
            throw VaultError.unusable(
                "the token must be 1 to 4096 visible ASCII characters, without spaces"
            )
        }
        guard (1...16).contains(origins.count) else {
            throw VaultError.unusable("a credential needs 1 to 16 origins it may be sent to")
        }
        let separators = Set("\"(),/:;<=>?@[\\]{}".utf8)
        guard (1...64).contains(headerName.utf8.count),
            headerName.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !separators.contains($0) })
        else { throw VaultError.unusable("\(headerName) is no name of a header") }
        guard (1...256).contains(headerFormat.utf8.count),
            headerFormat.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            headerFormat.ranges(of: "{token}").count == 1
        else { throw VaultError.unusable("the header's format needs {token} once") }
        self.kind = kind
        self.token = token
        self.origins = origins
        self.headerName = headerName
        self.headerFormat = headerFormat
        self.expiresAt = expiresAt
    }
}

/// What is known of a credential's version without showing its token.
package struct CredentialVersion: Sendable, Equatable {
    package enum State: String, Sendable {
        case current
        /// Sealed and not yet in place.
        case staged
        /// The one before the current: a rollback puts it back.
        case previous
        /// Kept for jobs that began with it, until it is purged.
        case retired
    }

    package let version: UInt64
    package let state: State
    /// Sixteen hexadecimal digits; equal for equal tokens of one vault key, and telling nothing else.
    package let fingerprint: String
    package let expiresAt: Timestamp?
    package let addedAt: Timestamp
    /// Since when somebody who could read it should not know it any more: to be changed at the provider.
    package let exposedAt: Timestamp?
}
