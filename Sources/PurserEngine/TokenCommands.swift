package import PurserCore
package import PurserVault

/// What runs token-commands: the composition root gives it, for the engine starts no process.
package struct TokenCommands: Sendable {
    /// Runs a command line and reads the token it prints; throws `TokenCommandError`.
    let run: @Sendable (String) async throws -> PrintedToken
    /// Runs `body` while nobody else who works in this home does so for the same account.
    let alone: @Sendable (AccountID, () async throws -> Void) async throws -> Void

    package init(
        run: @escaping @Sendable (String) async throws -> PrintedToken,
        alone: @escaping @Sendable (AccountID, () async throws -> Void) async throws -> Void
    ) {
        self.run = run
        self.alone = alone
    }
}

/// What a token-command printed.
package struct PrintedToken: ~Copyable, Sendable {
    package let token: Secret
    /// When it stops working, where the command said so.
    package let expiresAt: Timestamp?

    package init(token: consuming Secret, expiresAt: Timestamp?) {
        self.token = token
        self.expiresAt = expiresAt
    }

    /// The token to be sealed with the command that printed it.
    ///
    /// `expiresAt`: what counts where the command did not say.
    package consuming func draft(
        for origins: [Origin],
        expiresAt fallback: Timestamp?,
        command: String
    ) throws -> CredentialDraft {
        let end = expiresAt ?? fallback
        return try CredentialDraft(
            token: token,
            origins: origins,
            expiresAt: end,
            command: command
        )
    }
}

/// Why a token-command gave no token that can be used.
///
/// Never with a word of what it printed, on either stream: it may be the token.
package enum TokenCommandError: Failure {
    case notStarted(String)
    case failed(status: Int32, after: Duration)
    case timedOut(after: Duration)
    case tooLong(limit: Int)
    case unreadable(String)
    case expired
    case notFresh
    case tokenTaken
    /// Another process has been at it for longer than a command may take.
    case busy

    package var kind: FailureKind { .failed }

    package var message: String {
        switch self {
        case .notStarted(let reason): "the token-command could not be started: \(reason)"
        case .failed(let status, let span):
            "the token-command ended with status \(status) after \(span.milliseconds) ms"
        case .timedOut(let span):
            "the token-command was stopped after \(span.milliseconds / 1000) s"
        case .tooLong(let limit): "the token-command printed more than \(limit) bytes"
        case .unreadable(let what): "the token-command printed no token: \(what)"
        case .expired: "the token-command printed a token that has expired already"
        case .notFresh: "the token-command printed a token that the account had before"
        case .tokenTaken: "the token-command printed the token of another account"
        case .busy: "another process runs the token-command"
        }
    }

    package var hint: String? {
        switch self {
        case .busy: "try again"
        default: "run it by hand to see what it says; a token, or {\"token\": …, \"expires_at\": …}"
        }
    }
}
