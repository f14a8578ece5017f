import PurserCore
import PurserEngine
import PurserVault

extension Context {
    /// A token from where the options say, read straight into locked memory and sealed for the upstream of this run.
    ///
    /// Of a command, the expiry it prints counts more than `expiresAt`; it is sealed with its token.
    func credentialDraft(
        _ options: TokenOptions,
        prompt: ConsoleText,
        expiresAt: Timestamp?
    ) async throws -> CredentialDraft {
        if let expiresAt, expiresAt <= now {
            console.warning(
                "--expires-at lies in the past: the account takes no work with this token"
            )
        }
        if let command = options.tokenCommand {
            return try await draft(.command(command), expiresAt: expiresAt)
        }
        if let path = options.tokenFile {
            let place = Home.absolute(path, environment: surroundings.environment)
            return try await draft(.file(place), expiresAt: expiresAt)
        }
        let token = try Secret(capacity: Self.tokenCapacity) { buffer in
            options.tokenStdin
                ? try SecretInput.read(from: surroundings.standardInput, into: buffer)
                : try SecretInput.readPassphrase(prompt: prompt, into: buffer)
        }
        return try draft(token, expiresAt: expiresAt)
    }

    /// A token from where a file says it is; a command is run.
    func draft(_ source: TokenSource, expiresAt: Timestamp?) async throws -> CredentialDraft {
        switch source {
        case .command(let command):
            return try await tokenCommands.run(command).draft(
                for: [configuration.flow.baseURL],
                expiresAt: expiresAt,
                command: command
            )
        case .file(let path):
            let token = try Secret(capacity: Self.tokenCapacity) {
                try surroundings.readToken(path, into: $0)
            }
            return try draft(token, expiresAt: expiresAt)
        case .environment(let name):
            guard let value = surroundings.environment[name] else {
                throw CommandError.invalid(
                    "the environment variable \(name) is not set",
                    hint: "set it for this one command"
                )
            }
            return try draft(try Secret(copying: value.utf8), expiresAt: expiresAt)
        }
    }

    /// One byte more than a token may have tells a long one from one that was cut.
    private static let tokenCapacity = 4097

    private func draft(
        _ token: consuming Secret,
        expiresAt: Timestamp?
    ) throws -> CredentialDraft {
        try CredentialDraft(
            token: token,
            origins: [configuration.flow.baseURL],
            expiresAt: expiresAt
        )
    }
}
