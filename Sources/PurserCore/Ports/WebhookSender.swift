/// Sends messages to an address that an operator named.
package protocol WebhookSender: Sendable {
    /// Sends once, and follows no redirect.
    func post(
        _ body: [UInt8],
        headers: [(name: String, value: String)],
        to url: String
    ) async -> WebhookReply
}

/// What came of a message.
package enum WebhookReply: Sendable, Equatable {
    case status(Int)
    /// There was no answer, or none that could be read: why.
    case failed(String)
}
