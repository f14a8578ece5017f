import Foundation
import Testing

@testable import PurserCLI

/// Alerts as an operator and their receiver see them.
struct AlertTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func configure(
        _ home: CommandHome,
        port: Int,
        _ more: String = "secret-file = \"webhook.secret\""
    ) throws {
        try home.write(Self.secret + "\n", to: "webhook.secret")
        let path = home.folder + "/accounts.toml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let section = "[alerts]\nwebhook = \"http://127.0.0.1:\(port)/hook\"\n\(more)\n"
        try home.write(text + section, to: "accounts.toml")
    }

    @Test func `a test message is signed, from wherever the secret is read`() async throws {
        let sources = [
            "secret-file = \"webhook.secret\"", "secret-env = \"HOOK_SECRET\"",
            "secret-command = \"echo \(Self.secret)\"",
        ]
        for source in sources {
            try await withCommandHome { home in
                let receiver = try WebhookReceiver([204])
                defer { receiver.stop() }
                try configure(home, port: receiver.port, source)
                let home = home.with(["HOOK_SECRET": Self.secret])
                let result = try await home.json("alerts test")
                #expect(result["status"] as? Int == 204)
                let message = try #require(receiver.messages.first)
                #expect(message.header("webhook-id") == result["id"] as? String)
                #expect(message.header("content-type") == "application/json")
                #expect(message.head.hasPrefix("POST /hook HTTP/1.1\r\n"))
                #expect(message.body.contains(#""type":"purser.test""#))
                try checkSignature(of: message, in: home)
            }
        }
    }

    @Test func `what became of a test message is the exit status`() async throws {
        try await withCommandHome { home in
            let none = try await home.purser("alerts test", expecting: 78)
            #expect(none.messages.contains("no webhook is configured"))
            #expect(none.messages.contains("[alerts] webhook"))
            let receiver = try WebhookReceiver([500, 200])
            try configure(home, port: receiver.port)
            let refused = try await home.purser("alerts test", expecting: 82)
            #expect(refused.messages.contains("the webhook answered 500, not 2xx"))
            #expect(refused.messages.contains("the receiver failed"))
            let told = try await home.purser("alerts test")
            #expect(told.output.contains("the webhook answered 200"))
            receiver.stop()
            try await Task.sleep(for: .milliseconds(50))
            try await home.purser("alerts test", expecting: 84)
            try home.write("whsec_short", to: "webhook.secret")
            let bad = try await home.purser("alerts test", expecting: 78)
            #expect(bad.messages.contains("openssl rand -base64 32"))
            #expect(!bad.messages.contains("whsec_short"))
            try FileManager.default.removeItem(atPath: home.folder + "/webhook.secret")
            let gone = try await home.purser("alerts test", expecting: 74)
            #expect(gone.messages.contains("the secret of [alerts] webhook: "))
            let missing = try await home.purser("alerts list --limit 0", expecting: 64)
            #expect(missing.messages.contains("--limit"))
        }
    }

    @Test func `a gateway tells a receiver once, tries again, and tells no secret`() async throws {
        try await withCommandHome { home in
            let receiver = try WebhookReceiver([500, 200])
            defer { receiver.stop() }
            try configure(
                home,
                port: receiver.port,
                "secret-file = \"webhook.secret\"\nlow-credits = [1000]"
            )
            try await home.purser(
                "accounts add ultra-1 --tier ultra --token-stdin --expires-at 2026-11-22",
                input: CommandHome.ultraToken
            )
            let gateway = try home.process("serve --port 0 --log-format json")
            let errors = try #require(gateway.standardError as? Pipe)
            try gateway.run()
            // The end of the token is near or past, and the credits are few: two messages, one of them twice.
            try await receiver.until(3)
            try await untilDelivered(2, in: home)
            gateway.terminate()
            try await gateway.untilEnded()
            let said = String(
                decoding: errors.fileHandleForReading.availableData,
                as: UTF8.self
            )
            #expect(said.contains("an alert was raised"))

            let messages = receiver.messages
            #expect(messages.count == 3)
            #expect(Set(messages.map { $0.header("webhook-id") }).count == 2)
            for message in messages { try checkSignature(of: message, in: home) }
            let canary = Canary([Self.secret, String(Self.secret.dropFirst(6))])
            #expect(!canary.isIn(said + messages.map { $0.head + $0.body }.joined()))
            let types = Set(try messages.map { try type(of: $0) })
            #expect(types == ["account.token_expires", "account.low_credits"])

            // A gateway that starts again has nothing to tell.
            let again = try home.process("serve --port 0")
            try again.run()
            try await Task.sleep(for: .seconds(2))
            again.terminate()
            try await again.untilEnded()
            #expect(receiver.messages.count == 3)
        }
    }

    private func untilDelivered(_ count: Int, in home: CommandHome) async throws {
        for _ in 0..<100 {
            let alerts = try await home.json("alerts list --open")["alerts"] as? [[String: Any]]
            let delivered = alerts?.count { $0["delivery"] as? String == "delivered" }
            if delivered == count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("not delivered")
    }

    private func type(of message: WebhookReceiver.Message) throws -> String? {
        let json = try JSONSerialization.jsonObject(with: Data(message.body.utf8))
        return (json as? [String: Any])?["type"] as? String
    }

    /// As `Documentation/Alerts.md` has a receiver do it, with the openssl command.
    private func checkSignature(
        of message: WebhookReceiver.Message,
        in home: CommandHome
    ) throws {
        let openssl = "/usr/bin/openssl"
        guard FileManager.default.isExecutableFile(atPath: openssl) else { return }
        let id = try #require(message.header("webhook-id"))
        let time = try #require(message.header("webhook-timestamp"))
        try home.write(message.body, to: "body")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            key=$(printf %s "${secret#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
            { printf %s. "$id" "$time"; cat body; } |
                openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64
            """,
        ]
        process.environment = [
            "PATH": "/usr/bin:/bin", "secret": Self.secret, "id": id, "time": time,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: home.folder)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let code = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let signature = message.header("webhook-signature")
        #expect(signature == "v1," + code.trimmingCharacters(in: .newlines))
    }
}
