import PurserCore
import PurserEngine
import PurserVault
import Synchronization

/// Brings a home to what the `[[accounts]]` of a file say.
///
/// What fails of one account is that account's; the others go on.
struct AccountImporter {
    let context: Context
    let engine: Engine

    init(_ context: Context, _ engine: Engine) {
        self.context = context
        self.engine = engine
    }

    /// How many are asked and sealed before they are written, in one transaction.
    private static let batch = 64

    /// Adds accounts: their tokens are read and tried side by side, and written in batches.
    func add(
        _ entries: [Configuration.AccountEntry],
        done: @escaping @Sendable () -> Void = {}
    ) async throws -> [Result<Account, any Error>] {
        var results: [Result<Account, any Error>] = []
        for start in stride(from: 0, to: entries.count, by: Self.batch) {
            let batch = Array(entries[start..<min(start + Self.batch, entries.count)])
            let taken = try await AccountDesk(engine).taken()
            let prepared = await sideBySide(batch, width: engine.settings.refreshWidth) { entry in
                let prepared = await prepare(entry, against: taken)
                done()
                return prepared
            }
            results += await put(prepared)
        }
        return results
    }

    private func prepare(
        _ entry: Configuration.AccountEntry,
        against taken: Taken
    ) async -> Result<AccountDesk.Prepared, any Error> {
        do {
            guard let source = entry.token else {
                throw CommandError.invalid(
                    "\(entry.name) has no token-env, token-file or token-command",
                    hint: "name where its token is, or add it with purser accounts add"
                )
            }
            let token = try await context.draft(source, expiresAt: entry.tokenExpiresAt)
            return .success(
                try await AccountDesk(engine).prepare(
                    name: entry.name,
                    opening: isAsked(entry)
                        ? .asking(said: entry.tier)
                        : .told(tier: entry.tier, credits: entry.offlineCredits),
                    token: token,
                    settings: entry.settings,
                    expiresAt: token.expiresAt,
                    against: taken
                )
            )
        } catch {
            return .failure(error)
        }
    }

    /// Whether the service says what the account is.
    private func isAsked(_ entry: Configuration.AccountEntry) -> Bool {
        context.configuration.flow.probe && entry.offlineCredits == nil
    }

    /// All together; where one of them makes that impossible, one by one.
    private func put(
        _ prepared: [Result<AccountDesk.Prepared, any Error>]
    ) async -> [Result<Account, any Error>] {
        let ready = prepared.compactMap { try? $0.get() }
        let together = ready.isEmpty ? false : (try? await AccountDesk(engine).put(ready)) != nil
        var results: [Result<Account, any Error>] = []
        for one in prepared {
            do {
                let one = try one.get()
                if !together { try await AccountDesk(engine).put([one]) }
                results.append(.success(one.added.account))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    // MARK: Carrying out a plan

    /// Does what a plan says, and answers it with what failed.
    func carryOut(_ plan: ImportPlan) async throws -> ImportPlan {
        var done = plan
        let work = plan.steps.indices.filter {
            plan.steps[$0].action != .unchanged && plan.steps[$0].action != .keep
        }
        let count = Mutex(0)
        let console = context.console
        @Sendable func tick() {
            let finished = count.withLock { count in
                count += 1
                return count
            }
            console.progress("imported \(finished) of \(work.count) accounts", isCount: true)
        }
        let new = work.filter { plan.steps[$0].action == .add }
        let results = try await add(new.compactMap { plan.steps[$0].entry }, done: tick)
        for (index, result) in zip(new, results) {
            if case .failure(let error) = result {
                done.steps[index].failure = ImportFailure(error)
            }
        }
        // What is taken away comes last, and one after another: then nothing that is left needs its name or token.
        let changed = work.filter { plan.steps[$0].action != .add && plan.steps[$0].entry != nil }
        let removed = work.filter { plan.steps[$0].entry == nil }
        for (indices, width) in [(changed, engine.settings.refreshWidth), (removed, 1)] {
            let failures = await sideBySide(indices.map { plan.steps[$0] }, width: width) {
                let failure = await self.failure(of: $0)
                tick()
                return failure
            }
            for (index, failure) in zip(indices, failures) { done.steps[index].failure = failure }
        }
        console.endProgress()
        return done
    }

    private func failure(of step: ImportPlan.Step) async -> ImportFailure? {
        do {
            try await carryOut(step)
            return nil
        } catch {
            return ImportFailure(error)
        }
    }

    private func carryOut(_ step: ImportPlan.Step) async throws {
        guard let overview = step.account else { return }
        guard let entry = step.entry else {
            try await context.register.checkRemovable(overview)
            return try await AccountDesk(engine).remove(overview.account)
        }
        var account = overview.account
        if entry.tier != account.tier { account = try await correctTier(of: account, entry) }
        if entry.settings != account.settings {
            try await context.register.set(
                account,
                name: nil,
                settings: entry.settings.asChange,
                words: entry.settings.changes(from: account.settings).map(\.words)
                    .joined(separator: ", ")
            )
        }
        guard step.rotates, let source = entry.token else { return }
        let token = try await context.draft(source, expiresAt: entry.tokenExpiresAt)
        _ = try await AccountDesk(engine).rotate(
            account,
            to: token,
            probing: isAsked(entry),
            expiresAt: token.expiresAt,
            keepingToken: true
        )
    }

    /// The service's word decides, where it is asked; else the file's.
    private func correctTier(
        of account: Account,
        _ entry: Configuration.AccountEntry
    ) async throws -> Account {
        var corrected = account
        guard isAsked(entry) else {
            let words = "tier \(account.tier.rawValue) → \(entry.tier.rawValue)"
            let record = AuditRecord(
                actor: context.actor,
                verb: "account.set",
                subject: account.name,
                detail: words
            )
            try await context.store.updateAccount(
                account.id,
                AccountChange(tier: entry.tier),
                audit: record,
                at: context.now
            )
            corrected.tier = entry.tier
            return corrected
        }
        for refreshed in await AccountDesk(engine).refresh([account]) {
            _ = try refreshed.result.get()
        }
        corrected = try await context.register.account(named: account.name).account
        guard corrected.tier == entry.tier else {
            throw EngineError.tierDiffers(
                account: account.name,
                said: entry.tier,
                read: corrected.tier.wireName
            )
        }
        return corrected
    }
}

/// What went wrong with one account of many.
struct ImportFailure: Failure {
    let kind: FailureKind
    let message: String
    let hint: String?

    init(_ error: any Error) {
        let failure = error as? any Failure
        kind = failure?.kind ?? .failed
        message = failure?.message ?? "\(error)"
        hint = failure?.hint
    }
}
