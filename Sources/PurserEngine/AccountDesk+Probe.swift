import Logging
package import PurserCore
import PurserVault

extension AccountDesk {
    func record(_ verb: String, _ subject: String, _ detail: String = "") -> AuditRecord {
        AuditRecord(actor: engine.actor, verb: verb, subject: subject, detail: detail)
    }

    func resolve(
        _ opening: OpeningSource,
        _ id: AccountID,
        _ name: String,
        _ token: borrowing CredentialDraft
    ) async throws -> (Tier, Credits?, CreditsReading?) {
        switch opening {
        case .told(let tier, let credits): return (tier, credits, nil)
        case .asking(let said):
            let reading = try await probe(token, id)
            // The check refuses a reading without a tier we know.
            let tier = try Self.check(reading, said: said, name: name)
            return (tier, reading.credits, reading)
        }
    }

    func probe(
        _ token: borrowing CredentialDraft,
        _ id: AccountID
    ) async throws -> CreditsReading {
        try await token.withOpenCredential(for: id) { credential in
            try await engine.provider.credits(with: credential)
        }
    }

    /// The tier of a reading, if it is not another one than was said.
    ///
    /// A tier this program does not know counts as the lowest: paying too little attention beats guessing a plan.
    @discardableResult
    static func check(
        _ reading: CreditsReading?,
        said: Tier?,
        name: String
    ) throws(EngineError) -> Tier {
        guard let tierName = reading?.tierName else {
            guard let said else { throw .tierNeeded }
            return said
        }
        let read = reading?.tier ?? .free
        if let said, said != read {
            throw .tierDiffers(account: name, said: said, read: tierName)
        }
        return read
    }

    @discardableResult
    func observe(_ id: AccountID, _ reading: CreditsReading) async throws -> Reconciliation {
        try await engine.store.observe(
            id,
            reading: reading,
            operation: engine.ambient.newID(),
            at: engine.ambient.now()
        )
    }

    // MARK: Refresh

    package struct Refreshed: Sendable {
        package let account: Account
        package let result: Result<(CreditsReading, Reconciliation), any Error>
    }

    /// Reads balances from the service, side by side, and books what the books allow.
    ///
    /// One account's failure is that account's; a balance that could not be read stays what it was. Results come in the
    /// order of `accounts`; `progress` hears of each as it is done.
    package func refresh(
        _ accounts: [Account],
        progress: @escaping @Sendable (Refreshed) -> Void = { _ in }
    ) async -> [Refreshed] {
        await sideBySide(accounts, width: engine.settings.refreshWidth, progress: progress) {
            await refreshOne($0)
        }
    }

    private func refreshOne(_ account: Account) async -> Refreshed {
        do {
            let reading = try await TokenDesk(engine).lend(of: account, isRefused: \.isTokenDead) {
                credential in
                do throws(ProviderFailure) {
                    return Result<CreditsReading, ProviderFailure>
                        .success(try await engine.provider.credits(with: credential))
                } catch {
                    return .failure(error)
                }
            }.get()
            let reconciliation = try await observe(account.id, reading)
            return Refreshed(account: account, result: .success((reading, reconciliation)))
        } catch {
            await noteSuspicion(of: account, error)
            return Refreshed(account: account, result: .failure(error))
        }
    }

    /// Reads balances for the books' sake alone; a failure is a line in the log.
    func readAgain(_ accounts: [Account]) async {
        for refreshed in await refresh(accounts) {
            guard case .failure(let error) = refreshed.result else { continue }
            engine.logger.warning(
                "a balance could not be read",
                metadata: ["account.name": "\(refreshed.account.name)", "error": "\(error)"]
            )
        }
    }

    /// The same for accounts by id; those that are gone are left out.
    func readAgain(_ ids: Set<AccountID>) async {
        do {
            var accounts: [Account] = []
            for id in ids.sorted() {
                if let account = try await engine.store.account(id) { accounts.append(account) }
            }
            await readAgain(accounts)
        } catch {
            engine.logger.warning("accounts could not be read", metadata: ["error": "\(error)"])
        }
    }

    /// Says that a reading was refused in a way that concerns the account; one such word decides nothing yet.
    private func noteSuspicion(of account: Account, _ error: any Error) async {
        guard case ProviderFailure.refused(let refusal) = error,
            let state = refusal.cause.state(refusal.reason ?? refusal.message)
        else { return }
        do {
            let isOut = try await engine.store.suspect(
                account.id,
                state,
                version: account.credentialVersion,
                by: engine.actor,
                at: engine.ambient.now()
            )
            engine.logger.warning(
                isOut ? "an account was taken out of use" : "a reading was refused once",
                metadata: ["account.name": "\(account.name)", "reason": "\(refusal.message)"]
            )
        } catch {
            engine.logger.warning(
                "a refused reading could not be noted",
                metadata: ["account.name": "\(account.name)"]
            )
        }
    }
}

extension Result where Failure == ProviderFailure {
    /// Whether the service refused the token: a 401.
    var isTokenDead: Bool {
        if case .failure(.refused(let refusal)) = self {
            refusal.cause == .tokenDead
        } else {
            false
        }
    }
}
