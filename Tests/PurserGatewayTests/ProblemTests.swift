import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

struct ProblemTests {
    @Test func `the document lists every reason with its status`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Documentation/Gateway.md"),
            encoding: .utf8
        )
        var listed: [String: Int] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `PURSER_") {
            let cells = line.split(separator: "|").map { $0.trimmingPrefix(while: \.isWhitespace) }
            let reason = cells[0].split(separator: "`")[0]
            listed[String(reason)] = Int(cells[1].prefix { $0.isNumber })
        }
        let known = Problem.Reason.allCases.map { ($0.rawValue, $0.status) }
        #expect(listed == Dictionary(uniqueKeysWithValues: known))
    }

    @Test func `every kind of failure is an answer of its own side's fault`() {
        for kind in FailureKind.allCases {
            #expect((400..<600).contains(kind.reason.status), "\(kind)")
        }
    }

    @Test func `what this machine has trouble with is not told to members`() {
        let now = Timestamp.now
        let problem = Problem(StoreError.noRoom(path: "/srv/purser"), at: now)
        #expect(problem.status == 503)
        #expect(!problem.message.contains("/srv"))
        let other = Problem(URLError(.badURL), at: now)
        #expect(other.status == 500 && other.reason == .internal)
        let left = Problem(CancellationError(), at: now)
        #expect(left.status == 503 && left.reason == .busy)
    }

    @Test func `a request without a good key is told nothing but that`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let revoked = try await home.member("bob")
            let bob = try await home.register.member(named: "bob")
            try await home.register.revoke(bob, key: nil)
            try await Task.sleep(for: MemberDesk.refreshEvery)
            let wrong = String(key.dropLast(8)) + "00000000"
            var replies: [Reply] = []
            for presented in [nil, "psr_nobody", wrong, revoked, "ya29.token"] {
                replies.append(try await home.post(textToVideo, textBody(), key: presented))
            }
            #expect(Set(replies.map(\.text)).count == 1)
            #expect(replies.allSatisfy { $0.status == 401 })
            #expect(replies.allSatisfy { $0.reason == "PURSER_UNAUTHENTICATED" })
            #expect(replies.allSatisfy { $0.headers["www-authenticate"] == ["Bearer"] })
            #expect(home.sandbox.requests().isEmpty)
        }
    }

    @Test func `a role decides what its key opens`() async throws {
        try await withGateway { home in
            let auditor = try await home.member("ann", role: .auditor)
            let reply = try await home.post(textToVideo, textBody(), key: auditor)
            #expect(reply.status == 403 && reply.reason == "PURSER_NOT_ALLOWED")
            #expect(try await home.get("/v1/credits", key: auditor).status == 200)
        }
    }

    @Test func `a mistake in a body is told with its place`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            for body in ["// a comment\n{}", "{", "", "[]", textBody("no_such_model")] {
                let reply = try await home.post(textToVideo, body, key: key)
                #expect(reply.status == 400, "\(body)")
                #expect(reply.reason == "PURSER_INVALID_REQUEST", "\(body)")
            }
            let long = String(repeating: "k", count: 256)
            let reply = try await home.post(
                textToVideo,
                textBody(),
                key: key,
                headers: [("Idempotency-Key", long)]
            )
            #expect(reply.status == 400)
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `budgets and limits that are lacking are told apart, with when to come back`()
        async throws
    {
        try await withGateway { home in
            let poor = try await home.member("bob", budget: 5)
            let limited = try await home.member(
                "eve",
                limits: MemberLimits(
                    spending: [SpendingLimit(window: .day, credits: Credits(unchecked: 5))]
                )
            )
            let budget = try await home.post(textToVideo, textBody(), key: poor)
            let day = try await home.post(textToVideo, textBody(), key: limited)

            #expect(budget.status == 429 && day.status == 429)
            #expect(day.reason == "PURSER_NOT_ENOUGH_BUDGET")
            #expect(budget.reason == "PURSER_NOT_ENOUGH_BUDGET")
            let wait = day.headers["retry-after"].first.flatMap { Int($0) } ?? 0
            #expect((1...86_400).contains(wait))
            #expect(budget.headers["retry-after"].count == 1)
            #expect(home.submissions().isEmpty)
        }
    }

    @Test func `a pool that is not in use refuses, and says nothing of its accounts`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            for overview in try await home.engine.store.accounts() {
                try await home.engine.store.updateAccount(
                    overview.account.id,
                    AccountChange(state: .paused(reason: "test")),
                    audit: AuditRecord(
                        actor: Actor("test"),
                        verb: "account.pause",
                        subject: overview.account.name
                    ),
                    at: .now
                )
            }
            let reply = try await home.post(textToVideo, textBody(), key: key)
            #expect(reply.status == 429)
            #expect(reply.reason == "PURSER_NO_ELIGIBLE_ACCOUNT")
            #expect(reply.headers["retry-after"] == ["60"])
            #expect(!reply.text.contains("ultra"))
        }
    }

    @Test func `unknown paths and wrong methods have the envelope too`() async throws {
        try await withGateway { home in
            let unknown = try await home.get("/v1/secret?key=psr_x")
            let method = try await home.get(textToVideo)
            #expect(unknown.status == 404 && unknown.reason == "PURSER_NOT_FOUND")
            #expect(method.status == 405 && method.headers["allow"] == ["POST"])
            #expect(!home.log.all.joined().contains("psr_x"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `health and readiness need no key`() async throws {
        try await withGateway { home in
            #expect(try await home.get("/healthz").status == 200)
            let ready = try await home.get("/readyz")
            #expect(ready.status == 200)
            #expect(ready.text.contains(#""status":"ready","upstream":"unknown""#))
            let key = try await home.member("ada")
            _ = try await home.post(textToVideo, textBody(), key: key)
            // An answer is kept for a second.
            while try await !home.get("/readyz").text.contains(#""upstream":"seen""#) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
