package import PurserCore

/// Changes of accounts that need no token, and so no open vault.
package struct AccountRegister: Sendable {
    private let store: any Store
    private let actor: Actor
    private let now: @Sendable () -> Timestamp

    package init(store: any Store, actor: Actor, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.actor = actor
        self.now = now
    }

    /// The account of that name.
    package func account(named name: String) async throws -> AccountOverview {
        guard let found = try await store.accounts().first(where: { $0.account.name == name })
        else { throw StoreError.noSuch("account", name) }
        return found
    }

    /// Takes no more work; what runs goes on.
    package func pause(_ account: Account, reason: String) async throws {
        try await change(
            account,
            AccountChange(state: .paused(reason: reason)),
            verb: "account.pause",
            reason
        )
    }

    /// Takes work again.
    ///
    /// An account that needs a fresh token is not helped by it and stays as it is.
    package func resume(_ account: Account) async throws {
        if case .needsRotation = account.state {
            throw EngineError.invalidSetting("\(account.name) needs a fresh token, not a resume")
        }
        try await change(account, AccountChange(state: .enabled), verb: "account.resume", "")
    }

    /// Changes settings or the name.
    package func set(
        _ account: Account,
        name: String?,
        settings: AccountSettings,
        words: String
    ) async throws {
        if let name, !AccountDesk.isName(name) { throw EngineError.invalidName(name) }
        try Self.validate(settings)
        try await change(
            account,
            AccountChange(name: name, settings: settings),
            verb: "account.set",
            words
        )
    }

    package static func validate(_ settings: AccountSettings) throws(EngineError) {
        guard (1...1000).contains(settings.maxInFlight) else {
            throw .invalidSetting("--max-in-flight lies between 1 and 1000")
        }
        guard settings.reserve >= .zero else {
            throw .invalidSetting("--reserve cannot be negative")
        }
        if let monthly = settings.monthlyCredits, monthly < .zero {
            throw .invalidSetting("--monthly-credits cannot be negative")
        }
        if let day = settings.renewsOnDay, !(1...31).contains(day) {
            throw .invalidSetting("--renews-on is a day of the month, 1 to 31")
        }
    }

    private func change(
        _ account: Account,
        _ change: AccountChange,
        verb: String,
        _ detail: String
    ) async throws {
        let record = AuditRecord(actor: actor, verb: verb, subject: account.name, detail: detail)
        try await store.updateAccount(account.id, change, audit: record, at: now())
    }
}
