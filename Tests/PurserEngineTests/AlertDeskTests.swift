import Foundation
import Logging
import PurserCore
import PurserEngine
import PurserTestSupport
import PurserVault
import Synchronization
import Testing

struct AlertDeskTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func desk(
        _ home: EngineHome,
        _ receiver: ScriptedReceiver,
        store: (any Store)? = nil
    ) throws -> AlertDesk {
        AlertDesk(
            store: store ?? home.engine.store,
            rule: AlertRule(lowCredits: [200]),
            webhook: Webhook(
                url: "https://hook.test/x",
                key: try WebhookKey(Secret(copying: Self.secret.utf8))
            ),
            sender: receiver,
            ambient: home.engine.ambient,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func `a message names what it tells of, and its signature is right in every try`()
        async throws
    {
        try await withEngine { home in
            try await home.add("a", .ultra, credits: 150)
            let receiver = ScriptedReceiver([.status(500), .failed("no route"), .status(204)])
            let desk = try desk(home, receiver)
            try await desk.judge()
            for _ in 0..<3 {
                #expect(try await desk.deliver())
                // Nobody tries again before the pause is over.
                #expect(try await desk.deliver())
                home.clock.advance(by: .seconds(5))
            }
            let posts = receiver.posts
            #expect(posts.count == 3)
            #expect(Set(posts.map { $0.headers["webhook-id"] }).count == 1)
            #expect(Set(posts.map { $0.headers["webhook-timestamp"] }).count == 3)
            #expect(Set(posts.map(\.body)).count == 1)
            for post in posts { #expect(post.headers["webhook-signature"] == signature(post)) }
            let body =
                #"{"type":"account.low_credits","timestamp":"2026-11-21T12:00:00.000Z","#
                + #""data":{"account":"a","credits":150,"threshold":200}}"#
            #expect(posts.first?.body == body)
            let told = try await home.engine.store.alerts(openOnly: false, limit: nil)
            #expect(told.map(\.delivery) == [.delivered])
            #expect(told.map(\.attempts) == [3])
        }
    }

    @Test func `a receiver that is away for an hour gets each message once when it is back`()
        async throws
    {
        try await withEngine { home in
            for name in ["a", "b", "c"] { try await home.add(name, .ultra, credits: 1) }
            let receiver = ScriptedReceiver([], otherwise: .failed("away"))
            let desk = try desk(home, receiver)
            try await desk.judge()
            for _ in 0..<3600 {
                #expect(try await desk.deliver())
                home.clock.advance(by: .seconds(1))
            }
            // Three messages, with pauses that double.
            #expect((3 * 10...3 * 16).contains(receiver.posts.count), "\(receiver.posts.count)")
            receiver.turn(to: .status(200))
            let before = receiver.posts.count
            for _ in 0..<7200 {
                #expect(try await desk.deliver())
                home.clock.advance(by: .seconds(1))
            }
            #expect(receiver.posts.count == before + 3)
            let told = try await home.engine.store.alerts(openOnly: true, limit: nil)
            #expect(told.allSatisfy { $0.delivery == .delivered })
        }
    }

    @Test func `after three days of failures a message is given up`() async throws {
        try await withEngine { home in
            try await home.add("a", .ultra, credits: 1)
            let receiver = ScriptedReceiver([], otherwise: .status(503))
            let desk = try desk(home, receiver)
            try await desk.judge()
            for _ in 0..<100 {
                #expect(try await desk.deliver())
                home.clock.advance(by: .seconds(3600))
            }
            let told = try #require(
                try await home.engine.store.alerts(openOnly: true, limit: nil).first
            )
            #expect(told.delivery == .givenUp)
            #expect(told.failure == "not delivered within 3 days: the webhook answered 503")
            #expect(receiver.posts.count == told.attempts)
            #expect((70...75).contains(told.attempts), "\(told.attempts)")
        }
    }

    @Test func `a receiver that answers 410 is left alone`() async throws {
        try await withEngine { home in
            for name in ["a", "b"] { try await home.add(name, .ultra, credits: 1) }
            let receiver = ScriptedReceiver([.status(410)], otherwise: .status(200))
            let desk = try desk(home, receiver)
            try await desk.judge()
            #expect(try await desk.deliver() == false)
            #expect(receiver.posts.count == 1)
            let told = try await home.engine.store.alerts(openOnly: true, limit: nil)
            #expect(Set(told.map(\.delivery)) == [.givenUp, .due])
        }
    }

    @Test func `it works until it is cancelled, whatever fails, and a restart repeats nothing`()
        async throws
    {
        try await withEngine { home in
            try await home.add("a", .ultra, credits: 1)
            let receiver = ScriptedReceiver([.failed("away"), .status(500)])
            let desk = try desk(home, receiver)
            let working = Task { await desk.run() }
            while receiver.posts.count < 3 { try await Task.sleep(for: .milliseconds(2)) }
            working.cancel()
            await working.value
            try await home.restarted { other in
                let again = try self.desk(other, receiver)
                try await again.judge()
                // What was cancelled on the way to the books goes out again when its lease ends.
                home.clock.advance(by: AlertDesk.lease)
                _ = try await again.deliver()
            }
            #expect(Set(receiver.posts.map { $0.headers["webhook-id"] }).count == 1)
            #expect(try await home.engine.store.alerts(openOnly: false, limit: nil).count == 1)
        }
    }

    @Test func `a test message says what became of it`() async throws {
        try await withEngine { home in
            let receiver = ScriptedReceiver([.status(200), .status(302), .failed("away")])
            let desk = try desk(home, receiver)
            let (id, status) = try await desk.test()
            let post = try #require(receiver.posts.first)
            #expect(status == 200 && post.headers["webhook-id"] == id)
            #expect(post.body.hasPrefix(#"{"type":"purser.test","timestamp":"2026-"#))
            #expect(post.headers["webhook-signature"] == signature(post))
            let refused = await #expect(throws: AlertError.self) { try await desk.test() }
            #expect(refused?.kind == .upstreamRefused)
            #expect(refused?.message == "the webhook answered 302, not 2xx")
            let away = await #expect(throws: AlertError.self) { try await desk.test() }
            #expect(away?.kind == .upstreamUnreachable)
        }
    }

    /// By RFC 2104 itself: the key is shorter than a block.
    private func signature(_ post: ScriptedReceiver.Post) -> String {
        let digits = String(Self.secret.dropFirst(6))
        let key = [UInt8](Data(base64Encoded: digits) ?? Data())
        let block = key + [UInt8](repeating: 0, count: 64 - key.count)
        let id = post.headers["webhook-id"] ?? ""
        let seconds = post.headers["webhook-timestamp"] ?? ""
        let inner = Digest.sha256(block.map { $0 ^ 0x36 } + "\(id).\(seconds).\(post.body)".utf8)
        let code = Digest.sha256(block.map { $0 ^ 0x5C } + inner)
        return "v1," + Data(code).base64EncodedString()
    }
}

/// Answers what a test says, and remembers what it was sent.
private final class ScriptedReceiver: WebhookSender {
    struct Post: Sendable {
        let body: String
        let headers: [String: String]
    }

    private struct State {
        var script: [WebhookReply]
        var otherwise: WebhookReply
        var posts: [Post] = []
    }

    private let state: Mutex<State>

    init(_ script: [WebhookReply], otherwise: WebhookReply = .status(200)) {
        state = Mutex(State(script: script, otherwise: otherwise))
    }

    var posts: [Post] { state.withLock { $0.posts } }

    func turn(to reply: WebhookReply) {
        state.withLock { $0.otherwise = reply }
    }

    func post(
        _ body: [UInt8],
        headers: [(name: String, value: String)],
        to url: String
    ) async -> WebhookReply {
        state.withLock { state in
            state.posts.append(
                Post(
                    body: String(decoding: body, as: UTF8.self),
                    headers: Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
                )
            )
            return state.script.isEmpty ? state.otherwise : state.script.removeFirst()
        }
    }
}
