import PurserCore
import TOMLKit

extension SectionDecoder {
    func models(_ tables: [TOMLTable]) -> [ModelOverride] {
        var lineOfID: [String: Int] = [:]
        var ownerOfKey: [String: String] = [:]
        var entries: [ModelOverride] = []
        for (index, table) in tables.enumerated() {
            let reader = TableReader<ConfigurationKeys.Model>(
                table,
                path: [.key("models"), .index(index)],
                title: title("models", index, table["id"]?.string),
                problems: problems
            )
            guard let id = reader.required(.id, modelKey(.id, in: reader)) else { continue }
            if let line = lineOfID[id] {
                reader.note("\(quoted(id)) stands on line \(line) too", at: .id)
            }
            lineOfID[id] = lineOfID[id] ?? problems.line(of: reader.path + [.key("id")])
            let offers = offers(reader, id: id, ownerOfKey: &ownerOfKey)
            entries.append(
                ModelOverride(
                    id: ModelID(id),
                    title: reader.string(.title),
                    endpoint: endpoint(in: reader),
                    offers: offers
                )
            )
        }
        return entries
    }

    private func offers(
        _ model: TableReader<ConfigurationKeys.Model>,
        id: String,
        ownerOfKey: inout [String: String]
    ) -> [Tier: ModelOverride.Change] {
        let tiers: [(ConfigurationKeys.Model, Tier)] = [
            (.free, .free), (.tierOne, .tierOne), (.ultra, .ultra),
        ]
        var offers: [Tier: ModelOverride.Change] = [:]
        for (name, tier) in tiers where model.has(name) {
            let reader = TableReader<ConfigurationKeys.Offer>(
                model.table(name),
                path: model.path + [.key(name.rawValue)],
                title: "\(model.title ?? ""), \(name.rawValue)",
                problems: problems
            )
            let key = modelKey(.key, in: reader)
            if let key, let owner = ownerOfKey[key], owner != id {
                reader.note("\(quoted(key)) is a key of \(quoted(owner)) too", at: .key)
            }
            if let key { ownerOfKey[key] = ownerOfKey[key] ?? id }
            if !reader.has(.key), !reader.has(.credits) {
                reader.note("says nothing", hint: "write { key = \"…\", credits = 10 }")
            }
            offers[tier] = ModelOverride.Change(key: key, price: reader.credits(.credits))
        }
        return offers
    }

    func accounts(_ tables: [TOMLTable]) -> [Configuration.AccountEntry] {
        var lineOfName: [String: Int] = [:]
        var entries: [Configuration.AccountEntry] = []
        for (index, table) in tables.enumerated() {
            let reader = TableReader<ConfigurationKeys.Account>(
                table,
                path: [.key("accounts"), .index(index)],
                title: title("accounts", index, table["name"]?.string),
                problems: problems,
                secrets: SecretKeys(
                    names: ["token", "access-token", "bearer", "secret", "password", "cookie"],
                    refusal: "a token in clear is not accepted",
                    hint: "name its source: token-env, token-file or token-command"
                )
            )
            let name = reader.required(.name, reader.name(.name))
            if let name, let line = lineOfName[name] {
                reader.note("\(quoted(name)) stands on line \(line) too", at: .name)
            } else if let name {
                lineOfName[name] = problems.line(of: reader.path + [.key("name")])
            }
            if let entry = account(reader, name: name) { entries.append(entry) }
        }
        return entries
    }

    private func account(
        _ reader: TableReader<ConfigurationKeys.Account>,
        name: String?
    ) -> Configuration.AccountEntry? {
        let tier = reader.required(.tier, reader.choice(.tier, of: Tier.self))
        let settings = settings(reader)
        let token = token(reader)
        let expiresAt = reader.instant(.expiresAt)
        let isOffline = reader.bool(.offline) ?? false
        let credits = reader.credits(.credits)
        if isOffline, !reader.has(.credits) {
            reader.note(
                "needs \"credits\"",
                at: .offline,
                hint: "the service is not asked for the balance"
            )
        } else if !isOffline, reader.has(.credits) {
            reader.note(
                "is for \"offline = true\"",
                at: .credits,
                hint: "the service says the balance"
            )
        }
        guard let name, let tier else { return nil }
        return Configuration.AccountEntry(
            name: name,
            tier: tier,
            settings: settings,
            token: token,
            tokenExpiresAt: expiresAt,
            offlineCredits: isOffline ? credits : nil,
            line: problems.line(of: reader.path)
        )
    }

    private func settings(
        _ reader: TableReader<ConfigurationKeys.Account>
    ) -> AccountSettings {
        let project = reader.string(.projectID)
        if let project,
            project.utf8.count > 128 || !project.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            reader.note("is not a project id", at: .projectID)
        }
        return AccountSettings(
            projectID: project,
            maxInFlight: reader.integer(.maxInFlight, in: 1...1000)
                ?? AccountSettings.defaultMaxInFlight,
            reserve: reader.credits(.reserve) ?? .zero,
            monthlyCredits: reader.credits(.monthlyCredits),
            renewsOnDay: reader.integer(.renewsOn, in: 1...31),
            tags: reader.names(.tags, atMost: 32) ?? []
        )
    }

    private func token(_ reader: TableReader<ConfigurationKeys.Account>) -> TokenSource? {
        source(.tokenEnv, .tokenFile, .tokenCommand, of: "token", in: reader)
    }

    /// Where a secret is; no message repeats what the file says there, it might be the secret.
    func source<Key>(
        _ environment: Key,
        _ file: Key,
        _ command: Key,
        of secret: String,
        in reader: TableReader<Key>
    ) -> TokenSource? {
        let source = one(
            of: [
                (environment, TokenSource.environment),
                (file, { .file(absolute($0)) }),
                (command, TokenSource.command),
            ],
            in: reader
        )
        if case .environment(let variable) = source, !isVariableName(variable) {
            reader.note(
                "is not the name of an environment variable",
                at: environment,
                hint: "write the variable's name, not the \(secret)"
            )
        }
        return source
    }

    private func isVariableName(_ text: String) -> Bool {
        Account.isName(text) && !text.contains { $0 == "." || $0 == "-" }
            && text.first?.isNumber == false
    }

    private func modelKey<Key>(_ key: Key, in reader: TableReader<Key>) -> String? {
        guard let text = reader.string(key) else { return nil }
        let isKey = text.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ":") }
        guard isKey, text.utf8.count <= 128 else {
            reader.note("is \(quoted(text)), which is not a model key", at: key)
            return nil
        }
        return text
    }

    private func endpoint(in reader: TableReader<ConfigurationKeys.Model>) -> String? {
        guard let text = reader.string(.endpoint) else { return nil }
        let isPath = text.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy {
                Account.isName(String($0).replacing(":", with: ".")) && $0 != ".." && $0 != "."
            }
        guard isPath else {
            reader.note(
                "is \(quoted(text)), which is not a path after /v1/",
                at: .endpoint,
                hint: "video:batchAsyncGenerateVideoText, for example"
            )
            return nil
        }
        return text
    }

    private func title(_ array: String, _ index: Int, _ name: String?) -> String {
        "[[\(array)]] number \(index + 1)" + (name.map { " \(quoted($0))" } ?? "")
    }
}
