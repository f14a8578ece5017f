import Foundation
import Glibc
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserPages
import PurserSandbox
import Testing

@testable import PurserGateway

struct PageActionTests {
    @Test func `an action is done, told once, and in the audit trail as the member's`() async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let pause = PagePath.account("ultra", .pause)
            #expect(try await browser.get(pause).text.contains("form-token"))
            let reply = try await browser.submit(pause, [(.reason, "gone fishing")])
            #expect(reply.status == 303)
            #expect(reply.location == "/")
            #expect(try await home.state("ultra") == .paused(reason: "gone fishing"))
            let byScript = try await browser.get("/", headers: [("Sec-Fetch-Dest", "empty")])
            let first = try await browser.get("/").text
            #expect(try await browser.get("/").text != first)
            #expect(byScript.text != first)

            #expect(try await browser.submit(PagePath.account("ultra", .resume)).status == 303)
            #expect(try await home.state("ultra") == .enabled)
            #expect(try await browser.submit(PagePath.account("ultra", .refresh)).status == 303)
            #expect(
                try await home.lines(of: "page:ada") == [
                    "account.pause ultra gone fishing", "account.resume ultra ",
                    "account.refresh ultra ",
                ]
            )

            try home.sandbox.arm(SandboxFault(.answer, scope: .credits, status: 400))
            let failed = try await browser.submit(PagePath.account("tier-one", .refresh))
            #expect(failed.status == 502)
            #expect(try await home.lines(of: "page:ada").last == "account.refresh tier-one ")
        }
    }

    @Test func `a pasted token is probed, put in place, and nowhere to be read`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .owner)
            let rotate = PagePath.account("ultra", .rotate)
            #expect(try await browser.get(rotate).text.contains("name=\"token\""))

            let wrong = try await browser.submit(rotate, [(.token, "ya29.no-such-token")])
            #expect(wrong.status == 502)
            #expect(!wrong.text.contains("no-such-token"))
            let other = try await browser.submit(rotate, [(.token, "token-of-tier-one")])
            #expect(other.status == 409)
            #expect(other.text.contains("tier-one"))
            let unfit = try await browser.submit(rotate, [(.token, "a b\u{0}c")])
            #expect(unfit.status == 400)
            #expect(try await browser.submit(rotate, []).status == 400)
            let undated = try await browser.submit(
                rotate,
                [(.token, "fresh-token-of-ultra"), (.expiresAt, "2026-13-01")]
            )
            #expect(undated.status == 400)
            #expect(undated.text.contains("2026-12-31T18:00:00Z"))
            #expect(try await home.lines(of: "page:ada") == [])

            try home.sandbox.setToken(of: "ultra", to: "fresh-token-of-ultra")
            let reply = try await browser.submit(
                rotate,
                [(.token, " fresh-token-of-ultra\r\n"), (.expiresAt, "2046-12-31T18:00:00Z")]
            )
            #expect(reply.status == 303)
            let rotated = try await home.engine.store.accounts().first {
                $0.account.name == "ultra"
            }
            #expect(
                rotated?.account.tokenExpiresAt
                    == CalendarDay("2046-12-31").map { $0.start + .seconds(18 * 3600) }
            )
            #expect(try await home.lines(of: "page:ada") == ["account.rotate ultra version 2"])
            let sent = try await home.post(
                textToVideo,
                textBody(),
                key: try await home.member("bob")
            )
            #expect(sent.status == 200)
            #expect(!home.log.all.contains { $0.contains("token-of") })
        }
    }

    @Test(.enabled(if: ownAddress != nil))
    func `a token is not taken in clear from another machine`() async throws {
        try await withGateway(
            .with {
                $0.host = "0.0.0.0"
                $0.isInsecure = true
            }
        ) { home in
            let address = try #require(ownAddress)
            var browser = PageBrowser(home: home, host: address)
            let key = try await home.member("ada", role: .owner)
            #expect(try await browser.signIn(key).status == 303)
            let rotate = PagePath.account("ultra", .rotate)
            let question = try await browser.get(rotate)
            #expect(question.status == 200)
            #expect(!question.text.contains("name=\"token\""))
            let reply = try await browser.submit(rotate, [(.token, "fresh-token-of-ultra")])
            #expect(reply.status == 403)
            #expect(try await home.lines(of: "page:ada") == [])
            // What is no secret is done all the same.
            #expect(try await browser.submit(PagePath.account("ultra", .pause)).status == 303)
        }
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
            ("192.0.2.2", false), ("::ffff:192.0.2.2", false), ("fd00::2", false), ("local", false),
        ]
    )
    func `this machine's own addresses are known`(_ address: String, _ isOwn: Bool) {
        #expect(PageVisit.isLoopback(address) == isOwn)
    }

    @Test func `a form from elsewhere, or with another session's token, changes nothing`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let other = try await home.browser("bob", role: .operator)
            let pause = PagePath.account("ultra", .pause)
            let own = browser.origin
            let evil = ("Origin", "https://evil.example")
            let tokenOfOther = SessionMark.formToken(
                of: String(try #require(other.cookie).dropFirst("purser=".count))
            )
            for (headers, token) in [
                ([evil], nil), ([], nil), ([("Origin", "null")], nil),
                ([own, ("Sec-Fetch-Site", "cross-site")], nil),
                ([own, ("Sec-Fetch-Site", "same-site")], nil),
                ([own, ("Sec-Fetch-Site", "none")], nil),
                ([own], ""), ([own], tokenOfOther), ([own], String(repeating: "0", count: 64)),
            ] as [([(String, String)], String?)] {
                let reply = try await browser.submit(
                    pause,
                    formToken: token,
                    headers: headers
                )
                #expect(reply.status == 403, "\(headers) \(token ?? "")")
            }
            let key = try await home.member("eve")
            let signIn = try await PageBrowser(home: home).submit(
                "/page/sign-in",
                [(.key, key)],
                headers: [evil]
            )
            #expect(signIn.status == 403)
            #expect(signIn.cookies.isEmpty)
            // Whoever is told no more would try again and again.
            #expect(signIn.text.contains("must pass Host on"))
            #expect(try await browser.submit("/page/sign-out", headers: [evil]).status == 403)
            #expect(try await home.state("ultra") == .enabled)
            #expect(try await browser.get("/").status == 200)
        }
    }

    @Test func `a form that is too large, of another kind, or has other fields is refused`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let pause = PagePath.account("ultra", .pause)
            let long = String(repeating: "x", count: 20_000)
            #expect(try await browser.submit(pause, [(.reason, long)]).status == 413)
            let lines = try await browser.submit(pause, [(.reason, "one\ntwo")])
            #expect(lines.status == 400)
            #expect(lines.text.contains("one line"))
            let json = try await home.post(
                "/page/sign-in",
                "{}",
                key: nil,
                headers: [browser.origin]
            )
            #expect(json.status == 400)
            #expect(throws: Problem.self) { try PageForm(Array("key=a&key=b".utf8)) }
            #expect(throws: Problem.self) { try PageForm(Array("colour=red".utf8)) }
            #expect(throws: Problem.self) { try PageForm(Array("key=%4".utf8)) }
            #expect(throws: Problem.self) { try PageForm(Array("key=%zz".utf8)) }
            #expect(throws: Problem.self) { try PageForm(Array("reason=%ff%fe".utf8)) }
            #expect(throws: Problem.self) { try PageForm(Array("token=a%c3".utf8)) }
            let form = try PageForm(Array("key=a+%2B%C3%A9&token=".utf8))
            #expect(form[.key] == "a +é")
            #expect(form[.token] == nil && form[.reason] == nil)
        }
    }

    @Test func `hostile words are shown as words`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .owner)
            let hostile = #"<script>alert(1)</script>"'><img src=x onerror=alert(1)>"#
            let escaped = PageBrowser.escaped(hostile)
            // The service's own words of a job and of a balance are no better.
            try home.sandbox.arm(SandboxFault(.failJobs, reason: hostile))
            _ = try await home.post(textToVideo, textBody(), key: try await home.member("bob"))
            try await Task.sleep(for: .milliseconds(300))
            _ = try await JobDesk(home.engine).check(waitingForQuiet: false)
            try home.sandbox.arm(
                SandboxFault(
                    .answer,
                    scope: .credits,
                    status: 400,
                    reason: hostile,
                    message: hostile
                )
            )
            let refused = try await browser.submit(PagePath.account("tier-one", .refresh))
            #expect(refused.status == 502)
            #expect(!refused.text.contains("<script>alert") && !refused.text.contains("<img src=x"))
            #expect(try await home.engine.store.jobs(JobFilter()).first?.failure == hostile)
            _ = try await browser.submit(PagePath.account("ultra", .pause), [(.reason, hostile)])
            for path in [
                "/", "/page/jobs", PagePath.account("ultra", .resume), "/page/audit",
                "/page/audit?actor=\(escaped)", "/page/spend?from=\(escaped)",
                "/page/jobs?\(escaped)=1", "/page/\(escaped)",
                "/page/sign-in?next=\(escaped)",
            ] {
                let text = try await browser.get(path).text
                #expect(!text.contains("<script>alert"), "\(path)")
                #expect(!text.contains("<img src=x"), "\(path)")
            }
            let route = try await browser.submit(
                "/page/route",
                [(.request, hostile), (.member, hostile)]
            )
            #expect(!route.text.contains("<script>alert") && !route.text.contains("<img src=x"))
        }
    }
}

extension GatewayHome {
    fileprivate func state(_ name: String) async throws -> AccountState? {
        try await engine.store.accounts().first { $0.account.name == name }?.account.state
    }
}

/// An address of this machine that others would use; `nil`, it has none.
private let ownAddress: String? = {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    for entry in sequence(first: list, next: { $0?.pointee.ifa_next }) {
        guard let address = entry?.pointee.ifa_addr, address.pointee.sa_family == AF_INET else {
            continue
        }
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
            var host = address.pointee.sin_addr
            _ = inet_ntop(AF_INET, &host, &text, socklen_t(text.count))
        }
        let name = String(
            decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        if !name.hasPrefix("127.") { return name }
    }
    return nil
}()
