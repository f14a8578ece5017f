import PurserCore
import TOMLKit

extension SectionDecoder {
    func alerts(_ table: TOMLTable) -> Configuration.Alerts {
        let reader = TableReader<ConfigurationKeys.Alerts>(
            table,
            path: [.key("alerts")],
            title: "[alerts]",
            problems: problems,
            secrets: SecretKeys(
                names: ["secret", "key", "signing-secret", "webhook-secret", "token", "password"],
                refusal: "a secret in clear is not accepted",
                hint: "name its source: secret-env, secret-file or secret-command"
            )
        )
        var alerts = Configuration.Alerts()
        alerts.webhook = webhook(reader)
        alerts.rule.lowCredits =
            reader.integers(.lowCredits, in: 1...Int(Credits.limit / 2), atMost: 8)
            ?? alerts.rule.lowCredits
        alerts.rule.tokenDays =
            reader.integers(.tokenDays, in: 1...366, atMost: 8) ?? alerts.rule.tokenDays
        return alerts
    }

    private func webhook(
        _ reader: TableReader<ConfigurationKeys.Alerts>
    ) -> Configuration.WebhookPlace? {
        let secret = source(
            .secretEnv,
            .secretFile,
            .secretCommand,
            of: "secret",
            in: reader
        )
        guard let text = reader.string(.webhook) else {
            if secret != nil, !reader.has(.webhook) {
                reader.note("names a secret and no \"webhook\"")
            }
            return nil
        }
        do throws(RefusedAddress) {
            try Origin.checkWebhook(text)
        } catch {
            reader.note(error.words, at: .webhook, hint: error.hint)
            return nil
        }
        guard let secret else {
            if ![.secretEnv, .secretFile, .secretCommand].contains(where: reader.has) {
                reader.note(
                    "needs a secret to sign messages with",
                    at: .webhook,
                    hint: "name its source: secret-env, secret-file or secret-command"
                )
            }
            return nil
        }
        return Configuration.WebhookPlace(url: text, secret: secret)
    }
}
