import Logging
import PurserCore
import PurserVault

/// Lends tokens to the service, and takes up a fresh one where that helps: one that somebody put in place meanwhile,
/// or one that the account's token-command prints.
struct TokenDesk: Sendable {
    private let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    /// Lends the token in place: renewed first where it nears its end, and once more where the service refused it and
    /// there is a fresh one.
    ///
    /// A refusal of a token that is no longer in place says nothing of the account; one of the token in place takes the
    /// account out of use until a rotation.
    func lend<Value: Sendable>(
        of account: Account,
        isRefused: (Value) -> Bool,
        _ use: (borrowing OpenCredential) async throws -> Value
    ) async throws -> Value {
        await renewIfDue(account)
        var used: UInt64 = 0
        let first = try await engine.keyring.withCredential(of: account.id, version: nil) {
            credential in
            used = credential.version
            return try await use(credential)
        }
        guard isRefused(first) else { return first }
        let replacement = await replacement(of: account.id, refused: used)
        guard case .success(let version) = replacement else {
            await noteDead(account.id, version: used, replacement)
            return first
        }
        let second = try await engine.keyring.withCredential(
            of: account.id,
            version: version,
            use
        )
        if isRefused(second) { await noteDead(account.id, version: version, replacement) }
        return second
    }

    /// Why there is no token to try after one that was refused.
    enum NoReplacement: Error {
        /// An operator gives this account's tokens.
        case none
        /// It failed a while ago, and is not run again yet.
        case waits
        case failed(any Error)
    }

    /// The version to try after the service refused `version`.
    func replacement(
        of account: AccountID,
        refused version: UInt64
    ) async -> Result<UInt64, NoReplacement> {
        do {
            return .success(try await renew(account) { $0.version == version })
        } catch let reason as NoReplacement {
            return .failure(reason)
        } catch {
            return .failure(.failed(error))
        }
    }

    /// Has the account's command print the next token where the one in place nears its end.
    ///
    /// A failure is noted with the account; the token in place may still do.
    func renewIfDue(_ account: Account) async {
        let now = engine.ambient.now()
        let margin = engine.settings.renewBefore
        guard let command = account.tokenCommand, command.mayRun(at: now),
            let expiresAt = account.tokenExpiresAt, expiresAt - now <= margin
        else { return }
        _ = try? await renew(account.id) {
            TokenCommand.isDue(
                expiresAt: $0.expiresAt,
                addedAt: $0.addedAt,
                margin: margin,
                at: now
            )
        }
    }

    // MARK: Renewing

    /// Has the command print a token if `isWanted` says so of the version in place; answers the version then in place.
    ///
    /// One process at a time: whoever waited looks again, and finds what the other put in place.
    private func renew(
        _ account: AccountID,
        if isWanted: (CredentialVersion) -> Bool
    ) async throws -> UInt64 {
        let current = try await current(account)
        guard isWanted(current) else { return current.version }
        guard current.command != nil, let commands = engine.tokenCommands else {
            throw NoReplacement.none
        }
        try await commands.alone(account) {
            let current = try await self.current(account)
            guard isWanted(current), let command = current.command else { return }
            try await fetch(command, in: commands, replacing: current, of: account)
        }
        let after = try await self.current(account)
        guard !isWanted(after) else { throw NoReplacement.waits }
        return after.version
    }

    private func current(_ account: AccountID) async throws -> CredentialVersion {
        let contents = try await engine.keyring.contents()
        return try contents.current(of: account)
    }

    private func fetch(
        _ command: String,
        in commands: TokenCommands,
        replacing current: CredentialVersion,
        of id: AccountID
    ) async throws {
        guard let account = try await engine.store.account(id), let fare = account.tokenCommand
        else { throw NoReplacement.none }
        guard fare.mayRun(at: engine.ambient.now()) else { throw NoReplacement.waits }
        do {
            try await place(try await commands.run(command), replacing: current, of: account)
        } catch is Overtaken {
            return
        } catch let error as TokenCommandError {
            try await noteFailure(of: account, fare, error)
            throw error
        }
    }

