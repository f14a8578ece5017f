import Foundation
import PurserCore
import PurserEngine
import PurserPages
import Synchronization
import Testing

@testable import PurserGateway

struct PageSessionsTests {
    /// Runs a test with sessions whose clock it turns.
    private func withSessions(
        _ body:
            @escaping @Sendable (PageSessions, MemberDesk.Holder, ManualClock) async throws ->
            Void
    ) async throws {
        try await withGateway { home in
            let members = MemberDesk(home.engine)
            let holder = try #require(try await members.identify(try await home.member("ada")))
            let clock = ManualClock()
            let ambient = Ambient(
                now: { clock.now },
                sleep: home.engine.ambient.sleep,
                randomWords: home.engine.ambient.randomWords
            )
            try await body(PageSessions(members, ambient: ambient), holder, clock)
        }
    }

    @Test func `a session ends after half an hour unused, and after twelve hours in any case`()
        async throws
    {
        try await withSessions { sessions, holder, clock in
            let secret = sessions.begin(holder)
            for _ in 0..<25 {
                clock.pass(.seconds(1700))
                let member = try await sessions.member(of: secret, isUse: true)
                #expect(member != nil)
            }
            clock.pass(.seconds(701))
            let late = try await sessions.member(of: secret, isUse: true)
            #expect(late == nil)
            #expect(sessions.count == 0)

            let idle = sessions.begin(holder)
            clock.pass(.seconds(1700))
            // A script that asks by itself keeps nothing alive.
            #expect(try await sessions.member(of: idle, isUse: false) != nil)
            clock.pass(.seconds(101))
            #expect(try await sessions.member(of: idle, isUse: false) == nil)
        }
    }

    @Test func `what the page fetches by itself is known by its header`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            _ = try await browser.submit(PagePath.account("ultra", .pause))
            let sessions = try #require(home.gateway.responder.page).sessions
            let secret = String(try #require(browser.cookie).dropFirst("purser=".count))
            // What came of an action is kept for somebody who looks.
            _ = try await browser.get("/", headers: [("Purser-Live", "1")])
            let notice = try #require(sessions.takeNotice(of: secret))
            sessions.leave(notice, in: secret)
            _ = try await browser.get("/")
            #expect(sessions.takeNotice(of: secret) == nil)
        }
    }

    @Test func `a clock that is set back lengthens no session`() async throws {
        try await withSessions { sessions, holder, clock in
            let secret = sessions.begin(holder)
            clock.pass(.seconds(-3600))
            let member = try await sessions.member(of: secret, isUse: true)
            #expect(member == nil)
        }
    }

    @Test func `of too many sessions the one that lay longest ends`() async throws {
        try await withSessions { sessions, holder, clock in
            var secrets: [String] = []
            for _ in 0..<PageSessions.mostOfOne {
                clock.pass(.seconds(1))
                secrets.append(sessions.begin(holder))
            }
            clock.pass(.seconds(1))
            _ = try await sessions.member(of: secrets[0], isUse: true)
            clock.pass(.seconds(1))
            _ = sessions.begin(holder)
            #expect(sessions.count == PageSessions.mostOfOne)
            #expect(try await sessions.member(of: secrets[0], isUse: true) != nil)
            #expect(try await sessions.member(of: secrets[1], isUse: true) == nil)
        }
    }

    @Test func `what comes of an action is told once`() async throws {
        try await withSessions { sessions, holder, _ in
            let secret = sessions.begin(holder)
            sessions.leave(.done(.pause, account: "ultra"), in: secret)
            #expect(sessions.takeNotice(of: secret) == .done(.pause, account: "ultra"))
            #expect(sessions.takeNotice(of: secret) == nil)
            sessions.leave(.signedOut, in: "nobody's")
            #expect(sessions.takeNotice(of: "nobody's") == nil)
        }
    }
}

private final class ManualClock: Sendable {
    private let time = Mutex(Timestamp.now)

    var now: Timestamp { time.withLock { $0 } }

    func pass(_ span: Duration) { time.withLock { $0 = $0 + span } }
}
