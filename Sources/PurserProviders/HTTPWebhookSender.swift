package import PurserCore

/// Sends webhooks by HTTP: once, without redirects, and waits for the answer for a bounded time.
package struct HTTPWebhookSender: WebhookSender {
    private let transport: HTTPTransport

    package init(version: String, timeout: Duration = .seconds(15)) {
        var settings = HTTPTransport.Settings()
        settings.timeout = timeout
        settings.answerLimit = 1 << 20
        settings.connections = 4
        transport = HTTPTransport(userAgent: "purser/\(version)", settings: settings)
    }

    /// Must be called before the last copy goes: open connections are closed.
    package func shutdown() async { await transport.shutdown() }

    package func post(
        _ body: [UInt8],
        headers: [(name: String, value: String)],
        to url: String
    ) async -> WebhookReply {
        switch await transport.send(to: url, headers: headers, body: Payload(body)) {
        case .reply(let reply): .status(reply.status)
        case .notSent(let reason), .cut(let reason): .failed(Self.hiding(url, in: reason))
        }
    }

    /// The address of a webhook is a secret to many receivers, and reasons are logged and kept.
    private static func hiding(_ url: String, in reason: String) -> String {
        let authority = url.split(separator: "/").dropFirst().first ?? ""
        let host =
            authority.first == "["
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host.isEmpty ? reason : reason.replacing(host, with: "the webhook")
    }
}
