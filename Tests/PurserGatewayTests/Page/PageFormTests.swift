import PurserCore
import PurserEngine
import PurserPages
import Testing

@testable import PurserGateway

struct PageFormTests {
    @Test func `what a form held is wiped where it lies`() {
        var fields: [FormField: [UInt8]] = [
            .key: Array("psr_a key".utf8), .token: Array("a token".utf8),
        ]
        let before = fields.mapValues(Self.address)
        PageForm.wipe(&fields)
        #expect(fields.mapValues(Self.address) == before)
        #expect(fields.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }

    @Test func `a pasted field is a copy of its own, without the white space around it`()
        async throws
    {
        let form = try PageForm(Array("token=+a%20b%0D%0A&key=whole&reason=++".utf8))
        await form.withPasted(.token) { #expect(String(decoding: $0, as: UTF8.self) == "a b") }
        await form.withPasted(.key) { #expect(String(decoding: $0, as: UTF8.self) == "whole") }
        // The copies are wiped, and what they are of is not.
        #expect(form[.token] == " a b\r\n" && form[.key] == "whole")
        await form.withPasted(.reason) { #expect($0.isEmpty) }
        await form.withPasted(.next) { #expect($0.isEmpty) }
    }

    @Test func `a form has a place in memory like any other body`() async throws {
        try await withGateway(.with { $0.limits.bodyMemory = 4096 }) { home in
            let browser = try await home.browser("ada", role: .operator)
            let long = String(repeating: "x", count: 6000)
            let reply = try await browser.submit("/page/route", [(.request, long)])
            #expect(reply.status == 503)
            let short = try await browser.submit("/page/route", [(.request, textBody())])
            #expect(short.status == 200)
        }
    }

    @Test func `a session that ends while its form is on the way does nothing any more`()
        async throws
    {
        try await withGateway { home in
            let browser = try await home.browser("ada", role: .operator)
            let page = try #require(home.gateway.responder.page)
            let secret = String(try #require(browser.cookie).dropFirst("purser=".count))
            let form = "form-token=\(SessionMark.formToken(of: secret))&reason=late"
            let head = """
                POST /page/accounts/ultra/pause HTTP/1.1\r\nHost: 127.0.0.1:\(home.port)\r
                Origin: http://127.0.0.1:\(home.port)\r\nCookie: purser=\(secret)\r
                Content-Type: application/x-www-form-urlencoded\r
                Content-Length: \(form.utf8.count)\r\nConnection: close\r\n\r\n
                """
            async let said = talk(to: home.port, head, form, pause: .seconds(3))
            // It has its place once it was seen whose it is; the form comes later.
            while home.gateway.responder.admission.requests == 0 { await Task.yield() }
            page.sessions.end(secret)
            #expect(try await said.hasPrefix("HTTP/1.1 403"))
            let accounts = try await home.engine.store.accounts()
            #expect(accounts.allSatisfy { $0.account.state == .enabled })
        }
    }

    private static func address(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
    }
}
