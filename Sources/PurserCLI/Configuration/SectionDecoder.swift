import PurserCore
import TOMLKit

/// Turns the tables of a parsed file into values; what is wrong lands in `problems`.
struct SectionDecoder {
    let problems: ProblemList
    /// Makes a path of the file absolute.
    let absolute: (String) -> String

    func configuration(_ table: TOMLTable) -> Configuration {
        let root = TableReader<ConfigurationKeys.Root>(
            table,
            path: [],
            title: nil,
            problems: problems
        )
        let upstream = TableReader<ConfigurationKeys.Upstream>(
            root.table(.upstream),
            path: [.key("upstream")],
            title: "[upstream]",
            problems: problems
        )
        return Configuration(
            vault: vault(root.table(.vault)),
            routing: routing(root.table(.routing)),
            gateway: gateway(root.table(.gateway)),
            flow: flow(upstream.table(.flow)),
            tokens: tokens(root.table(.tokens)),
            alerts: alerts(root.table(.alerts)),
            models: models(root.tables(.models)),
            accounts: accounts(root.tables(.accounts))
        )
    }

    private func vault(_ table: TOMLTable) -> Configuration.Vault {
        let reader = TableReader<ConfigurationKeys.Vault>(
            table,
            path: [.key("vault")],
            title: "[vault]",
            problems: problems,
            secrets: SecretKeys(
                names: ["passphrase", "password", "key", "secret"],
                refusal: "a secret in clear is not accepted",
                hint: "name its source: passphrase-file, passphrase-command or key-file"
            )
        )
        return Configuration.Vault(
            key: one(
                of: [
                    (.passphraseFile, { .passphraseFile(absolute($0)) }),
                    (.passphraseCommand, KeySource.passphraseCommand),
                    (.keyFile, { .keyFile(absolute($0)) }),
                ],
                in: reader
            ),
            slot: reader.name(.slot)
        )
    }

    private func routing(_ table: TOMLTable) -> Configuration.Routing {
        let reader = TableReader<ConfigurationKeys.Routing>(
            table,
            path: [.key("routing")],
            title: "[routing]",
            problems: problems
        )
        var routing = Configuration.Routing()
        routing.policy = reader.choice(.policy, of: PolicyName.self) ?? routing.policy
        routing.wait = reader.duration(.wait, in: .zero ... .seconds(3600)) ?? routing.wait
        routing.queue = reader.integer(.queue, in: 0...100_000) ?? routing.queue
        routing.attempts = reader.integer(.attempts, in: 1...10) ?? routing.attempts
        routing.retryWithin =
            reader.duration(.retryWithin, in: .zero ... .seconds(3600)) ?? routing.retryWithin
        let price = reader.credits(.unknownModelPrice)
        if reader.bool(.allowUnknownModels) == true {
            routing.unknownModelPrice = price
            if !reader.has(.unknownModelPrice) {
                reader.note(
                    "needs \"unknown-model-price\"",
                    at: .allowUnknownModels,
                    hint: "name the credits to hold for a model the catalogue does not know"
                )
            }
        }
        return routing
    }

    private func flow(_ table: TOMLTable) -> Configuration.Flow {
        let reader = TableReader<ConfigurationKeys.Flow>(
            table,
            path: [.key("upstream"), .key("flow")],
            title: "[upstream.flow]",
            problems: problems
        )
        var flow = Configuration.Flow()
        if let text = reader.string(.baseURL) {
            do throws(RefusedAddress) {
                flow.baseURL = try Origin(upstream: text)
            } catch {
                reader.note(error.words, at: .baseURL, hint: error.hint)
            }
        }
        flow.timeout =
            reader.duration(.timeout, in: .seconds(1) ... .seconds(600)) ?? flow.timeout
        flow.quietAfter =
            reader.duration(.quietAfter, in: .seconds(1) ... .seconds(3600)) ?? flow.quietAfter
        flow.pollEvery =
            reader.duration(.pollEvery, in: .milliseconds(100) ... .seconds(600))
            ?? flow.pollEvery
        flow.probe = reader.bool(.probe) ?? flow.probe
        return flow
    }

    private func tokens(_ table: TOMLTable) -> Configuration.Tokens {
        let reader = TableReader<ConfigurationKeys.Tokens>(
            table,
            path: [.key("tokens")],
            title: "[tokens]",
            problems: problems
        )
        var tokens = Configuration.Tokens()
        tokens.renewBefore =
            reader.duration(.renewBefore, in: .zero ... .seconds(86_400)) ?? tokens.renewBefore
        tokens.commandTimeout =
            reader.duration(.commandTimeout, in: .seconds(1) ... .seconds(600))
            ?? tokens.commandTimeout
        return tokens
    }

    /// The one source that is given; a second is a problem.
    func one<Key, Source>(
        of choices: [(key: Key, source: (String) -> Source)],
        in reader: TableReader<Key>
    ) -> Source? {
        let given = choices.filter { reader.has($0.key) }
        for (key, _) in given.dropFirst() {
            reader.note(
                "stands beside \"\(given[0].key.rawValue)\"",
                at: key,
                hint: "give only one of them"
            )
        }
        guard let (key, source) = given.first else { return nil }
        return reader.string(key).map(source)
    }
}
