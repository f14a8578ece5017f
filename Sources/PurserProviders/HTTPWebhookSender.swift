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
        case .notSent(let reason), .cut(let reason): .failed(reason)
        }
    }
}
