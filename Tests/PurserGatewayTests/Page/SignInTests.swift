import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserPages
import Testing

@testable import PurserGateway

struct SignInTests {
    @Test func `a member signs in with a key, looks, and signs out`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            var browser = PageBrowser(home: home)
            #expect(try await browser.get("/").location == "/page/sign-in")
            let jobs = try await browser.get("/page/jobs?open=true")
            #expect(jobs.location == "/page/sign-in?next=/page/jobs%3Fopen%3Dtrue")
            let form = try await browser.get("/page/sign-in?next=/page/jobs%3Fopen%3Dtrue")
            #expect(
                form.status == 200 && form.text.contains("/page/jobs?open&#x3D;true")
                    || form.text.contains("/page/jobs?open=true")
            )

            let signedIn = try await browser.signIn(key, next: "/page/jobs?open=true")
            #expect(signedIn.status == 303)
            #expect(signedIn.location == "/page/jobs?open=true")
            #expect(signedIn.cookies.count == 1)
            let page = try await browser.get("/")
            #expect(page.status == 200)
            #expect(page.text.contains("ada"))
            #expect(!page.text.contains(key))
            #expect(try await browser.get("/page/sign-in").location == "/")

            let left = try await browser.submit("/page/sign-out")
            #expect(left.status == 200)
            #expect(left.cookies.count == 2)
            #expect(left.cookies.allSatisfy { $0.contains("Max-Age=0") })
            #expect(try await browser.get("/").asksToSignIn)
            #expect(!home.log.all.contains { $0.contains(key) || $0.contains("?") })
        }
    }

    @Test func `the cookie is the browser's alone, on this host and for same-site requests`()
        async throws
    {
        try await withGateway { home in
            var browser = PageBrowser(home: home)
            let reply = try await browser.signIn(try await home.member("ada"))
            let cookie = try #require(reply.cookies.first)
            #expect(cookie.hasPrefix("purser="))
            for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"] {
                #expect(cookie.contains(part))
            }
            #expect(!cookie.contains("Secure") && !cookie.contains("Domain"))
            #expect(cookie.prefix { $0 != ";" }.dropFirst("purser=".count).count == 64)
            #expect(reply.headers.first(name: "Strict-Transport-Security") == nil)
            let page = try await browser.get("/")
            #expect(page.headers.first(name: "Cache-Control") == "no-store")
            #expect(page.headers.first(name: "X-Content-Type-Options") == "nosniff")
            #expect(page.headers.first(name: "X-Frame-Options") == "DENY")
            #expect(page.headers.first(name: "Referrer-Policy") == "same-origin")
            #expect(
                page.headers.first(name: "Content-Security-Policy") == """
                    default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
                    """
            )
            #expect(page.headers.first(name: "Access-Control-Allow-Origin") == nil)
        }
    }

    @Test(.enabled(if: Certificates.canBeMade))
    func `over TLS the cookie is bound to it, and browsers are told to stay with it`() async throws
    {
        try await Certificates.withFolder { folder in
            let files = try folder.make("a")
            try await withGateway(.with { $0.tls = files }) { home in
                let key = try await home.member("ada")
                try await folder.withClient(trusting: "a") { client in
                    var browser = PageBrowser(home: home, scheme: "https", client: client)
                    let reply = try await browser.signIn(key)
                    let cookie = try #require(reply.cookies.first)
                    #expect(cookie.hasPrefix("__Host-purser="))
                    for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
                        #expect(cookie.contains(part))
                    }
                    let page = try await browser.get("/")
                    #expect(page.status == 200)
                    let told = page.headers.first(name: "Strict-Transport-Security")
                    #expect(told == "max-age=31536000")
                }
            }
        }
    }

    @Test func `behind a proxy that has TLS the cookie is bound to it too`() async throws {
        try await withGateway { home in
            let reply = try await PageBrowser(home: home).submit(
                "/page/sign-in",
                [(.key, try await home.member("ada"))],
                headers: [
                    ("Origin", "https://purser.example.org"), ("Sec-Fetch-Site", "same-origin"),
                ]
            )
            #expect(reply.cookies.first?.hasPrefix("__Host-purser=") ?? false)
        }
    }

    @Test func `wrong, unknown, malformed and no keys are refused alike, and ever later`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            var browser = PageBrowser(home: home)
            let wrong = [key.dropLast() + (key.last == "a" ? "b" : "a"), "psr_x", "", "<script>"]
            var texts: Set<String> = []
            let begun = ContinuousClock.now
            for key in wrong {
                let reply = try await browser.signIn(String(key))
                #expect(reply.status == 403)
                #expect(reply.cookies.isEmpty)
                texts.insert(reply.text)
            }
            #expect(texts.count == 1)
            #expect(begun.duration(to: .now) >= .milliseconds(100))
            #expect(try await browser.signIn("  \(key)\n").status == 303)
        }
    }

    @Test func `a session ends within a second of a revoked key, member or role`() async throws {
        try await withGateway { home in
            let register = home.register
            for (name, role) in [("a", MemberRole.auditor), ("b", .owner), ("c", .member)] {
                let browser = try await home.browser(name, role: role)
                #expect(try await browser.get("/").status == 200)
                let member = try await register.member(named: name)
                switch name {
                case "a": try await register.revoke(member, key: member.keys[0].id)
                case "b": try await register.revoke(member, key: nil)
                default:
                    var change = MemberChange()
                    change.role = .operator
                    try await home.engine.store.updateMember(
                        member.member.id,
                        change,
                        audit: AuditRecord(actor: Actor("test"), verb: "member.set", subject: name),
                        at: .now
                    )
                }
                try await Task.sleep(for: .milliseconds(700))
                #expect(try await browser.get("/").asksToSignIn, "\(name)")
                #expect(try await browser.submit("/page/sign-out").asksToSignIn)
            }
        }
    }

    @Test func `a cookie opens no call, and a key no page`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada", role: .owner)
            var browser = PageBrowser(home: home)
            _ = try await browser.signIn(key)
            for path in ["/v1/credits", "/purser/v1/accounts", "/metrics"] {
                #expect(try await browser.get(path).status == 401)
            }
            #expect(try await home.get("/", key: key).text.contains("sign-in"))
            browser.cookie = nil
            let reply = try await browser.get(
                "/page/audit",
                headers: [("Authorization", "Bearer \(key)")]
            )
            #expect(reply.asksToSignIn)
        }
    }

    @Test func `nobody is sent anywhere but to these pages`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            for next in [
                "//evil.example", "https://evil.example/", "/\\evil.example", "/page/../v1/x",
                "/page/events", "/page/sign-out", "/v1/credits", "/page/jobs\r\nX: y",
                "javascript:0",
            ] {
                var browser = PageBrowser(home: home)
                #expect(try await browser.signIn(key, next: next).location == "/", "\(next)")
            }
        }
    }

    @Test func `without a page there is none`() async throws {
        try await withGateway(.with { $0.hasPage = false }) { home in
            for path in ["/", "/page/sign-in", "/page/events", "/page/style.css"] {
                let reply = try await PageBrowser(home: home).get(path)
                #expect(reply.status == 404)
                #expect(reply.reason == "PURSER_NOT_FOUND")
            }
        }
    }
}
