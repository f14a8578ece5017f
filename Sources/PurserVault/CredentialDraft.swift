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
    /// When the token stops working, where that is known.
    package let expiresAt: Timestamp?
    /// A command line for `/bin/sh` that prints the next token.
    package let command: String?

    /// Throws `VaultError.unusableToken` unless the token is 1 to 4,096 visible ASCII characters, `unusable` unless there
    ///   is an origin, the header's name is one, its format has `{token}` exactly once, and the command
    ///   is one line of at most 4,096 bytes.
    package init(
        kind: CredentialKind = .bearer,
        token: consuming Secret,
        origins: [Origin],
        headerName: String = "Authorization",
        headerFormat: String = bearerFormat,
        expiresAt: Timestamp? = nil,
        command: String? = nil
    ) throws {
        let sendable = unsafe token.withBytes { unsafe OpenCredential.isSendable($0) }
        guard sendable else { throw VaultError.unusableToken }
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
        if let command { try Self.check(command) }
        self.kind = kind
        self.token = token
        self.origins = origins
        self.headerName = headerName
        self.headerFormat = headerFormat
        self.expiresAt = expiresAt
        self.command = command
    }

    /// What seals must be shown and run as it was written: no control character hides a second line.
    private static func check(_ command: String) throws {
        guard (1...4096).contains(command.utf8.count),
            command.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw VaultError.unusable(
                "a token-command is one line of 1 to 4096 bytes, without control characters"
            )
        }
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
    /// A command line for `/bin/sh` that prints the next token; an operator's own words, and no secret.
    package let command: String?
}
