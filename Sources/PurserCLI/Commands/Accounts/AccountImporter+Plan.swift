import PurserCore
import PurserEngine
import PurserVault

extension AccountImporter {
    /// Compares a file with the home.
    ///
    /// Tokens that lie in the environment or in files are read and compared by fingerprint; of a token-command the
    /// words are compared, and it is not run. Everything that cannot be done is thrown at once, with its line.
    func plan(
        _ entries: [Configuration.AccountEntry],
        file: String,
        prune: Bool
    ) async throws
        -> ImportPlan
    {
        let contents = try await engine.keyring.contents()
        let overviews = try await context.store.accounts()
        let accounts = Dictionary(uniqueKeysWithValues: overviews.map { ($0.account.name, $0) })
        var tokens = SeenTokens(
            names: Dictionary(
                uniqueKeysWithValues: overviews.map { ($0.account.id, $0.account.name) }
            ),
            holders: try contents.holders()
        )
        var problems: [ConfigurationProblem] = []
        var steps: [ImportPlan.Step] = []
        for entry in entries {
            do {
                let account = accounts[entry.name]
                let fingerprint = try await fingerprint(
                    of: entry,
                    isNew: account == nil,
                    under: contents.vault
                )
                try tokens.take(fingerprint, for: entry.name)
                steps.append(try step(entry, account, fingerprint, contents))
            } catch {
                problems.append(Self.problem(error, with: entry, in: file))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError.invalid(problems) }
        let named = Set(entries.map(\.name))
        steps += overviews.filter { !named.contains($0.account.name) }.map {
            ImportPlan.Step(
                name: $0.account.name,
                action: prune ? .remove : .keep,
                changes: [],
                entry: nil,
                account: $0
            )
        }
        return ImportPlan(steps: steps)
    }

    /// The fingerprint of a token that lies somewhere; `nil`, it is made by a command, or is to stay as it is.
    ///
    /// An account that is in place does not need its source: a token is given once, the file is imported often.
    private func fingerprint(
        of entry: Configuration.AccountEntry,
        isNew: Bool,
        under vault: Vault
    ) async throws -> String? {
        switch entry.token {
        case nil:
            guard !isNew else {
                throw CommandError.invalid(
                    "has no token-env, token-file or token-command",
                    hint: "name where its token is, or add it with purser accounts add"
                )
            }
            return nil
        case .command: return nil
        case .environment(let name) where !isNew && context.surroundings.environment[name] == nil:
            context.console.note("\(entry.name): \(name) is not set, its token stays")
            return nil
        case .file(let path) where !isNew && !fileExists(path):
            context.console.note("\(entry.name): \(path) is not there, its token stays")
            return nil
        case .some(let source):
            let draft = try await context.draft(source, expiresAt: nil)
            return draft.fingerprint(in: vault)
        }
    }

    private func step(
        _ entry: Configuration.AccountEntry,
        _ overview: AccountOverview?,
        _ fingerprint: String?,
        _ contents: VaultContents
    ) throws -> ImportPlan.Step {
        var changes: [ImportPlan.Change] = []
        if let account = overview?.account {
            if account.tier != entry.tier {
                changes.append(
                    .init(
                        setting: "tier",
                        old: account.tier.rawValue,
                        new: entry.tier.rawValue
                    )
                )
            }
            changes += entry.settings.changes(from: account.settings)
            let current = try contents.current(of: account.id)
            changes += try Self.changes(to: entry, fingerprint, from: current)
        }
        return ImportPlan.Step(
            name: entry.name,
            action: overview == nil ? .add : changes.isEmpty ? .unchanged : .change,
            changes: changes,
            entry: entry,
            account: overview
        )
    }

    private static func changes(
        to entry: Configuration.AccountEntry,
        _ fingerprint: String?,
        from current: CredentialVersion
    ) throws -> [ImportPlan.Change] {
        if case .command(let command) = entry.token {
            guard current.command != command else { return [] }
            return [.init(setting: "token-command", old: current.command, new: command)]
        }
        let endsElsewhere =
            entry.tokenExpiresAt != nil && current.command == nil
            && entry.tokenExpiresAt != current.expiresAt
        guard let fingerprint else {
            if endsElsewhere, entry.token == nil {
                throw CommandError.invalid(
                    "\"expires-at\" is sealed with the token and differs",
                    hint: "name where the token is"
                )
            }
            return []
        }
        var changes: [ImportPlan.Change] = []
        if fingerprint != current.fingerprint {
            changes.append(.init(setting: "token", old: current.fingerprint, new: fingerprint))
        }
        if let command = current.command {
            changes.append(.init(setting: "token-command", old: command, new: nil))
        }
        if endsElsewhere {
            changes.append(
                .init(
                    setting: "expires-at",
                    old: current.expiresAt?.iso8601,
                    new: entry.tokenExpiresAt?.iso8601
                )
            )
        }
        return changes
    }

    private static func problem(
        _ error: any Error,
        with entry: Configuration.AccountEntry,
        in file: String
    ) -> ConfigurationProblem {
        let failure = ImportFailure(error)
        return ConfigurationProblem(
            file: file,
            line: entry.line,
            table: "[[accounts]] \(quoted(entry.name))",
            text: failure.message,
            hint: failure.hint
        )
    }
}

/// Whose each token is, in the home and in the file so far: one subscription is one account.
private struct SeenTokens {
    let names: [AccountID: String]
    let holders: [String: AccountID]
    private var inFile: [String: String] = [:]

    init(names: [AccountID: String], holders: [String: AccountID]) {
        self.names = names
        self.holders = holders
    }

    mutating func take(_ fingerprint: String?, for name: String) throws {
        guard let fingerprint else { return }
        let holder = holders[fingerprint].map { names[$0] ?? $0.description }
        if let other = inFile[fingerprint] ?? holder, other != name {
            throw EngineError.tokenTaken(by: other)
        }
        inFile[fingerprint] = name
    }
}
