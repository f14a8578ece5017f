import PurserCore
import PurserEngine
import PurserGateway
import Testing

@testable import PurserCLI

struct ConfigurationTests {
    private func read(_ text: String) throws -> Configuration {
        try Configuration(
            bytes: Array(text.utf8),
            file: "/etc/purser/accounts.toml",
            environment: Environment(["HOME": "/srv/ada"])
        )
    }

    @Test func `an empty file and none mean the same`() throws {
        #expect(try read("") == .default)
        #expect(try read("# nothing\n[vault]\n[upstream.flow]\n") == .default)
        #expect(
            Configuration.default.flow.baseURL.description
                == "https://aisandbox-pa.googleapis.com:443"
        )
    }

    @Test func `every setting is read`() throws {
        let configuration = try read(
            """
            [vault]
            passphrase-file = "pass"
            slot = "server"
            [routing]
            policy = "least-busy"
            wait = "500ms"
            attempts = 1
            retry-within = "90s"
            allow-unknown-models = true
            unknown-model-price = 0
            [gateway]
            host = "0.0.0.0"
            port = 443
            tls-certificate = "~/c.pem"
            tls-key = "k.pem"
            [upstream.flow]
            base-url = "http://127.0.0.1:8080"
            timeout = "1m"
            quiet-after = "2m"
            poll-every = "2s"
            probe = false
            """
        )
        #expect(configuration.vault.key == .passphraseFile("/etc/purser/pass"))
        #expect(configuration.vault.slot == "server")
        #expect(configuration.routing.policy == .leastBusy)
        #expect(configuration.routing.wait == .milliseconds(500))
        #expect(configuration.routing.attempts == 1)
        #expect(configuration.routing.retryWithin == .seconds(90))
        #expect(configuration.routing.unknownModelPrice == .zero)
        #expect(configuration.gateway.port == 443)
        #expect(
            configuration.gateway.tls
                == .init(certificateFile: "/srv/ada/c.pem", keyFile: "/etc/purser/k.pem")
        )
        #expect(configuration.flow.baseURL == Origin(scheme: "http", host: "127.0.0.1", port: 8080))
        #expect(configuration.flow.timeout == .seconds(60))
        #expect(configuration.flow.quietAfter == .seconds(120))
        #expect(configuration.flow.pollEvery == .seconds(2))
        #expect(!configuration.flow.probe)
    }

    @Test func `an account is read whole`() throws {
        let account = try #require(
            try read(
                """
                [[accounts]]
                name = "pro-2"
                tier = "tier-one"
                token-env = "PRO_2"
                expires-at = 2026-12-31T23:59:59.5+02:00
                project-id = "p-1"
                max-in-flight = 2
                reserve = 5
                monthly-credits = 1000
                renews-on = 31
                tags = ["a", "b", "a"]
                offline = true
                credits = 900
                """
            ).accounts.first
        )
        let settings = AccountSettings(
            projectID: "p-1",
            maxInFlight: 2,
            reserve: Credits(unchecked: 5),
            monthlyCredits: Credits(unchecked: 1000),
            renewsOnDay: 31,
            tags: ["a", "b"]
        )
        #expect(account.name == "pro-2")
        #expect(account.tier == .tierOne)
        #expect(account.settings == settings)
        #expect(account.token == .environment("PRO_2"))
        #expect(account.tokenExpiresAt == Timestamp(iso8601: "2026-12-31T21:59:59.5Z"))
        #expect(account.offlineCredits == Credits(unchecked: 900))
        #expect(account.line == 1)
    }

    @Test func `an account needs a name and a tier only, and keeps the defaults`() throws {
        let account = try #require(
            try read("\n[[accounts]]\nname = \"a\"\ntier = \"free\"\n").accounts.first
        )
        #expect(account.settings == AccountSettings())
        #expect(account.token == nil)
        #expect(account.line == 2)
    }

    @Test func `models say keys and prices by tier`() throws {
        let models = try read(
            """
            [[models]]
            id = "veo_x"
            title = "X"
            endpoint = "video:batchAsyncGenerateVideoText"
            tier-one = { key = "veo_x", credits = 20 }
            [models.ultra]
            credits = 10
            """
        ).models
        #expect(
            models == [
                ModelOverride(
                    id: ModelID("veo_x"),
                    title: "X",
                    endpoint: "video:batchAsyncGenerateVideoText",
                    offers: [
                        .tierOne: .init(key: "veo_x", price: Credits(unchecked: 20)),
                        .ultra: .init(key: nil, price: Credits(unchecked: 10)),
                    ]
                )
            ]
        )
    }

    @Test(arguments: [
        ("https://example.org", true), ("https://EXAMPLE.org:8443/", true),
        ("http://127.0.0.1:80", true), ("http://127.8.0.255", true), ("http://localhost:1", true),
        ("http://[::1]:9", true), ("http://example.org", false),
        ("http://127.0.0.1.evil.org", false),
        ("http://127.0.0.256", false), ("http://127.1", false), ("http://10.0.0.1", false),
        ("http://localhost.evil.org", false), ("http://+127.0.0.1", false),
        ("https://a@b", false), ("https://a/b", false), ("https://", false), ("ftp://a", false),
        ("https://a\u{1B}b", false), ("https://a b", false), ("https://a:0", false),
        ("https://ex\u{E4}mple.org", false), ("example.org", false),
        ("http://127.0.0.1@evil", false),
    ])
    func `tokens go over https, or to this machine`(text: String, isAccepted: Bool) {
        #expect(((try? Origin(upstream: text)) != nil) == isAccepted)
    }
}