    /// Somebody rotated the account while the command ran: theirs is in place.
    private struct Overtaken: Error {}

    /// Not probed: the call that needs the token is its probe, and the version before stays for a rollback.
    private func place(
        _ printed: consuming PrintedToken,
        replacing old: CredentialVersion,
        of account: Account
    ) async throws {
        let now = engine.ambient.now()
        let expiresAt = printed.expiresAt
        if let expiresAt, expiresAt <= now { throw TokenCommandError.expired }
        let draft = try Self.successor(
            printed.token,
            expiresAt,
            of: account.id,
            in: try await engine.keyring.contents()
        )
        var version: UInt64 = 0
        try await engine.keyring.commit { contents in
            guard try contents.currentVersion(of: account.id) == old.version else {
                throw Overtaken()
            }
            if let holder = try contents.holders()[draft.fingerprint(in: contents.vault)] {
                throw holder == account.id
                    ? TokenCommandError.notFresh : TokenCommandError.tokenTaken
            }
            let change = try contents.stageAndPlace(draft, for: account.id, now: now)
            version = change.version
            return change.change
        } apply: { change in
            try await engine.store.placeCredential(
                account.id,
                version: version,
                expiresAt: expiresAt,
                hasCommand: true,
                vault: change,
                audit: record("account.rotate", account, "version \(version)"),
                at: now
            )
        }
    }

    /// What no header can hold is a failure of the command that printed it.
    private static func successor(
        _ token: consuming Secret,
        _ expiresAt: Timestamp?,
        of account: AccountID,
        in contents: VaultContents
    ) throws -> CredentialDraft {
        do {
            return try contents.successor(of: account, token: token, expiresAt: expiresAt)
        } catch VaultError.unusableToken {
            throw TokenCommandError.unreadable(VaultError.unusableToken.message)
        }
    }

    // MARK: Notes

    private func record(_ verb: String, _ account: Account, _ detail: String) -> AuditRecord {
        AuditRecord(
            actor: Actor("token-command"),
            verb: verb,
            subject: account.name,
            detail: detail
        )
    }

    private func noteFailure(
        of account: Account,
        _ fare: TokenCommand,
        _ error: any Error
    ) async throws {
        let now = engine.ambient.now()
        try await engine.store.updateAccount(
            account.id,
            AccountChange(tokenCommand: fare.failing(at: now)),
            audit: record("account.token_command", account, Self.words(of: error)),
            at: now
        )
    }

    private static func words(of error: any Error) -> String {
        (error as? any Failure)?.message ?? "the token-command failed"
    }

    /// Says which account's token the service refused; the store ignores what is out of date.
    func noteDead(
        _ account: AccountID,
        version: UInt64,
        _ replacement: Result<UInt64, NoReplacement>
    ) async {
        guard let reason = Self.reason(replacement) else { return }
        await markDead(account, version: version, reason: reason)
    }

    /// Takes the account out of use if that version is still the one in place.
    func markDead(_ account: AccountID, version: UInt64, reason: String) async {
        do {
            try await engine.store.markTokenDead(
                account,
                version: version,
                reason: reason,
                by: engine.actor,
                at: engine.ambient.now()
            )
        } catch {
            engine.logger.warning(
                "a dead token could not be noted",
                metadata: ["account.id": "\(account)"]
            )
        }
    }

    /// What is worth saying beyond what the caller makes of the refusal; nothing without a command, or where it is not
    /// the command that failed.
    private static func reason(_ replacement: Result<UInt64, NoReplacement>) -> String? {
        let refused = AccountState.tokenRefused
        return switch replacement {
        case .success: "\(refused), nor the fresh one"
        case .failure(.waits):
            "\(refused); its token-command failed, and rests before it is run again"
        case .failure(.failed(TokenCommandError.busy)): nil
        case .failure(.failed(let error as TokenCommandError)): "\(refused); \(words(of: error))"
        case .failure(.none), .failure(.failed): nil
        }
    }
}
