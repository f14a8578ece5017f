import PurserCore
import PurserPages
import Testing

@testable import PurserGateway

struct PageVisitTests {
    static let requests =
        [
            ("localhost:8080", [], true), ("127.0.0.1", [], true), ("[::1]:8080", [], true),
            ("purser.example.org", [], false), ("127.0.0.1.example.org", [], false),
            ("localhost", [("Origin", "http://localhost")], true),
            ("localhost", [("Origin", "http://purser.example.org")], false),
            ("localhost", [("Origin", "null")], false),
            ("localhost", [("X-Forwarded-For", "192.0.2.7")], false),
            ("localhost", [("Forwarded", "for=192.0.2.7")], false),
            ("localhost", [("X-Forwarded-Proto", "http")], false),
            ("localhost", [("X-Forwarded-Proto", "https, http")], false),
            ("purser.example.org", [("X-Forwarded-Proto", "https")], true),
            (
                "purser.example.org",
                [("X-Forwarded-Proto", "HTTPS"), ("X-Forwarded-For", "192.0.2.7")], true
            ),
            (
                "purser.example.org",
                [("X-Forwarded-Proto", "https"), ("Origin", "http://purser.example.org")], false
            ),
        ] as [(String, [(String, String)], Bool)]

    @Test func `a proxy on this machine is not this machine`() async throws {
        try await withGateway { home in
            var browser = try await home.browser("ada", role: .operator)
            for (host, fields, isUnheard) in Self.requests {
                let isSealed = fields.contains {
                    $0.0 == "X-Forwarded-Proto" && $0.1.lowercased() == "https"
                }
                let name = isSealed ? "__Host-purser=" : "purser="
                browser.cookie = browser.cookie.map { name + $0.drop { $0 != "=" }.dropFirst() }
                let question = try await browser.get(
                    PagePath.account("ultra", .rotate),
                    headers: [("Host", host)] + fields
                )
                #expect(question.status == 200, "\(host) \(fields)")
                let isAsked = question.text.contains("name=\"token\"")
                #expect(isAsked == isUnheard, "\(host) \(fields)")
            }
        }
    }

    @Test func `over TLS the cookie that is not bound to it opens nothing`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .member)
            #expect(try await browser.get("/").status == 200)
            let proxied = [("X-Forwarded-Proto", "https")]
            #expect(try await browser.get("/", headers: proxied).asksToSignIn)
            var sealed = browser
            sealed.cookie = browser.cookie.map { "__Host-" + $0 }
            #expect(try await sealed.get("/", headers: proxied).status == 200)
        }
    }

    @Test func `a token is not taken through a proxy that has no TLS`() async throws {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let rotate = PagePath.account("ultra", .rotate)
            let proxied = [("X-Forwarded-For", "192.0.2.7")]
            let question = try await browser.get(rotate, headers: proxied)
            #expect(!question.text.contains("name=\"token\""))
            let reply = try await browser.submit(
                rotate,
                [(.token, "fresh-token-of-ultra")],
                headers: proxied + [browser.origin]
            )
            #expect(reply.status == 403)
            #expect(try await home.lines(of: "page:ada") == [])
        }
    }
}
