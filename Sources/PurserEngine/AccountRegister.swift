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

    init(_ engine: Engine) {
        self.init(store: engine.store, actor: engine.actor, now: engine.ambient.now)
    }

    /// The account of that name.
    package func account(named name: String) async throws -> AccountOverview {
        guard let found = try await store.accounts().first(where: { $0.account.name == name })
        else { throw StoreError.noSuch("account", name) }
        return found
    }

    /// The account of that name; else the latest of the name that was removed, whose books stay, or the one of that
    /// ``Account/removedLabel``.
    package func accountOrRemoved(named name: String) async throws -> Account {
        do {
            return try await account(named: name).account
        } catch {
            let removed = try await store.removedAccounts().first {
                $0.name == name || $0.removedLabel == name
            }
            guard let removed else { throw error }
            return removed
        }
    }

    /// Refuses a name or settings that no account may be added under.
    ///
    /// What adds it checks again; this is for saying so before anybody types a secret.
    package func checkNew(_ name: String, settings: AccountSettings) async throws {
        guard Account.isName(name) else { throw EngineError.invalidName(name) }
        try Self.validate(settings)
        let isTaken = try await store.accounts().contains { $0.account.name == name }
        if isTaken { throw StoreError.nameTaken(name) }
    }

    // With `dryRun` a change is checked as it would be, and not written.

    /// Takes no more work; what runs goes on.
    ///
    /// An account that needs a fresh token takes none already, and must not lose the note of why.
    package func pause(_ account: Account, reason: String, dryRun: Bool = false) async throws {
        guard Self.isReason(reason) else {
            throw EngineError.invalidSetting(
                "--reason is one line of at most 200 characters, none of which hides or acts on a terminal"
            )
        }
        try Self.checkToken(of: account)
        if dryRun { return }
        try await change(
            account,
            AccountChange(state: .paused(reason: reason)),
            verb: "account.pause",
            reason
        )
    }

    /// Whether a text may stand in lists as the reason of a pause: one line of at most 200 characters, all of which show.
    package static func isReason(_ text: String) -> Bool {
        text.count <= 200 && !text.unicodeScalars.contains { $0.isTreacherous }
    }

    /// Takes work again.
    ///
    /// An account that needs a fresh token is not helped by it and stays as it is.
    package func resume(_ account: Account, dryRun: Bool = false) async throws {
        try Self.checkToken(of: account)
        if dryRun { return }
        try await change(account, AccountChange(state: .enabled), verb: "account.resume", "")
    }

    /// Changes settings or the name; what was not named stays, whoever changes it meanwhile.
    package func set(
        _ account: Account,
        name: String?,
        settings: SettingsChange,
        words: String,
        dryRun: Bool = false
    ) async throws {
        if let name {
            guard Account.isName(name) else { throw EngineError.invalidName(name) }
            let holder = try await store.accounts().first { $0.account.name == name }?.account.id
            if let holder, holder != account.id { throw StoreError.nameTaken(name) }
        }
        // The rules look at one setting each, so what is valid here is valid in the transaction.
        try Self.validate(settings.applied(to: account.settings))
        if dryRun { return }
        try await change(
            account,
            AccountChange(name: name, settings: settings),
            verb: "account.set",
            words
        )
    }

    /// Refuses a removal that would leave work without its account.
    package func checkRemovable(_ overview: AccountOverview) async throws {
        let account = overview.account
        if let held = overview.balance?.held, held > .zero {
            throw StoreError.accountBusy(name: account.name, what: "holds not decided")
        }
        let jobs = try await store.jobs(JobFilter(openOnly: true, accountID: account.id))
        if jobs.contains(where: \.state.isUnderWay) {
            throw StoreError.accountBusy(name: account.name, what: "jobs under way")
        }
        if overview.refundsDue > .zero {
            throw StoreError.accountBusy(name: account.name, what: "refunds due")
        }
    }

    private static func checkToken(of account: Account) throws(StoreError) {
        if case .needsRotation = account.state { throw .needsRotation(name: account.name) }
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
        guard settings.tags.count <= 32 else {
            throw .invalidSetting("--tag may be given 32 times at most")
        }
        if let tag = settings.tags.first(where: { !Account.isName($0) }) {
            throw .invalidSetting(
                "--tag: \(tag.prefix(80).debugDescription) is no tag: 1 to 64 letters, digits and . _ - are"
            )
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
