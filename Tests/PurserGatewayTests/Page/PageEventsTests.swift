import Foundation
import PurserCore
import PurserEngine
import PurserPages
import Testing

@testable import PurserGateway

@Suite(.timeLimit(.minutes(1)))
struct PageEventsTests {
    @Test func `a job's end and a pause from the command line are told, and others are served`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("bob")
            let browser = try await home.browser("ada", role: .operator)
            _ = try await home.post(textToVideo, textBody(), key: key)

            let ended = Task { try await browser.hear { $0.contains("event: moved\n") } }
            try await home.listeners(1)
            #expect(home.gateway.responder.admission.requests == 0)
            #expect(try await home.get("/healthz").status == 200)
            #expect(try await browser.get("/").status == 200)
            // The sandbox ends a job after a moment; asking writes the end down.
            try await Task.sleep(for: .milliseconds(300))
            _ = try await JobDesk(home.engine).check(waitingForQuiet: false)
            #expect(try await ended.value.contains("event: moved\n"))
            try await home.listeners(0)

            let paused = Task { try await browser.hear { $0.contains("event: moved\n") } }
            try await home.listeners(1)
            try await Task.sleep(for: .milliseconds(400))
            let account = try #require(
                try await home.engine.store.accounts().first { $0.account.name == "ultra" }
            ).account
            try await AccountRegister(
                store: home.engine.store,
                actor: Actor("cli:test"),
                now: { .now }
            ).pause(account, reason: "a test")
            #expect(try await paused.value.contains("event: moved\n"))
        }
    }

    @Test func `a word that was not heard is in the next`() async throws {
        try await withGateway { home in
            let events = PageEvents(home.engine)
            let ada = try await home.register.member(named: "owner").member.id
            let stream = try events.listen(ada)
            for hasMoved in [false, true, false, false, false] { events.tell(hasMoved: hasMoved) }
            let heard = await stream.words.first { _ in true }
            #expect(try #require(heard) > stream.known)
            let later = try events.listen(ada)
            #expect(later.known == heard)
        }
    }

    @Test func `a stream ends with its session`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .member)
            let heard = Task { try await browser.hear { _ in false } }
            try await home.listeners(1)
            try await home.register.revoke(try await home.register.member(named: "ada"), key: nil)
            _ = try await heard.value
            try await home.listeners(0)
            let again = try await browser.get(PagePath.events.rawValue)
            #expect(again.status == 204)
        }
    }

    @Test func `a gateway that ends does not wait for those who listen`() async throws {
        try await withGateway(.with { $0.drain = .seconds(120) }) { home in
            let browser = try await home.browser("ada", role: .member)
            let heard = Task { try? await browser.hear { _ in false } }
            try await home.listeners(1)
            let begun = ContinuousClock.now
            await home.shutDown()
            _ = await heard.value
            #expect(begun.duration(to: .now) < .seconds(60))
        }
    }

    @Test func `too many streams are refused, and whoever comes back is told at once`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .member)
            let page = try #require(home.gateway.responder.page)
            let ada = try await home.register.member(named: "ada").member.id
            let streams = try (0..<PageEvents.mostOfOne).map { _ in try page.events.listen(ada) }
            #expect(try await browser.get(PagePath.events.rawValue).status == 503)
            #expect(page.events.count == streams.count)
            withExtendedLifetime(streams) {}
        }
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .member)
            let said = try await talk(
                to: home.port,
                "GET /page/events HTTP/1.1\r\nHost: x\r\nCookie: \(browser.cookie ?? "")\r\n"
                    + "Last-Event-ID: 1\r\n\r\n"
            ) { $0.contains("event: moved") }
            #expect(said.contains("event: moved"))
            #expect(
                said.contains("Cache-Control: no-store") || said.contains("cache-control: no-store")
            )
        }
    }
}

extension GatewayHome {
    /// Waits until so many listen.
    fileprivate func listeners(_ count: Int) async throws {
        let events = try #require(gateway.responder.page).events
        for _ in 0..<1000 where events.count != count {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(events.count == count)
    }
}
