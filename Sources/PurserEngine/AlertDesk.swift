package import Logging
package import PurserCore
package import PurserVault

/// Where alerts are sent, and what they are signed with.
package struct Webhook: Sendable {
    /// It may be a secret of its own: no message and no log line shows it.
    package let url: String
    package let key: WebhookKey

    package init(url: String, key: WebhookKey) {
        self.url = url
        self.key = key
    }
}

/// Raises alerts and has their messages delivered: each once, again and again until the receiver has it.
///
/// Several may work on one home: what was raised, and who delivers it now, is in the store.
package struct AlertDesk: Sendable {
    /// How often it looks what holds, and what is to be sent.
    package static let judgeEvery = Duration.seconds(5)
    package static let deliverEvery = Duration.seconds(1)
    /// For so long a message that was taken is nobody else's to send; longer than a try may take.
    package static let lease = Duration.seconds(60)

    private let store: any Store
    private let rule: AlertRule
    private let webhook: Webhook
    private let sender: any WebhookSender
    private let ambient: Ambient
    private let logger: Logger

    package init(
        store: any Store,
        rule: AlertRule,
        webhook: Webhook,
        sender: any WebhookSender,
        ambient: Ambient,
        logger: Logger
    ) {
        self.store = store
        self.rule = rule
        self.webhook = webhook
        self.sender = sender
        self.ambient = ambient
        self.logger = logger
    }

    /// Works until it is cancelled, or until the receiver says that it wants no more: then it only raises.
    package func run() async {
        await withTaskGroup { group in
            group.addTask {
                await repeating(every: Self.judgeEvery) {
                    try await judge()
                    return true
                }
            }
            group.addTask {
                await repeating(every: Self.deliverEvery) { try await deliver() }
            }
        }
    }

    private func repeating(every span: Duration, _ work: () async throws -> Bool) async {
        while !Task.isCancelled {
            do {
                guard try await work() else { return }
            } catch {
                logger.warning("alerts could not be looked after", metadata: ["error": "\(error)"])
            }
            do { try await ambient.sleep(span) } catch { return }
        }
    }

    /// Raises what holds now and was not told.
    package func judge() async throws {
        let raised = try await store.judgeAlerts(by: rule, newID: newID, at: ambient.now())
        for raised in raised where raised.delivery == .due {
            logger.notice(
                "an alert was raised",
                metadata: [
                    "alert": "\(raised.alert.key.kind.rawValue)", "subject": "\(raised.alert.name)",
                ]
            )
        }
    }

    /// Sends everything that is due; whether the receiver still wants more.
    package func deliver() async throws -> Bool {
        while !Task.isCancelled {
            let now = ambient.now()
            guard let alert = try await store.takeAlert(until: now + Self.lease, at: now) else {
                return true
            }
            let reply = await post(alert.message, id: alert.messageID)
            // A sender that was told to end has no word on what it was sending.
            if Task.isCancelled, reply.isFailure { return true }
            try await finish(alert, reply)
            if reply == .status(410) {
                logger.error("the webhook answered 410: nothing is sent any more until a restart")
                return false
            }
        }
        return true
    }

    /// Sends a message of the type `purser.test`, once; the status of the answer.
    package func test() async throws(AlertError) -> (id: String, status: Int) {
        let id = Self.messageID(newID())
        let message: JSONOutput = [
            "type": "purser.test", "timestamp": JSONOutput(ambient.now()), "data": .object([]),
        ]
        switch await post(message, id: id) {
        case .failed(let reason): throw .unreachable(reason)
        case .status(let status):
            guard (200..<300).contains(status) else { throw .refused(status) }
            return (id, status)
        }
    }

    static func messageID(_ id: AlertID) -> String { "msg_\(id)" }

    private func newID() -> AlertID {
        let (high, low) = ambient.randomWords()
        return AlertID(high: high, low: low)
    }

    private func post(_ message: JSONOutput, id: String) async -> WebhookReply {
        let body = Array(message.compact.utf8)
        let seconds = ambient.now().milliseconds / 1000
        let signature = webhook.key.signature(id: id, timestamp: seconds, body: body)
        return await sender.post(
            body,
            headers: [
                ("Content-Type", "application/json"), ("webhook-id", id),
                ("webhook-timestamp", "\(seconds)"), ("webhook-signature", signature),
            ],
            to: webhook.url
        )
    }

    private func finish(_ alert: RaisedAlert, _ reply: WebhookReply) async throws {
        let now = ambient.now()
        let attempt: AlertAttempt
        switch reply {
        case .status(200..<300): attempt = .delivered
        case .status(410): attempt = .givenUp("the webhook wants no more: it answered 410")
        case .status(let status):
            attempt = retry(alert, "the webhook answered \(status)", at: now)
        case .failed(let reason): attempt = retry(alert, reason, at: now)
        }
        try await store.finishAlert(alert, as: attempt, at: now)
        if case .givenUp(let reason) = attempt {
            logger.error(
                "an alert was given up",
                metadata: ["alert": "\(alert.alert.key.kind.rawValue)", "error": "\(reason)"]
            )
        }
    }

    private func retry(_ alert: RaisedAlert, _ reason: String, at now: Timestamp) -> AlertAttempt {
        AlertRetry.attempt(
            failing: reason,
            of: alert,
            chance: ambient.randomWords().0,
            at: now
        )
    }
}

extension WebhookReply {
    fileprivate var isFailure: Bool {
        if case .failed = self { true } else { false }
    }
}

/// Why a message did not arrive.
package enum AlertError: Failure {
    case unreachable(String)
    case refused(Int)

    package var kind: FailureKind {
        switch self {
        case .unreachable: .upstreamUnreachable
        case .refused: .upstreamRefused
        }
    }

    package var message: String {
        switch self {
        case .unreachable(let reason): "the webhook could not be reached: \(reason)"
        case .refused(let status): "the webhook answered \(status), not 2xx"
        }
    }

    package var hint: String? {
        switch self {
        case .unreachable: "check the network and [alerts] webhook, then try again"
        case .refused(500...599): "the receiver failed: look at its log, then try again"
        case .refused: "see that the receiver knows the secret; redirects are not followed"
        }
    }
}
